package io.attune.gateway.rollout;

import io.attune.gateway.rollout.trial.Trial;
import io.attune.proto.attune.ModelStanding;
import io.attune.proto.attune.MoveRequest;
import io.attune.proto.attune.ParticipantStanding;
import io.attune.proto.attune.Progress;
import io.attune.proto.attune.RolloutState;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A gateway's part in rollouts: it stamps what a command says, at once, and confirms a command
/// that lets a version go only when no request with that version is under way. In CANARY it gives
/// the new version to the share of the searches that the command names, and counts.
///
/// Within a rollout's epoch no command goes back: one that was under way while a later one came is
/// late.
///
/// It keeps nothing on disk: a gateway that starts is told where the Flow is before it serves.
public final class GatewayPart implements Peer {
  private static final long LOOK_MILLIS = 2;

  private final Identity identity;
  private final Stamps stamps;

  // guarded by this
  private final Map<String, MoveRequest> commands = new TreeMap<>();
  private final Map<String, Trial> trials = new HashMap<>();

  public GatewayPart(Identity identity, Stamps stamps) {
    this.identity = identity;
    this.stamps = stamps;
  }

  /// Which participant it is.
  public Identity identity() {
    return identity;
  }

  @Override
  public void move(MoveRequest command, Consumer<Progress> listener) throws InterruptedException {
    ModelVersion to = version(command, command.getToVersion());
    boolean isInitial = command.getFromVersion().isEmpty();
    ModelVersion from = isInitial ? to : version(command, command.getFromVersion());
    boolean isTo =
        isInitial
            || command.getState() == RolloutState.LIVE
            || command.getState() == RolloutState.RETIRED;
    ModelVersion leaving =
        switch (command.getState()) {
          case RETIRED -> from;
          case ROLLED_BACK, ROLLOUT_FAILED -> to;
          case PREPARING, REINDEXING, READY, CANARY, LIVE -> isTo ? to : from;
          case ROLLOUT_STATE_UNSPECIFIED, UNRECOGNIZED ->
              throw FlowException.invalid(
                  "state: %d (expected: a state of a rollout)".formatted(command.getStateValue()));
        };
    ModelVersion live = isTo ? to : from;
    take(
        command,
        live,
        live.equals(leaving) ? Set.of() : Set.of(leaving),
        command.getState() == RolloutState.CANARY ? terms(command, from, to) : null);
    if (!live.equals(leaving)) {
      awaitGone(command, leaving, listener);
    }
    listener.accept(reached(command, live));
  }

  private static Trial.Terms terms(MoveRequest command, ModelVersion from, ModelVersion to) {
    double share = command.getCanaryShare();
    if (!(share > 0 && share <= 1)) {
      throw FlowException.invalid("canary_share: %s (expected: above 0, up to 1)".formatted(share));
    }
    return new Trial.Terms(command.getRollout(), from, to, share, command.getShadow());
  }

  private synchronized Progress reached(MoveRequest command, ModelVersion live) {
    Progress.Builder progress =
        Progress.newBuilder().setReached(command.getState()).setMessage("stamps " + live);
    Trial trial = trials.get(command.getModel());
    if (trial != null) {
      progress.setTrial(trial.count());
    }
    return progress.build();
  }

  /// @param terms what is tried; null for nothing
  private synchronized void take(
      MoveRequest command,
      ModelVersion live,
      Set<ModelVersion> leaving,
      Trial.@Nullable Terms terms) {
    MoveRequest before = commands.get(command.getModel());
    if (before != null && command.getEpoch() < before.getEpoch()) {
      throw new FlowException(
          ErrorCode.FAILED_PRECONDITION,
          "epoch: %d (expected: %d or higher, that of rollout %s)"
              .formatted(command.getEpoch(), before.getEpoch(), before.getRollout()));
    }
    if (before != null
        && command.getEpoch() == before.getEpoch()
        && command.getStateValue() < before.getStateValue()) {
      throw new FlowException(
          ErrorCode.FAILED_PRECONDITION,
          "state: %s (expected: %s or a later one)"
              .formatted(command.getState(), before.getState()));
    }
    commands.put(command.getModel(), command);
    stamps.live(live, leaving, terms == null ? null : trial(command.getModel(), terms));
    trials.values().removeIf(each -> isOther(each.terms(), command));
  }

  private static boolean isOther(Trial.Terms terms, MoveRequest command) {
    return terms.to().name().equals(command.getModel())
        && !terms.rollout().equals(command.getRollout());
  }

  /// The trial of some terms, going on where it is the last one.
  private Trial trial(String model, Trial.Terms terms) {
    Trial last = trials.get(model);
    if (last != null && last.terms().equals(terms)) {
      return last;
    }
    Trial trial = new Trial(terms);
    trials.put(model, trial);
    return trial;
  }

  private void awaitGone(MoveRequest command, ModelVersion leaving, Consumer<Progress> listener)
      throws InterruptedException {
    long told = -1;
    long count = stamps.underWay(leaving);
    while (count > 0) {
      if (count != told) {
        listener.accept(
            Progress.newBuilder()
                .setMessage("%d requests of %s are under way".formatted(count, leaving))
                .build());
        told = count;
      }
      Thread.sleep(LOOK_MILLIS);
      requireLast(command);
      count = stamps.underWay(leaving);
    }
  }

  private synchronized void requireLast(MoveRequest command) {
    if (!command.equals(commands.get(command.getModel()))) {
      throw new FlowException(
          ErrorCode.FAILED_PRECONDITION,
          "command: overtaken by another one (expected: the last command)");
    }
  }

  private static ModelVersion version(MoveRequest command, String text) {
    if (!text.matches("[1-9][0-9]{0,8}")) {
      throw FlowException.invalid(
          "version: %d characters (expected: 1..999999999)".formatted(text.length()));
    }
    return new ModelVersion(command.getModel(), Integer.parseInt(text));
  }

  @Override
  public synchronized ParticipantStanding standing() {
    ParticipantStanding.Builder standing =
        ParticipantStanding.newBuilder()
            .setKind(identity.kind().label())
            .setName(identity.name())
            .setShard(identity.shard())
            .setReplica(identity.replica());
    for (MoveRequest command : commands.values()) {
      ModelStanding.Builder model =
          ModelStanding.newBuilder()
              .setModel(command.getModel())
              .setRollout(command.getRollout())
              .setEpoch(command.getEpoch())
              .setState(command.getState());
      stamps.live().stream()
          .filter(version -> version.name().equals(command.getModel()))
          .forEach(version -> model.setLive(Integer.toString(version.version())));
      Trial trial = trials.get(command.getModel());
      if (trial != null) {
        model.setTrial(trial.count());
      }
      standing.addModels(model);
    }
    return standing.build();
  }
}
