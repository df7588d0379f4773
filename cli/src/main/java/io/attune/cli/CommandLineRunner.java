package io.attune.cli;

import io.attune.flows.FlowProblemsException;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/// Parses a command line, runs its command, and turns failures into one line and an exit code.
final class CommandLineRunner {
  private final Console console;

  CommandLineRunner(PrintStream out, PrintStream err) {
    this.console = new Console(out, err);
  }

  /// Runs and answers the exit code.
  int run(String... arguments) {
    AttuneCommand root = new AttuneCommand(console);
    CommandLine line =
        new CommandLine(root, new CommandFactory(console))
            .setOut(writer(console.out()))
            .setErr(writer(console.err()))
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setUsageHelpAutoWidth(true)
            .setAbbreviatedOptionsAllowed(false)
            .setParameterExceptionHandler(this::wrongUsage)
            .setExecutionExceptionHandler(
                (failure, command, parsed) -> failed(failure, root.debug()));
    try {
      return line.execute(arguments);
    } catch (LinkageError | VirtualMachineError failure) {
      return broken(failure, root.debug());
    }
  }

  /// What no command can go on after: a native library that is not there, a full heap.
  private int broken(Error failure, boolean debug) {
    if (debug) {
      failure.printStackTrace(console.err());
    }
    console.error(failure.toString());
    console.hint(
        failure instanceof OutOfMemoryError
            ? "give it more memory: ATTUNE_JAVA_OPTS=-Xmx4g"
            : "--debug before the command shows where it happened");
    return ExitCode.FAILURE;
  }

  private int wrongUsage(ParameterException failure, String[] arguments) {
    CommandLine command = failure.getCommandLine();
    console.error(isUnknownCommand(failure) ? unknownCommand(failure) : messageOf(failure));
    if (!UnmatchedArgumentException.printSuggestions(failure, writer(console.err()))) {
      String name = command.getCommandSpec().qualifiedName(" ");
      console.hint("see " + name.replaceFirst("^attune", "attune help"));
    }
    return ExitCode.USAGE;
  }

  private static boolean isUnknownCommand(ParameterException failure) {
    return failure instanceof UnmatchedArgumentException unmatched
        && !unmatched.isUnknownOption()
        && !failure.getCommandLine().getSubcommands().isEmpty();
  }

  private static String unknownCommand(ParameterException failure) {
    String name = failure.getCommandLine().getCommandSpec().qualifiedName(" ");
    return "command: %s (expected: one that %s lists)"
        .formatted(
            ((UnmatchedArgumentException) failure).getUnmatched().getFirst(),
            name.replaceFirst("^attune", "attune help"));
  }

  private int failed(Exception failure, boolean debug) {
    if (Closing.processStops()) {
      return ExitCode.INTERRUPTED;
    }
    if (debug) {
      failure.printStackTrace(console.err());
    }
    console.error(messageOf(failure));
    String hint = hintFor(failure);
    if (hint != null) {
      console.hint(hint);
    } else if (!debug
        && codeOf(failure) == ExitCode.FAILURE
        && !(failure instanceof FlowException)) {
      console.hint("--debug before the command shows where it happened");
    }
    return codeOf(failure);
  }

  private static PrintWriter writer(PrintStream stream) {
    return new PrintWriter(stream, true, StandardCharsets.UTF_8);
  }

  private static String messageOf(Exception failure) {
    String message = failure.getMessage();
    if (failure instanceof NoSuchFileException) {
      return "no such file: " + message;
    }
    if (failure instanceof FileSystemException file) {
      String reason = file.getReason();
      return file.getFile() + ": " + (reason == null ? failure.getClass().getSimpleName() : reason);
    }
    return message == null ? failure.getClass().getSimpleName() : message;
  }

  private static @Nullable String hintFor(Exception failure) {
    if (!(failure instanceof FlowException flow)) {
      return null;
    }
    String message = String.valueOf(flow.getMessage());
    if (flow.code() == ErrorCode.UNAVAILABLE) {
      return "is the Flow running? attune ping flow HOST:PORT tells";
    }
    if (flow.code() == ErrorCode.NOT_FOUND && message.startsWith("model: ")) {
      return "attune models list shows what is there";
    }
    if (flow.code() == ErrorCode.NOT_FOUND && message.startsWith("run: ")) {
      return "attune runs list shows what is there";
    }
    return flow.code() == ErrorCode.RESOURCE_EXHAUSTED && message.contains("-Xmx")
        ? "set it in ATTUNE_JAVA_OPTS"
        : null;
  }

  static int codeOf(Exception failure) {
    if (failure instanceof FlowException flow) {
      return switch (flow.code()) {
        case INVALID_ARGUMENT -> ExitCode.USAGE;
        case UNAVAILABLE, DEADLINE_EXCEEDED -> ExitCode.UNAVAILABLE;
        case CANCELLED -> ExitCode.INTERRUPTED;
        case UNAUTHENTICATED,
            PERMISSION_DENIED,
            NOT_FOUND,
            ALREADY_EXISTS,
            FAILED_PRECONDITION,
            RESOURCE_EXHAUSTED,
            INTERNAL,
            DATA_LOSS,
            UNIMPLEMENTED ->
            ExitCode.FAILURE;
      };
    }
    return failure instanceof IllegalArgumentException
            || failure instanceof NoSuchFileException
            || failure instanceof FlowProblemsException
        ? ExitCode.USAGE
        : ExitCode.FAILURE;
  }
}
