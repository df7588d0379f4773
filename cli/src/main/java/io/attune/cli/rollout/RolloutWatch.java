package io.attune.cli.rollout;

import io.attune.cli.Console;
import io.attune.cli.ExitCode;
import io.attune.proto.attune.ParticipantProgress;
import io.attune.proto.attune.Rollout;
import io.attune.proto.attune.RolloutState;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Shows a rollout as it goes: a line for each state and each problem, a bar while documents are
/// embedded again.
public final class RolloutWatch implements AutoCloseable {
  private final Console console;
  private final boolean untilLive;
  private final Map<String, String> problems = new LinkedHashMap<>();
  private @Nullable RolloutState shown;
  private boolean shownReached;
  private boolean gateShown;
  private Console.@Nullable Progress bar;
  private List<String> missing = List.of();
  private long searches;

  /// @param untilLive whether LIVE is enough, or it goes on until the rollout is over
  public RolloutWatch(Console console, boolean untilLive) {
    this.console = console;
    this.untilLive = untilLive;
  }

  /// Follows a rollout.
  ///
  /// @return the exit code
  public int follow(RolloutsClient client, String rollout) {
    Rollout last = client.watch(rollout, this::show);
    close();
    return report(last);
  }

  private boolean show(Rollout rollout) {
    if (rollout.getState() != shown || rollout.getReached() != shownReached) {
      if (rollout.getState() != shown) {
        close();
      }
      if (shown == RolloutState.CANARY && rollout.getState() != RolloutState.CANARY) {
        RolloutText.comparison(rollout).forEach(console::note);
      }
      shown = rollout.getState();
      shownReached = rollout.getReached();
      console.note(
          "%s → %s: %s"
              .formatted(
                  RolloutText.from(rollout),
                  RolloutText.to(rollout),
                  RolloutText.standing(rollout)));
      if (isWaiting(rollout)) {
        console.note(
            "  until `attune rollouts proceed %s`, or `attune rollouts cancel %s`"
                .formatted(rollout.getModel(), rollout.getModel()));
      }
    }
    if (rollout.hasGate() && !gateShown) {
      gateShown = true;
      RolloutText.gate(rollout).forEach(console::note);
    }
    showComparison(rollout);
    List<String> named = RolloutText.missing(rollout);
    missing = named.isEmpty() ? missing : named;
    rollout.getParticipantsList().forEach(this::showProblem);
    showDocuments(rollout);
    return untilLive && rollout.getReached() && rollout.getState() == RolloutState.LIVE;
  }

  /// Whether it is tried until somebody ends that.
  private static boolean isWaiting(Rollout rollout) {
    return rollout.getState() == RolloutState.CANARY
        && rollout.getReached()
        && rollout.getOptions().getCanarySeconds() == 0;
  }

  /// Shows what CANARY has found, again whenever twice as many searches got the new version.
  private void showComparison(Rollout rollout) {
    long tried = rollout.getComparison().getTo().getSearches();
    if (rollout.getState() == RolloutState.CANARY && tried > 0 && tried >= 2 * searches) {
      searches = tried;
      RolloutText.comparison(rollout).forEach(line -> console.note("  " + line));
    }
  }

  private void showProblem(ParticipantProgress participant) {
    String who = RolloutText.participant(participant);
    String problem = participant.getProblem();
    if (!problem.equals(problems.put(who, problem)) && !problem.isEmpty()) {
      console.note("  " + who + ": " + problem);
    }
  }

  private void showDocuments(Rollout rollout) {
    if (rollout.getState() != RolloutState.REINDEXING) {
      return;
    }
    long done = 0;
    long total = 0;
    for (ParticipantProgress each : rollout.getParticipantsList()) {
      if (each.getKind().equals("indexer")) {
        done += each.getDone();
        total += each.getTotal();
      }
    }
    if (bar == null && total > 0) {
      bar = console.progress("embedding again", total, "documents");
    }
    if (bar != null) {
      bar.to(done);
    }
  }

  /// Says how it ended.
  int report(Rollout last) {
    String to = RolloutText.to(last);
    return switch (last.getState()) {
      case LIVE -> {
        missing.forEach(console::note);
        console.print(to + " is live");
        if (last.hasRetires()) {
          console.note(
              "%s stays until %s; `attune rollback %s` takes it back at once"
                  .formatted(
                      RolloutText.from(last),
                      RolloutText.time(last.getRetires()),
                      last.getModel()));
        }
        yield ExitCode.OK;
      }
      case RETIRED -> {
        missing.forEach(console::note);
        console.print(to + " is live, " + RolloutText.from(last) + " is gone");
        yield ExitCode.OK;
      }
      case ROLLED_BACK, ROLLOUT_FAILED -> {
        missing.forEach(console::note);
        console.error(
            "%s → %s: %s: %s; %s is live"
                .formatted(
                    RolloutText.from(last),
                    to,
                    RolloutText.state(last.getState()),
                    last.getReason(),
                    RolloutText.from(last)));
        yield ExitCode.FAILURE;
      }
      case PREPARING, REINDEXING, READY, CANARY, ROLLOUT_STATE_UNSPECIFIED, UNRECOGNIZED -> {
        console.print("rollout %s: %s".formatted(last.getId(), RolloutText.standing(last)));
        yield ExitCode.OK;
      }
    };
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }
}
