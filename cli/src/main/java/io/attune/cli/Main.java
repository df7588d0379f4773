package io.attune.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/// The entry point of the command line: connects the streams, runs the command, and exits with its
/// code (see [ExitCode]).
public final class Main {
  /// Kept, as a logger that nobody holds forgets its level. A call that fails says why itself.
  private static final Logger GRPC = Logger.getLogger("io.grpc");

  private Main() {}

  public static void main(String[] arguments) {
    PrintStream out =
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    PrintStream err = standardError();
    System.setErr(err);
    Logger.getLogger("").setLevel(Level.WARNING); // Lucene greets at INFO
    GRPC.setLevel(Level.SEVERE);
    int code = new CommandLineRunner(out, err).run(arguments);
    out.flush();
    err.flush();
    System.exit(code);
  }

  /// The user's standard error: the launcher keeps it on another descriptor, so that the warnings
  /// of the JVM and of native libraries, which write to descriptor 2, do not reach the screen.
  private static PrintStream standardError() {
    @Nullable Integer descriptor = Integer.getInteger("attune.stderr");
    OutputStream err =
        descriptor == null
            ? new FileOutputStream(FileDescriptor.err)
            : new DescriptorOutput(descriptor);
    return new PrintStream(err, true, StandardCharsets.UTF_8);
  }
}
