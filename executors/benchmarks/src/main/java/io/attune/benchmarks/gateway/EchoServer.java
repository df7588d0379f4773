package io.attune.benchmarks.gateway;

import io.attune.benchmarks.ChildJvm;
import io.attune.flows.FlowPlan;
import io.attune.flows.Flows;
import io.attune.gateway.embedded.EmbeddedFlow;
import io.attune.runtime.ExecutorContext;
import io.attune.runtime.Parameters;
import io.attune.runtime.server.ExecutorServer;
import io.attune.runtime.server.ServerOptions;
import io.attune.runtime.testing.EchoExecutor;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/// The program of the other JVMs: serves the echo executor, or a gateway before it.
final class EchoServer {
  private EchoServer() {}

  /// Serves: `executor`, or `gateway PORT` with the executor's port.
  @SuppressWarnings("SystemOut") // the other process reads it
  public static void main(String[] arguments) throws IOException, InterruptedException {
    int port =
        arguments[0].equals("executor")
            ? executor().port()
            : gateway(Integer.parseInt(arguments[1])).grpcPort();
    ChildJvm.serve(System.out, port);
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
