package io.attune.cli.serve;

import io.attune.cli.Closing;
import io.attune.cli.Console;
import io.attune.cli.ExitCode;
import io.attune.cli.JsonText;
import io.attune.runtime.Executor;
import io.attune.runtime.ExecutorContext;
import io.attune.runtime.Parameters;
import io.attune.runtime.metrics.MetricsServer;
import io.attune.runtime.registry.ExecutorRegistry;
import io.attune.runtime.server.ExecutorServer;
import io.attune.runtime.server.ServerOptions;
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
  private final Console console;

  @Option(
      names = "--uses",
      required = true,
      paramLabel = "NAME",
      description = "The executor's name, such as Encoder, Indexer, Evaluator, or one of your own.")
  private String uses = "";

  @Option(
      names = "--with",
      paramLabel = "KEY=VALUE",
      description = "An option of the executor, as in uses_with; the value is read as JSON.")
  private Map<String, String> with = new LinkedHashMap<>();

  @Option(names = "--name", description = "Its name in the Flow (default: its uses in lower case).")
  private @Nullable String name;

  @Option(names = "--host", description = "The address to listen on (default: ${DEFAULT-VALUE}).")
  private String host = "0.0.0.0";

  @Option(
      names = "--port",
      description = "The gRPC port; 0 for any free one (default: ${DEFAULT-VALUE}).")
  private int port = 8080;

  @Option(
      names = "--port-monitoring",
      paramLabel = "PORT",
      description = "Serve the Prometheus page on this port; 0 for any free one.")
  private @Nullable Integer monitoringPort;

  @Option(
      names = "--workspace",
      paramLabel = "DIR",
      description = "Where it keeps its state (default: workspace/NAME).")
  private @Nullable Path workspace;

  public ExecutorCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    String named = name == null ? uses.toLowerCase(Locale.ROOT) : name;
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    Path folder = workspace == null ? Path.of("workspace", named) : workspace;
    ExecutorContext context =
        new ExecutorContext(
            named, new Parameters(JsonText.struct(with)), folder.toAbsolutePath(), registry);
    try (Closing closing = new Closing(console)) {
      serve(closing, named, context, registry);
    }
    return ExitCode.OK;
  }

  /// The metrics are served first and closed last: they tell how the executor starts and stops.
  private void serve(
      Closing closing, String named, ExecutorContext context, PrometheusMeterRegistry registry)
      throws IOException, InterruptedException {
    MetricsServer page =
        monitoringPort == null
            ? null
            : closing.with(
                MetricsServer.start(new InetSocketAddress(host, monitoringPort), registry));
    Executor executor = ExecutorRegistry.load().create(uses, context);
    ExecutorServer server =
        closing.with(
            "executor " + named,
            ExecutorServer.start(executor, context, ServerOptions.onPort(port).host(host)));
    console.note("executor %s is ready on grpc://%s:%d".formatted(named, host, server.port()));
    if (page != null) {
      console.note("metrics at http://%s:%d/metrics".formatted(host, page.port()));
    }
    closing.untilProcessStops();
  }
}
