package io.attune.cli.serve;

import com.google.protobuf.Struct;
import io.attune.cli.Closing;
import io.attune.cli.Console;
import io.attune.cli.ExitCode;
import io.attune.cli.JsonText;
import io.attune.flows.ExecutorPlan;
import io.attune.flows.Flows;
import io.attune.gateway.embedded.PlannedExecutor;
import io.attune.runtime.Executor;
import io.attune.runtime.ExecutorContext;
import io.attune.runtime.FlowException;
import io.attune.runtime.Parameters;
import io.attune.runtime.metrics.MetricsServer;
import io.attune.runtime.registry.ExecutorRegistry;
import io.attune.runtime.server.ExecutorServer;
import io.attune.runtime.server.ServerOptions;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `attune executor`: serves one executor, for a gateway that runs elsewhere.
@Command(
    name = "executor",
    description =
        "Serve one executor on a port, in the foreground: for an Attune or a Jina gateway that runs"
            + " elsewhere.",
    mixinStandardHelpOptions = true)
public final class ExecutorCommand implements Callable<Integer> {
  private static final int DEFAULT_PORT = 8080;

  private final Console console;

  @Option(
      names = "--uses",
      required = true,
      paramLabel = "NAME|FILE",
      description =
          "The executor's name, such as Encoder, Indexer, Evaluator, or one of your own; or the file"
              + " (.yml, .yaml) of an executor or a Deployment, over which the other options go.")
  private String uses = "";

  @Option(
      names = "--context",
      paramLabel = "NAME=VALUE",
      description = "What $${{ CONTEXT.NAME }} stands for in the file.")
  private Map<String, String> variables = new LinkedHashMap<>();

  @Option(
      names = "--with",
      paramLabel = "KEY=VALUE",
      description = "An option of the executor, as in uses_with; the value is read as JSON.")
  private Map<String, String> with = new LinkedHashMap<>();

  @Option(
      names = "--name",
      description = "Its name in the Flow (default: the file's, or its uses in lower case).")
  private @Nullable String name;

  @Option(
      names = "--host",
      description = "The address to listen on (default: the file's, or 0.0.0.0).")
  private @Nullable String host;

  @Option(
      names = "--port",
      description = "The gRPC port; 0 for any free one (default: the file's, or 8080).")
  private @Nullable Integer port;

  @Option(
      names = "--port-monitoring",
      paramLabel = "PORT",
      description =
          "Serve the Prometheus page on this port; 0 for any free one (default: as the file says).")
  private @Nullable Integer monitoringPort;

  @Option(
      names = "--workspace",
      paramLabel = "DIR",
      description = "Where it keeps its state (default: the file's, or workspace/NAME).")
  private @Nullable Path workspace;

  public ExecutorCommand(Console console) {
    this.console = console;
  }

  /// What is served, and where.
  ///
  /// @param monitoringPort of the metrics page; null for none
  record Served(
      String uses,
      ExecutorContext context,
      ServerOptions options,
      @Nullable Integer monitoringPort) {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    Served served = served(registry);
    try (Closing closing = new Closing(console)) {
      serve(closing, served, registry);
    }
    return ExitCode.OK;
  }

  /// What the command line says, over the file where there is one.
  Served served(MeterRegistry meters) {
    String file = uses.toLowerCase(Locale.ROOT);
    return file.endsWith(".yml") || file.endsWith(".yaml") ? described(meters) : named(meters);
  }

  private Served named(MeterRegistry meters) {
    String named = name == null ? uses.toLowerCase(Locale.ROOT) : name;
    Path folder = workspace == null ? Path.of("workspace", named) : workspace;
    ExecutorContext context =
        new ExecutorContext(
            named, new Parameters(JsonText.struct(with)), folder.toAbsolutePath(), meters);
    return new Served(uses, context, listening("0.0.0.0", DEFAULT_PORT), monitoringPort);
  }

  private Served described(MeterRegistry meters) {
    ExecutorPlan plan =
        Flows.with(variables)
            .executor(Path.of(uses), name, warning -> console.note("warning: " + warning));
    if (plan.external() != null) {
      throw FlowException.invalid(
          uses + ": external: true (expected: an executor that is served here)");
    }
    ExecutorContext planned = PlannedExecutor.context(plan, meters);
    Struct options =
        planned.with().struct().toBuilder()
            .putAllFields(JsonText.struct(with).getFieldsMap())
            .build();
    Path folder = workspace == null ? plan.workspace() : workspace;
    Integer page = plan.monitoring() ? plan.monitoringPort() : null;
    return new Served(
        plan.uses(),
        new ExecutorContext(plan.name(), new Parameters(options), folder.toAbsolutePath(), meters),
        PlannedExecutor.options(
            plan, listening(plan.host(), plan.port() >= 0 ? plan.port() : DEFAULT_PORT)),
        monitoringPort == null ? page : monitoringPort);
  }

  private ServerOptions listening(String otherwise, int defaultPort) {
    return ServerOptions.onPort(port == null ? defaultPort : port)
        .host(host == null ? otherwise : host);
  }

  /// The metrics are served first and closed last: they tell how the executor starts and stops.
  private void serve(Closing closing, Served served, PrometheusMeterRegistry registry)
      throws IOException, InterruptedException {
    String named = served.context().name();
    String at = served.options().host();
    Integer pagePort = served.monitoringPort();
    MetricsServer page =
        pagePort == null
            ? null
            : closing.with(MetricsServer.start(new InetSocketAddress(at, pagePort), registry));
    Executor executor = ExecutorRegistry.load().create(served.uses(), served.context());
    ExecutorServer server =
        closing.with(
            "executor " + named,
            ExecutorServer.start(executor, served.context(), served.options()));
    console.note("executor %s is ready on grpc://%s:%d".formatted(named, at, server.port()));
    if (page != null) {
      console.note("metrics at http://%s:%d/metrics".formatted(at, page.port()));
    }
    closing.untilProcessStops();
  }
}
