package io.attune.cli.rollout;

import io.attune.cli.Console;
import io.attune.cli.ExitCode;
import io.attune.proto.attune.OwnVectors;
import io.attune.proto.attune.Rollout;
import io.attune.proto.attune.RolloutOptions;
import io.attune.proto.attune.StartRolloutRequest;
import io.attune.runtime.FlowException;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `attune swap`: takes a running Flow to another version of a model.
@Command(
    name = "swap",
    description =
        "Take a running Flow to another version of a model: it is tried and loaded beside the live"
            + " one, the index follows, and requests get it once everything is ready.",
    mixinStandardHelpOptions = true)
public final class SwapCommand implements Callable<Integer> {
  private final Console console;

  @Mixin private WhichFlow flow = new WhichFlow();

  @Parameters(
      paramLabel = "NAME[@VERSION]",
      description = "The model, and the version to go to (default: the newest in the store).")
  private String model = "";

  @Option(
      names = "--watch",
      negatable = true,
      description =
          "Show how it goes until it is live, or not (default on a terminal); --no-watch only"
              + " starts it.")
  private @Nullable Boolean watch;

  @Option(
      names = "--canary",
      paramLabel = "SHARE",
      description =
          "First give this share of the searches, such as 5%% or 0.05, the new version; it is rolled"
              + " back where it fails more often than the live one.")
  private @Nullable String canary;

  @Option(
      names = "--canary-seconds",
      paramLabel = "SECONDS",
      description =
          "How long --canary or --shadow lasts (default: until `attune rollouts proceed`, or"
              + " `attune rollouts cancel`).")
  private int canarySeconds;

  @Option(
      names = "--shadow",
      description =
          "Ask the new version only to compare its answers with the live one's: all searches, or the"
              + " share of --canary.")
  private boolean shadow;

  @Option(
      names = "--min-gain",
      paramLabel = "GAIN",
      description =
          "Only where it is better than the live version by more than this for certain, -1 to 1, on"
              + " the judged queries that the Flow holds out from training; 0 for better at all.")
  private @Nullable Double minGain;

  @Option(names = "--force", description = "Also where the gate is against it.")
  private boolean force;

  @Option(
      names = "--keep-own-vectors",
      description = "Documents that came with vectors of their own keep them in the new space.")
  private boolean keepOwnVectors;

  @Option(
      names = "--drop",
      description = "Documents that came with vectors of their own stay out of the new index.")
  private boolean drop;

  @Option(
      names = "--allow-missing",
      paramLabel = "N",
      description = "How many documents may stay out because they cannot be embedded again.")
  private long allowMissing;

  @Option(
      names = "--documents-per-second",
      paramLabel = "N",
      description = "How fast documents are embedded again, at most; searches go first anyway.")
  private double documentsPerSecond;

  @Option(
      names = "--drain",
      paramLabel = "SECONDS",
      description =
          "How long the old version stays once the new one is live (default: 600); until then a"
              + " rollback is immediate.")
  private @Nullable Integer drain;

  public SwapCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    StartRolloutRequest request = request();
    try (RolloutsClient client = flow.open()) {
      Rollout started = client.start(request);
      boolean follows = watch == null ? Console.hasTerminal() : watch;
      if (!follows) {
        console.print(started.getId());
        return ExitCode.OK;
      }
      try (RolloutWatch shown = new RolloutWatch(console, true)) {
        return shown.follow(client, started.getId());
      }
    }
  }

  private StartRolloutRequest request() {
    int at = model.indexOf('@');
    if (keepOwnVectors && drop) {
      throw FlowException.invalid("--keep-own-vectors: beside --drop (expected: one of the two)");
    }
    RolloutOptions.Builder options =
        RolloutOptions.newBuilder()
            .setOwnVectors(
                keepOwnVectors
                    ? OwnVectors.OWN_VECTORS_KEEP
                    : drop ? OwnVectors.OWN_VECTORS_DROP : OwnVectors.OWN_VECTORS_REFUSE)
            .setAllowMissing(allowMissing)
            .setDocumentsPerSecond(documentsPerSecond)
            .setCanaryShare(canary == null ? (shadow ? 1 : 0) : share(canary))
            .setCanarySeconds(canarySeconds)
            .setShadow(shadow)
            .setForce(force);
    if (minGain != null) {
      options.setMinGain(minGain);
    }
    if (drain != null) {
      options.setDrainSeconds(drain);
    }
    return StartRolloutRequest.newBuilder()
        .setModel(at < 0 ? model : model.substring(0, at))
        .setVersion(at < 0 ? "" : model.substring(at + 1))
        .setOptions(options)
        .setRequestId(UUID.randomUUID().toString())
        .build();
  }

  static double share(String text) {
    try {
      double value =
          text.endsWith("%")
              ? Double.parseDouble(text.substring(0, text.length() - 1)) / 100
              : Double.parseDouble(text);
      if (value > 0 && value <= 1) {
        return value;
      }
    } catch (NumberFormatException _) {
      // falls through to the one message
    }
    throw FlowException.invalid(
        "--canary: %s (expected: a share above 0%%, such as 5%% or 0.05)".formatted(text));
  }
}
