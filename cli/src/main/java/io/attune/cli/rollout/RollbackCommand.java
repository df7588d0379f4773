package io.attune.cli.rollout;

import io.attune.cli.Console;
import io.attune.cli.ExitCode;
import io.attune.proto.attune.Rollout;
import io.attune.proto.attune.RolloutState;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `attune rollback`: lets the version before be live.
@Command(
    name = "rollback",
    description =
        "Let the version before be live: at once as long as it is still there, by a rollout in the"
            + " other direction afterwards.",
    mixinStandardHelpOptions = true)
public final class RollbackCommand implements Callable<Integer> {
  private final Console console;

  @Mixin private WhichFlow flow = new WhichFlow();

  @Parameters(paramLabel = "NAME", description = "The model.")
  private String model = "";

  @Option(
      names = "--force",
      description =
          "Also where the index lacks writes in the generation of the version before: searches wait"
              + " for them.")
  private boolean force;

  @Option(
      names = "--watch",
      negatable = true,
      description = "Show how a rollout in the other direction goes (default on a terminal).")
  private @Nullable Boolean watch;

  public RollbackCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    try (RolloutsClient client = flow.open()) {
      Rollout rollout = client.rollback(model, force);
      if (rollout.getState() == RolloutState.ROLLED_BACK) {
        console.print(RolloutText.from(rollout) + " is live");
        return ExitCode.OK;
      }
      boolean follows = watch == null ? Console.hasTerminal() : watch;
      if (!follows) {
        console.print(rollout.getId());
        return ExitCode.OK;
      }
      try (RolloutWatch shown = new RolloutWatch(console, true)) {
        return shown.follow(client, rollout.getId());
      }
    }
  }
}
