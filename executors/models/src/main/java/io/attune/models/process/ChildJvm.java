package io.attune.models.process;

import io.attune.runtime.FlowException;
import io.attune.runtime.process.ClassArchive;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/// A JVM with the class path of this one, for work that may take its process with it.
///
/// Its heap is bounded here; what native code takes past the heap it bounds itself, first thing,
/// through [ProcessLimits]. An exhausted heap ends it.
///
/// This JVM's system property [#OPTIONS] names more options for it, with spaces between: a JVM of
/// which many short children are started may tell them to compile less.
///
/// @param main the class to run
/// @param arguments what its main is given
/// @param heapBytes the most its heap may grow to, 16 MiB or more
/// @param folder where it works: temporary files, and `crash.log` after a native crash
/// @param options further options of the JVM
public record ChildJvm(
    Class<?> main, List<String> arguments, long heapBytes, Path folder, List<String> options) {
  /// The system property that names options for every child.
  public static final String OPTIONS = "attune.child.options";

  /// What [ProcessHandle] and the shell add to a signal's number.
  private static final int SIGNALLED = 128;

  private static final String INCUBATOR = "WARNING: Using incubator modules";
  private static final int OUT_OF_HEAP = 3;
  private static final long LEAST_HEAP = 16L << 20;
  private static final int SHOWN_CHARACTERS = 200;
  private static final int MAX_OUTPUT_BYTES = 1 << 16;
  private static final Map<Integer, String> SIGNALS =
      Map.of(
          2, "SIGINT", 4, "SIGILL", 6, "SIGABRT", 7, "SIGBUS", 8, "SIGFPE", 9, "SIGKILL", 11,
          "SIGSEGV", 15, "SIGTERM", 24, "SIGXCPU", 25, "SIGXFSZ");

  public ChildJvm {
    arguments = List.copyOf(arguments);
    options = List.copyOf(options);
    if (heapBytes < LEAST_HEAP) {
      throw FlowException.invalid(
          "heap: " + heapBytes + " bytes (expected: " + LEAST_HEAP + " or more)");
    }
  }

  /// Starts it. Its standard input is a pipe that ends with this process.
  ///
  /// @param output where its standard output and error go, appended
  public Process start(Path output) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx" + (heapBytes >> 10) + "k");
    command.add("-XX:+UseSerialGC");
    command.add("-XX:+ExitOnOutOfMemoryError");
    command.addAll(ClassArchive.arguments());
    command.add("-XX:ErrorFile=" + folder.resolve("crash.log"));
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("--sun-misc-unsafe-memory-access=allow");
    command.add("-Djava.io.tmpdir=" + folder);
    command.addAll(options);
    Pattern.compile(" +")
        .splitAsStream(System.getProperty(OPTIONS, ""))
        .filter(option -> !option.isEmpty())
        .forEach(command::add);
    command.add(main.getName());
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    Map<String, String> environment = builder.environment();
    // in the environment, not on the command line, which some native libraries cannot read long
    environment.put(
        "CLASSPATH", Objects.requireNonNull(System.getProperty("java.class.path"), "class path"));
    List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS").forEach(environment::remove);
    environment.put("ORT_DISABLE_TELEMETRY", "1");
    environment.put("MALLOC_ARENA_MAX", "2");
    return builder
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
        .start();
  }

  /// Ends a process, whatever it does, and waits for that.
  public static void end(Process process) throws IOException {
    process.destroyForcibly();
    boolean interrupted = false;
    while (process.isAlive()) {
      try {
        process.waitFor();
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    process.getOutputStream().close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /// How a process ended, as the end of a sentence: `ran out of heap`, `crashed with signal 11,
  /// SIGSEGV`, `ended with 1`.
  public static String ending(int exitValue) {
    if (isOutOfHeap(exitValue)) {
      return "ran out of heap";
    }
    int signal = exitValue - SIGNALLED;
    String name = SIGNALS.get(signal);
    return name == null ? "ended with " + exitValue : "crashed with signal " + signal + ", " + name;
  }

  /// Whether a process ended because its heap was full.
  public static boolean isOutOfHeap(int exitValue) {
    return exitValue == OUT_OF_HEAP;
  }

  /// What a process said last, on one short line; the signal where its JVM reports a crash.
  ///
  /// @param output the file its output went to
  /// @param from the byte its output began at
  public static Optional<String> lastWords(Path output, long from) throws IOException {
    long size = Files.size(output);
    try (InputStream in = Files.newInputStream(output)) {
      in.skipNBytes(Math.min(size, Math.max(from, size - MAX_OUTPUT_BYTES)));
      List<String> lines =
          new String(in.readAllBytes(), StandardCharsets.UTF_8)
              .lines()
              .filter(line -> !line.isBlank() && !line.startsWith(INCUBATOR))
              .toList();
      String line =
          lines.stream()
              .filter(each -> each.startsWith("#  SIG"))
              .findFirst()
              .orElse(lines.isEmpty() ? "" : lines.getLast())
              .replaceAll("[#\\p{Cntrl}]+", " ")
              .strip();
      return Optional.of(line.substring(0, Math.min(line.length(), SHOWN_CHARACTERS)))
          .filter(shown -> !shown.isEmpty());
    }
  }
}
