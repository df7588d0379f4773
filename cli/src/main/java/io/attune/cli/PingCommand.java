package io.attune.cli;

import io.attune.cli.client.FlowClient;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `attune ping`: whether a Flow, a gateway or an executor is ready.
@Command(
    name = "ping",
    description =
        "Tell whether something is ready: a flow (every executor answers a dry run), a gateway or"
            + " an executor (its health service says SERVING). Exits with 0 when ready, 3 when not.",
    mixinStandardHelpOptions = true)
final class PingCommand implements Callable<Integer> {
  /// What can be pinged.
  enum Target {
    FLOW,
    GATEWAY,
    EXECUTOR
  }

  private final Console console;

  @Parameters(index = "0", paramLabel = "TARGET", description = "${COMPLETION-CANDIDATES}")
  private Target target = Target.FLOW;

  @Parameters(
      index = "1",
      paramLabel = "HOST:PORT",
      description = "Its gRPC address, such as localhost:54321.")
  private String address = "";

  @Option(
      names = "--timeout",
      paramLabel = "MS",
      description = "How long one attempt may take, in milliseconds (default: ${DEFAULT-VALUE}).")
  private int timeoutMillis = 3_000;

  @Option(
      names = "--attempts",
      description = "How often to ask, a second apart (default: ${DEFAULT-VALUE}).")
  private int attempts = 1;

  @Option(
      names = "--min-successful-attempts",
      paramLabel = "N",
      description = "How many attempts must find it ready (default: ${DEFAULT-VALUE}).")
  private int leastSuccesses = 1;

  PingCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws InterruptedException {
    Require.within("--timeout", timeoutMillis, 1, 3_600_000);
    Require.within("--attempts", attempts, 1, 1_000_000);
    Require.within("--min-successful-attempts", leastSuccesses, 1, attempts);
    int successes = 0;
    try (FlowClient client = FlowClient.connect(address)) {
      for (int attempt = 1; attempt <= attempts; attempt++) {
        if (attempt > 1) {
          Thread.sleep(Duration.ofSeconds(1));
        }
        long start = System.nanoTime();
        boolean ready = isReady(client);
        successes += ready ? 1 : 0;
        console.note(
            "%s %s: %s in %.0f ms"
                .formatted(
                    target.name().toLowerCase(Locale.ROOT),
                    address,
                    ready ? "ready" : "not ready",
                    (System.nanoTime() - start) / 1e6));
      }
    }
    return successes >= leastSuccesses ? ExitCode.OK : ExitCode.UNAVAILABLE;
  }

  private boolean isReady(FlowClient client) {
    Duration timeout = Duration.ofMillis(timeoutMillis);
    return switch (target) {
      case FLOW -> client.isReady(timeout);
      case GATEWAY, EXECUTOR -> client.isServing(timeout);
    };
  }
}
