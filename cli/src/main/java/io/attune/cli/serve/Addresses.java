package io.attune.cli.serve;

import io.attune.cli.Console;
import io.attune.flows.FlowPlan;
import io.attune.flows.Protocol;
import io.attune.gateway.embedded.EmbeddedFlow;
import java.util.ArrayList;
import java.util.List;

/// Tells where a running Flow can be reached.
public final class Addresses {
  private Addresses() {}

  /// Prints the addresses of a Flow, one a line.
  public static void print(Console console, FlowPlan plan, EmbeddedFlow flow) {
    lines(plan, flow).forEach(console::note);
  }

  static List<String> lines(FlowPlan plan, EmbeddedFlow flow) {
    String host = plan.gateway().host().equals("0.0.0.0") ? "localhost" : plan.gateway().host();
    List<String> lines = new ArrayList<>();
    lines.add("Flow " + plan.name() + " is ready");
    if (plan.gateway().ports().containsKey(Protocol.GRPC)) {
      lines.add("  gRPC  grpc://%s:%d".formatted(host, flow.grpcPort()));
    }
    if (plan.gateway().ports().containsKey(Protocol.HTTP)) {
      lines.add("  HTTP  http://%s:%d".formatted(host, flow.webPort()));
    }
    if (flow.adminPort() >= 0) {
      lines.add("  admin grpc://localhost:%d".formatted(flow.adminPort()));
    }
    if (flow.adminHttpPort() >= 0) {
      lines.add("  admin http://localhost:%d/rollouts".formatted(flow.adminHttpPort()));
    }
    flow.metricsPorts()
        .forEach((name, port) ->
            lines.add("  metrics of %s http://localhost:%d/metrics".formatted(name, port)));
    return lines;
  }
}
