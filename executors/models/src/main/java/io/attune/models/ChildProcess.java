package io.attune.models;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/// A JVM with the class path of this one, for work that may take its process with it.
final class ChildProcess {
  private static final int SIGNALLED = 128;
  private static final int OUT_OF_HEAP = 3;
  private static final int SHOWN_CHARACTERS = 200;
  private static final int MAX_OUTPUT_BYTES = 1 << 16;
  private static final Map<Integer, String> SIGNALS =
      Map.of(
          4, "SIGILL", 6, "SIGABRT", 7, "SIGBUS", 8, "SIGFPE", 9, "SIGKILL", 11, "SIGSEGV", 24,
          "SIGXCPU", 25, "SIGXFSZ");

  private final Class<?> main;
  private final Path folder;

  /// @param main the class to run, given the folder as its one argument
  /// @param folder where it works: its temporary files, its output
  ChildProcess(Class<?> main, Path folder) {
    this.main = main;
    this.folder = folder;
  }

  /// Runs it and waits.
  ///
  /// @param what what it tries, for the message
  /// @throws FlowException where it does not end by itself, in time and with 0
  void run(Duration timeout, String what) throws IOException {
    Process process = start();
    try {
      if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
        throw FlowException.invalid(
            "%s: the process that tried it was not done after %d s (expected: a model that runs; or"
                    .formatted(what, timeout.toSeconds())
                + " give it more time)");
      }
      if (process.exitValue() != 0) {
        throw FlowException.invalid(
            "%s: the process that tried it %s (expected: a model that ONNX Runtime loads and runs"
                    .formatted(what, end(process.exitValue()))
                + " within its memory)"
                + lastOutput());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FlowException(ErrorCode.CANCELLED, what + ": interrupted while it was tried", e);
    } finally {
      end(process);
    }
  }

  private Process start() throws IOException {
    Path output = folder.resolve("output.txt");
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx512m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:+ExitOnOutOfMemoryError",
            "-XX:ErrorFile=" + folder.resolve("crash.log"),
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Djava.io.tmpdir=" + folder,
            main.getName(),
            folder.toString());
    Map<String, String> environment = builder.environment();
    // in the environment, not on the command line, which some native libraries cannot read long
    environment.put(
        "CLASSPATH", Objects.requireNonNull(System.getProperty("java.class.path"), "class path"));
    List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS").forEach(environment::remove);
    environment.put("ORT_DISABLE_TELEMETRY", "1");
    environment.put("MALLOC_ARENA_MAX", "2");
    return builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
  }

  private static void end(Process process) throws IOException {
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

  private static String end(int exitValue) {
    if (exitValue == OUT_OF_HEAP) {
      return "ran out of heap";
    }
    int signal = exitValue - SIGNALLED;
    String name = SIGNALS.get(signal);
    return name == null ? "ended with " + exitValue : "crashed with signal " + signal + ", " + name;
  }

  private String lastOutput() throws IOException {
    Path file = folder.resolve("output.txt");
    long size = Files.size(file);
    try (InputStream in = Files.newInputStream(file)) {
      in.skipNBytes(Math.max(0, size - MAX_OUTPUT_BYTES));
      List<String> lines = new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
      String line =
          lines.stream()
              .filter(l -> l.startsWith("#  SIG"))
              .findFirst()
              .orElse(lines.isEmpty() ? "" : lines.getLast())
              .replaceAll("[#\\p{Cntrl}]+", " ")
              .strip();
      String shown = line.substring(0, Math.min(line.length(), SHOWN_CHARACTERS));
      return shown.isEmpty() ? "" : "; it said: " + shown;
    }
  }
}
