package io.attune.indexer;

import static io.attune.proto.attune.RolloutState.PREPARING;

import io.attune.indexer.generation.Generation;
import io.attune.proto.attune.MoveRequest;
import io.attune.proto.attune.Progress;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A shard's part in rollouts: is told where to be, goes there, and says how far it is.
///
/// A command is remembered on disk before anything is done for it; one of a lower epoch than was
/// ever seen is refused. What it asks for is compared with what is there, and the next thing is
/// done, until it is reached: so a command may come twice, or after a restart, or without those
/// before it. What is there in a state is [RolloutSteps]' matter, and the work that of [Followers],
/// which goes on whether somebody waits or not.
///
/// Locks: its own monitor, held while one thing is done and while a step is looked at, not while
/// somebody waits; inside it, what [Followers] and [Generations] take.
final class Rollouts {
  private static final Logger log = LoggerFactory.getLogger(Rollouts.class);
  private static final long LOOK_MILLIS = 20;

  private final IndexerConfig config;
  private final Generations generations;
  private final Followers followers;
  private final DiskRoom room;
  private final RolloutSteps steps;

  private final CountDownLatch closed = new CountDownLatch(1);

  Rollouts(
      IndexerConfig config,
      Generations generations,
      Followers followers,
      RolloutSteps.Leaving leaving,
      DiskRoom room) {
    this.config = config;
    this.generations = generations;
    this.followers = followers;
    this.room = room;
    this.steps = new RolloutSteps(generations, followers, leaving);
  }

  /// Goes where a command says, and tells how far it is until that is reached.
  ///
  /// @throws FlowException INVALID_ARGUMENT where the command is wrong; FAILED_PRECONDITION for a
  ///   lower epoch, a check that failed, or where a newer command takes over; RESOURCE_EXHAUSTED
  ///   where the disk is too small; UNAVAILABLE where the shard closes
  void move(MoveRequest command, Consumer<Progress> listener) {
    MoveCheck.require(command);
    try {
      if (accept(command)) {
        listener.accept(reached(command));
        return;
      }
      follow(command, listener);
    } catch (IOException e) {
      throw new FlowException(
          ErrorCode.UNAVAILABLE, "index: the rollout cannot go on: " + e.getMessage(), e);
    }
  }

  /// Remembers a command, and answers whether it is reached already.
  private synchronized boolean accept(MoveRequest command) throws IOException {
    requireOpen();
    Rollout held = generations.manifest().rollout();
    MoveCheck.requireEpoch(command, generations.manifest().epoch(command.getModel()), held);
    Rollout same = held != null && held.id().equals(command.getRollout()) ? held : null;
    if (same == null) {
      requireNoOther(command, held);
    } else if (MoveCheck.isBehind(command.getState(), same)) {
      return true;
    } else if (same.isReached() && same.command().equals(command)) {
      // a generation may have fallen behind since
      return same.isOver() || command.getState() == PREPARING || steps.take(same);
    }
    Rollout taken = new Rollout(command, false, same != null && same.wasLive(), "");
    generations.manifest().rollout(taken);
    if (!taken.isOver()) {
      followers.options(command);
    }
    return false;
  }

  private void requireNoOther(MoveRequest command, @Nullable Rollout held) {
    if (held != null
        && !held.isOver()
        && !held.keepsSpace()
        && generations.all().size() > 1
        && !held.model().equals(command.getModel())) {
      throw refused(
          "rollout: %s of model %s (expected: none while %s of model %s is under way)"
              .formatted(command.getRollout(), command.getModel(), held.id(), held.model()));
    }
    if (!config.space().isEmpty() && !command.getFromSpace().equals(command.getToSpace())) {
      throw refused(
          "space: %s (expected: no option space of the Indexer, as vectors without a mark cannot follow a rollout)"
              .formatted(config.space()));
    }
  }

  private void requireOpen() {
    if (closed.getCount() == 0) {
      throw new FlowException(ErrorCode.UNAVAILABLE, "index: it closes");
    }
  }

  private static FlowException refused(String message) {
    return new FlowException(ErrorCode.FAILED_PRECONDITION, message);
  }

  private void follow(MoveRequest command, Consumer<Progress> listener) throws IOException {
    Progress last = Progress.getDefaultInstance();
    if (command.getState() == PREPARING) {
      prepare(command, listener);
    }
    while (!look(command)) {
      Progress now = progress(command);
      if (!now.equals(last)) {
        listener.accept(now);
        last = now;
      }
      pause();
    }
    listener.accept(reached(command));
  }

  private void prepare(MoveRequest command, Consumer<Progress> listener) throws IOException {
    Generation live = generations.live();
    boolean isNeeded =
        !command.getFromSpace().equals(command.getToSpace())
            && generations.of(command.getToSpace()) == null;
    if (live == null || !isNeeded) {
      return;
    }
    try {
      room.require(live, command);
    } catch (FlowException full) {
      generations.manifest().refused(command, String.valueOf(full.getMessage()));
      throw full;
    }
    Missing missing = new Missing();
    Preparation.count(live, command, missing, listener);
    if (!Allowed.of(command).allows(missing)) {
      listener.accept(Progresses.of(missing).build());
      throw steps.lacks(command, missing);
    }
  }

  /// Does the next thing, and answers whether the state is reached.
  private synchronized boolean look(MoveRequest command) throws IOException {
    requireOpen();
    Rollout held = generations.manifest().rollout();
    if (held == null || !held.command().equals(command)) {
      throw refused(
          "rollout: %s, %s (expected: no newer command)"
              .formatted(command.getRollout(), command.getState()));
    }
    boolean isReached = steps.take(held);
    if (isReached && !held.isReached()) {
      generations.manifest().rollout(held.reached());
      log.atInfo()
          .addKeyValue("rollout", held.id())
          .addKeyValue("state", held.state())
          .log("reached a state of a rollout");
    }
    return isReached;
  }

  /// How far the work for a command is.
  Progress progress(MoveRequest command) {
    Followers.Running to = followers.of(command.getToSpace());
    return to == null
        ? Progress.newBuilder().setMessage("waiting").build()
        : Progresses.of(to.follower(), to.missing()).build();
  }

  private Progress reached(MoveRequest command) {
    Missing lost = lost(command);
    Progress.Builder progress =
        lost.count() == 0
            ? progress(command).toBuilder().setMessage("")
            : Progresses.of(lost).setMessage(lost.describe());
    return progress.setReached(command.getState()).build();
  }

  /// The documents that were written since the new version was live, and went with its generation.
  private Missing lost(MoveRequest command) {
    Rollout held = generations.manifest().rollout();
    boolean isBack =
        held != null
            && held.command().equals(command)
            && held.isTakenBack()
            && held.wasLive()
            && !held.keepsSpace();
    return isBack
        ? Missing.of(generations.manifest().missing(command.getFromSpace()))
        : new Missing();
  }

  private void pause() {
    try {
      var _ = closed.await(LOOK_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FlowException(
          ErrorCode.CANCELLED, "rollout: nobody waits any more (the work goes on)", e);
    }
  }

  /// Lets everybody go who waits, once what is being done is done.
  synchronized void close() {
    closed.countDown();
  }
}
