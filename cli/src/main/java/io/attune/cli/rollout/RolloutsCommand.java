package io.attune.cli.rollout;

import io.attune.cli.Console;
import io.attune.cli.ExitCode;
import io.attune.cli.JsonFile;
import io.attune.cli.TextTable;
import io.attune.proto.attune.ListRolloutsResponse;
import io.attune.proto.attune.LiveVersion;
import io.attune.proto.attune.Rollout;
import io.attune.proto.attune.RolloutRequest;
import io.attune.proto.attune.RolloutsGrpc.RolloutsBlockingStub;
import java.util.concurrent.Callable;
import java.util.function.BiFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `attune rollouts`: what is live, and every rollout; and its subcommands, which steer one.
@Command(
    name = "rollouts",
    description = "Show what is live in a running Flow and its rollouts, or steer one.",
    mixinStandardHelpOptions = true)
public final class RolloutsCommand implements Callable<Integer> {
  private final Console console;

  @Mixin private WhichFlow flow = new WhichFlow();

  @Option(names = "--model", paramLabel = "NAME", description = "Of this model only.")
  private String model = "";

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  public RolloutsCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    try (RolloutsClient client = flow.open()) {
      ListRolloutsResponse listed = client.list(model);
      if (json) {
        console.print(
            JsonFile.text(listed.getRolloutsList().stream().map(RolloutText::json).toList()));
        return ExitCode.OK;
      }
      for (LiveVersion live : listed.getLiveList()) {
        console.print("live: %s@%s".formatted(live.getModel(), live.getVersion()));
      }
      if (listed.getRolloutsCount() == 0) {
        console.note("no rollouts yet");
        return ExitCode.OK;
      }
      TextTable table = new TextTable("rollout", "from", "to", "state", "time", "reason");
      for (Rollout each : listed.getRolloutsList()) {
        table.row(
            each.getId(),
            RolloutText.from(each),
            RolloutText.to(each),
            RolloutText.standing(each),
            RolloutText.took(each),
            each.getReason());
      }
      table.lines().forEach(console::print);
      for (Rollout each : listed.getRolloutsList()) {
        if (each.hasComparison()) {
          console.print("");
          console.print("tried in %s:".formatted(each.getId()));
          RolloutText.comparison(each).forEach(console::print);
        }
      }
    }
    return ExitCode.OK;
  }

  @Command(name = "watch", description = "Follow a rollout.", mixinStandardHelpOptions = true)
  int watch(
      @Mixin WhichFlow which,
      @Parameters(paramLabel = "ROLLOUT", description = "Its id, or the model.") String rollout) {
    try (RolloutsClient client = which.open();
        RolloutWatch shown = new RolloutWatch(console, false)) {
      return shown.follow(client, rollout);
    }
  }

  @Command(
      name = "pause",
      description = "Rest from embedding documents again.",
      mixinStandardHelpOptions = true)
  int pause(
      @Mixin WhichFlow which,
      @Parameters(paramLabel = "ROLLOUT", description = "Its id, or the model.") String rollout) {
    return steer(which, rollout, RolloutsBlockingStub::pause);
  }

  @Command(
      name = "resume",
      description = "Go on with embedding documents again.",
      mixinStandardHelpOptions = true)
  int resume(
      @Mixin WhichFlow which,
      @Parameters(paramLabel = "ROLLOUT", description = "Its id, or the model.") String rollout) {
    return steer(which, rollout, RolloutsBlockingStub::resume);
  }

  @Command(
      name = "throttle",
      description = "Change how fast documents are embedded again.",
      mixinStandardHelpOptions = true)
  int throttle(
      @Mixin WhichFlow which,
      @Parameters(paramLabel = "ROLLOUT", description = "Its id, or the model.") String rollout,
      @Parameters(paramLabel = "N", description = "Documents per second; 0 for no limit.")
          double perSecond) {
    try (RolloutsClient client = which.open()) {
      return told(client.throttle(rollout, perSecond));
    }
  }

  @Command(
      name = "proceed",
      description = "End a wait: of the canary, or of the drain time once it is live.",
      mixinStandardHelpOptions = true)
  int proceed(
      @Mixin WhichFlow which,
      @Parameters(paramLabel = "ROLLOUT", description = "Its id, or the model.") String rollout) {
    return steer(which, rollout, RolloutsBlockingStub::proceed);
  }

  @Command(
      name = "cancel",
      description = "End a rollout that is not live yet, and put everything back.",
      mixinStandardHelpOptions = true)
  int cancel(
      @Mixin WhichFlow which,
      @Parameters(paramLabel = "ROLLOUT", description = "Its id, or the model.") String rollout) {
    return steer(which, rollout, RolloutsBlockingStub::cancel);
  }

  private int steer(
      WhichFlow which,
      String rollout,
      BiFunction<RolloutsBlockingStub, RolloutRequest, Rollout> method) {
    try (RolloutsClient client = which.open()) {
      return told(client.on(rollout, method));
    }
  }

  private int told(Rollout rollout) {
    console.print("rollout %s: %s".formatted(rollout.getId(), RolloutText.standing(rollout)));
    return ExitCode.OK;
  }
}
