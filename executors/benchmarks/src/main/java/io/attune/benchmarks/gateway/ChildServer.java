package io.attune.benchmarks.gateway;

import io.attune.flows.FlowPlan;
import io.attune.flows.Flows;
import io.attune.gateway.embedded.EmbeddedFlow;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.ExecutorContext;
import io.attune.runtime.FlowException;
import io.attune.runtime.Parameters;
import io.attune.runtime.server.ExecutorServer;
import io.attune.runtime.server.ServerOptions;
import io.attune.runtime.testing.EchoExecutor;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A JVM of its own that serves the echo executor, or a gateway before it, until it is closed or
/// this JVM ends.
final class ChildServer implements AutoCloseable {
  private static final String PORT = "port ";

  private final Process process;
  private final int port;

  private ChildServer(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /// Starts one; returns when it serves.
  ///
  /// @param arguments of [#main]
  static ChildServer start(String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-Xmx512m")); // as the launcher has it
    command.addAll(List.of("--sun-misc-unsafe-memory-access=allow", "-cp"));
    command.add(System.getProperty("java.class.path", "."));
    command.add(ChildServer.class.getName());
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command).redirectError(Redirect.appendTo(new File("/dev/null"))).start();
    BufferedReader output = process.inputReader();
    String line = output.readLine();
    while (line != null && !line.startsWith(PORT)) {
      line = output.readLine();
    }
    if (line == null) {
      process.destroyForcibly();
      throw new FlowException(
          ErrorCode.INTERNAL, "%s: did not start (expected: a port)".formatted(command));
    }
    return new ChildServer(process, Integer.parseInt(line.substring(PORT.length())));
  }

  int port() {
    return port;
  }

  @Override
  public void close() {
    process.destroyForcibly();
    process.onExit().join();
  }

  /// Serves: `executor`, or `gateway PORT` with the executor's port.
  @SuppressWarnings("SystemOut") // the other process reads it
  public static void main(String[] arguments) throws IOException, InterruptedException {
    int port =
        arguments[0].equals("executor")
            ? executor().port()
            : gateway(Integer.parseInt(arguments[1])).grpcPort();
    System.out.println(PORT + port);
    System.out.flush();
    while (System.in.read() >= 0) {
      // until the other process is gone
    }
    Runtime.getRuntime().halt(0);
  }

  private static ExecutorServer executor() {
    ExecutorContext context =
        new ExecutorContext(
            "echo",
            Parameters.EMPTY,
            Path.of("."),
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
    return ExecutorServer.start(
        new EchoExecutor(), context, ServerOptions.onPort(0).host("127.0.0.1"));
  }

  private static EmbeddedFlow gateway(int executor) throws InterruptedException {
    String yaml =
        """
        jtype: Flow
        gateway: {host: 127.0.0.1, port: 0}
        executors: [{name: echo, external: true, host: 127.0.0.1, port: %d}]
        """
            .formatted(executor);
    FlowPlan plan = Flows.with(Map.of(), Map.of()).text("gateway.yml", yaml, Path.of("."));
    return EmbeddedFlow.start(plan);
  }
}
