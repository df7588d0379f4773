package io.attune.gateway.rollout;

import io.attune.proto.attune.ModelStanding;
import io.attune.proto.attune.MoveRequest;
import io.attune.proto.attune.ParticipantStanding;
import io.attune.proto.attune.Progress;
import io.attune.proto.attune.RolloutState;
import io.attune.proto.attune.TrialCount;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A participant that obeys at once, or as the test says. It refuses lower epochs, and another
/// rollout of the same, as all participants must.
final class FakePeer implements Peer {
  private final Identity identity;
  private final List<MoveRequest> commands = new ArrayList<>();
  private final Map<RolloutState, FlowException> failures = new EnumMap<>(RolloutState.class);
  private final Map<RolloutState, Boolean> held = new EnumMap<>(RolloutState.class);
  private int live = 1;
  private @Nullable MoveRequest last;
  private Consumer<MoveRequest> check = _ -> {};
  private TrialCount trial = TrialCount.getDefaultInstance();
  private int looks;
  private Progress lack = Progress.getDefaultInstance();
  private boolean closed;

  FakePeer(Identity.Kind kind, String name, int shard, int replica) {
    this.identity = new Identity(kind, name, shard, replica);
  }

  static FakePeer encoder(int replica) {
    return new FakePeer(Identity.Kind.ENCODER, "encoder", 0, replica);
  }

  static FakePeer shard(int shard) {
    return new FakePeer(Identity.Kind.INDEXER, "indexer", shard, 0);
  }

  static FakePeer gateway(String name) {
    return new FakePeer(Identity.Kind.GATEWAY, name, 0, 0);
  }

  Identity identity() {
    return identity;
  }

  /// Fails commands of a state from now on; null for no more.
  synchronized FakePeer failing(RolloutState state, @Nullable ErrorCode code, String message) {
    if (code == null) {
      failures.remove(state);
    } else {
      failures.put(state, new FlowException(code, message));
    }
    return this;
  }

  /// Lets a state not be reached.
  synchronized FakePeer holding(RolloutState state) {
    held.put(state, true);
    return this;
  }

  /// Lets it be reached.
  synchronized void release(RolloutState state) {
    held.remove(state);
    notifyAll();
  }

  /// Is called with every command that is obeyed.
  synchronized FakePeer checking(Consumer<MoveRequest> obeyed) {
    check = obeyed;
    return this;
  }

  /// Tells of a count from now on.
  synchronized FakePeer counting(TrialCount count) {
    trial = count;
    return this;
  }

  /// Says so many times, when it is asked where it is, that version 1 lacks 7 of 12 writes.
  synchronized FakePeer lagging(int times) {
    looks = times;
    return this;
  }

  /// How often it will still say so.
  synchronized int looks() {
    return looks;
  }

  /// Tells from now on that documents are missing where it is.
  synchronized FakePeer lacking(long documents, String description) {
    lack = Progress.newBuilder().setMissing(documents).setMessage(description).build();
    return this;
  }

  /// The states that it was asked for, the same one after another once.
  synchronized List<RolloutState> states() {
    List<RolloutState> states = new ArrayList<>();
    for (MoveRequest command : commands) {
      if (states.isEmpty() || states.getLast() != command.getState()) {
        states.add(command.getState());
      }
    }
    return states;
  }

  synchronized List<MoveRequest> commands() {
    return List.copyOf(commands);
  }

  synchronized boolean isClosed() {
    return closed;
  }

  @Override
  public synchronized void move(MoveRequest command, Consumer<Progress> listener)
      throws InterruptedException {
    MoveRequest before = last;
    if (before != null
        && (command.getEpoch() < before.getEpoch()
            || (command.getEpoch() == before.getEpoch()
                && !command.getRollout().equals(before.getRollout())))) {
      throw new FlowException(ErrorCode.FAILED_PRECONDITION, "epoch: " + command.getEpoch());
    }
    commands.add(command);
    FlowException failure = failures.get(command.getState());
    if (failure != null) {
      throw failure;
    }
    last = command;
    listener.accept(Progress.newBuilder().setDone(1).setTotal(2).setMessage("at it").build());
    while (held.containsKey(command.getState())) {
      wait();
    }
    check.accept(command);
    if (command.getState() == RolloutState.LIVE || command.getState() == RolloutState.RETIRED) {
      live = Integer.parseInt(command.getToVersion());
    } else if (!command.getFromVersion().isEmpty()) {
      live = Integer.parseInt(command.getFromVersion());
    }
    listener.accept(lack.toBuilder().setReached(command.getState()).setTrial(trial).build());
  }

  @Override
  public synchronized ParticipantStanding standing() {
    ParticipantStanding.Builder standing =
        ParticipantStanding.newBuilder()
            .setKind(identity.kind().label())
            .setName(identity.name())
            .setShard(identity.shard())
            .setReplica(identity.replica());
    MoveRequest command = last;
    if (identity.kind() == Identity.Kind.ENCODER || command != null) {
      ModelStanding.Builder model =
          ModelStanding.newBuilder().setModel("m").setLive(Integer.toString(live));
      if (command != null) {
        model.setEpoch(command.getEpoch()).setRollout(command.getRollout());
        model.addHeld(held("1", looks == 0 ? 12 : 5)).addHeld(held("2", 12));
        looks = Math.max(0, looks - 1);
      }
      standing.addModels(model);
    }
    return standing.build();
  }

  private static ModelStanding.Held held(String version, long position) {
    return ModelStanding.Held.newBuilder()
        .setVersion(version)
        .setPosition(position)
        .setReady(position == 12)
        .build();
  }

  @Override
  public synchronized void close() {
    closed = true;
  }
}
