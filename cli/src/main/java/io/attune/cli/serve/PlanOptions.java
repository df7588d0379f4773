package io.attune.cli.serve;

import io.attune.cli.Console;
import io.attune.cli.Require;
import io.attune.flows.FlowPlan;
import io.attune.flows.Flows;
import io.attune.flows.GatewayPlan;
import io.attune.flows.Protocol;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// The options of commands that run a Flow's YAML.
final class PlanOptions {
  private static final int ADMIN = 54334;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "FLOW",
      description =
          "A Flow YAML, or a ready-made Flow: search, hello-qa, fit, learn (default: search).")
  private @Nullable String flow;

  @Option(names = "--uses", paramLabel = "FLOW", description = "The same, as Jina spells it.")
  private @Nullable String uses;

  @Option(
      names = "--context",
      paramLabel = "NAME=VALUE",
      description = "What $${{ CONTEXT.NAME }} stands for in the YAML.")
  private Map<String, String> context = new LinkedHashMap<>();

  @Option(names = "--host", description = "The address the gateway listens on.")
  private @Nullable String host;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "The gRPC port, in place of the YAML's; 0 for any free one.")
  private @Nullable Integer port;

  @Option(
      names = "--http-port",
      paramLabel = "PORT",
      description = "The HTTP port, in place of the YAML's; 0 for any free one.")
  private @Nullable Integer httpPort;

  @Option(
      names = "--admin-port",
      paramLabel = "PORT",
      description =
          "The port for rollouts, in place of the YAML's, on this machine only; 0 for any free one,"
              + " -1 for none (default: the YAML's, or 54334, or any where that is taken).")
  private @Nullable Integer adminPort;

  @Option(
      names = "--admin-http-port",
      paramLabel = "PORT",
      description =
          "The same as JSON over HTTP; 0 for any free one (default: the YAML's, or none).")
  private @Nullable Integer adminHttpPort;

  private GatewayPlan withAdminHttp(GatewayPlan gateway) {
    GatewayPlan.Admin admin = gateway.admin();
    if (adminHttpPort == null) {
      return gateway;
    }
    if (admin == null || admin.coordinator() != null) {
      throw FlowException.invalid(
          "--admin-http-port: %d (expected: beside an admin port, of the gateway that coordinates)"
              .formatted(adminHttpPort));
    }
    Require.within("--admin-http-port", adminHttpPort, 0, 65_535);
    return gateway.withAdmin(admin.withHttpPort(adminHttpPort));
  }

  private GatewayPlan withAdmin(GatewayPlan gateway) {
    GatewayPlan.Admin given = gateway.admin();
    if (adminPort != null) {
      return gateway.withAdmin(
          adminPort < 0 ? null : given == null ? loopback(adminPort) : given.withPort(adminPort));
    }
    return given != null ? gateway : gateway.withAdmin(loopback(isFree(ADMIN) ? ADMIN : 0));
  }

  private static GatewayPlan.Admin loopback(int port) {
    return new GatewayPlan.Admin(
        "127.0.0.1", port, null, null, null, null, GatewayPlan.Admin.LEASE);
  }

  private static boolean isFree(int port) {
    try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  FlowPlan plan(Console console, @Nullable Path workspace) {
    String source = flow != null ? flow : uses != null ? uses : "search";
    FlowPlan plan = Flows.with(context).open(source);
    plan.warnings().forEach(warning -> console.note("warning: " + warning));
    Map<Protocol, Integer> ports = new EnumMap<>(plan.gateway().ports());
    if (port != null) {
      ports.put(Protocol.GRPC, port);
    }
    if (httpPort != null) {
      ports.put(Protocol.HTTP, httpPort);
    }
    plan = plan.withGateway(withAdminHttp(withAdmin(plan.gateway().withPorts(ports))));
    if (host != null) {
      plan = plan.withGateway(plan.gateway().withHost(host));
    }
    if (workspace != null) {
      plan = plan.withWorkspace(workspace);
    }
    return plan;
  }
}
