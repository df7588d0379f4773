package io.attune.benchmarks;

import static java.util.stream.Collectors.joining;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.process.ClassArchive;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A JVM of its own that serves on ports, started as the launcher starts one, until it is killed or
/// this JVM lets go of its input.
public final class ChildJvm implements AutoCloseable {
  private static final String PORT = "port ";

  private final Process process;
  private final List<Integer> ports;

  private ChildJvm(Process process, List<Integer> ports) {
    this.process = process;
    this.ports = ports;
  }

  /// Starts a program and waits until it prints `port` and one or more numbers.
  ///
  /// @param main its class, on this JVM's class path
  /// @param heap its most heap, such as `512m`
  /// @param arguments what it is given
  /// @throws FlowException where it ends without that line
  public static ChildJvm start(Class<?> main, String heap, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-Xlog:disable", "-Xmx" + heap)); // as the launcher
    command.addAll(ClassArchive.arguments());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(List.of("--sun-misc-unsafe-memory-access=allow", "-cp"));
    command.add(System.getProperty("java.class.path", "."));
    command.add(main.getName());
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectError(Redirect.DISCARD).start();
    BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
    String line = output.readLine();
    while (line != null && !line.startsWith(PORT)) {
      line = output.readLine();
    }
    if (line == null) {
      process.destroyForcibly();
      throw new FlowException(
          ErrorCode.INTERNAL, "%s: did not start (expected: a port)".formatted(command));
    }
    return new ChildJvm(
        process,
        Arrays.stream(line.substring(PORT.length()).split(" ", -1)).map(Integer::valueOf).toList());
  }

  /// Says the ports on the started program's side, and waits until its parent lets go or ends.
  ///
  /// @param output what the program was given as its standard output
  public static void serve(PrintStream output, int... ports) throws IOException {
    output.println(PORT + Arrays.stream(ports).mapToObj(String::valueOf).collect(joining(" ")));
    output.flush();
    while (System.in.read() >= 0) {
      // it sends nothing
    }
  }

  /// The first number that the program printed.
  public int port() {
    return ports.getFirst();
  }

  /// The numbers that the program printed.
  public List<Integer> ports() {
    return ports;
  }

  /// What it has in memory now, in bytes.
  public long residentBytes() throws IOException {
    return ResidentMemory.bytes(process.pid());
  }

  /// Ends it as `kill -9` does.
  @Override
  public void close() {
    process.destroyForcibly();
    var _ = process.onExit().join();
  }
}
