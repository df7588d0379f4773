package io.attune.indexer;

import static io.attune.proto.attune.RolloutState.PREPARING;

import io.attune.indexer.generation.Generation;
import io.attune.proto.attune.MoveRequest;
import io.attune.proto.attune.Progress;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
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
/// before it. The work itself is that of [Followers], which goes on whether somebody waits or not.
///
/// | state | what is there when it is reached |
/// |---|---|
/// | PREPARING | nothing new; the disk has room, and no more documents than allowed cannot be embedded again |
/// | REINDEXING | the new generation, the snapshot copied into it |
/// | READY, CANARY | both generations at the end of the log, and writes wait for both |
/// | LIVE | the new generation at the end of the log, answering where no space is named |
/// | RETIRED | the new generation alone |
/// | ROLLED_BACK, FAILED | the old generation alone |
///
/// Locks: its own monitor, held while one thing is done and while a step is looked at, not while
/// somebody waits; inside it, what [Followers] and [Generations] take.
final class Rollouts {
  private static final Logger log = LoggerFactory.getLogger(Rollouts.class);
  private static final long LOOK_MILLIS = 20;

  private final IndexerConfig config;
  private final Generations generations;
  private final Followers followers;
  private final Leaving leaving;
  private final DiskRoom room;

  private final CountDownLatch closed = new CountDownLatch(1);

  // guarded by this
  private final Map<String, Long> goals = new HashMap<>();

  /// What writes are told about spaces that are on their way out.
  interface Leaving {
    /// Refuses writes of a space from now on, and answers the last sequence that may be of it.
    long refuse(String space);

    /// Takes them again, as far as there is a generation for them.
    void admit(String space);
  }

  Rollouts(
      IndexerConfig config,
      Generations generations,
      Followers followers,
      Leaving leaving,
      DiskRoom room) {
    this.config = config;
    this.generations = generations;
    this.followers = followers;
    this.leaving = leaving;
    this.room = room;
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
    Rollout held = generations.rollout();
    MoveCheck.requireEpoch(command, generations.epoch(command.getModel()), held);
    Rollout same = held != null && held.id().equals(command.getRollout()) ? held : null;
    if (same == null) {
      requireNoOther(command, held);
    } else if (MoveCheck.isBehind(command.getState(), same)) {
      return true;
    } else if (same.isReached() && same.command().equals(command)) {
      // a generation may have fallen behind since
      return same.isOver() || command.getState() == PREPARING || step(same);
    }
    Rollout taken = new Rollout(command, false, same != null && same.wasLive(), "");
    generations.rollout(taken);
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
      remember(command, String.valueOf(full.getMessage()));
      throw full;
    }
    Missing missing = new Missing();
    Preparation.count(live, command, missing, listener);
    requireAllowed(command, missing, listener);
  }

  private void requireAllowed(
      MoveRequest command, Missing missing, @Nullable Consumer<Progress> listener)
      throws IOException {
    if (Followers.Allowed.of(command).allows(missing)) {
      return;
    }
    if (listener != null) {
      listener.accept(Progresses.of(missing).build());
    }
    String reason =
        "%s (expected: at most %d; %s)"
            .formatted(missing.describe(), command.getAllowMissing(), remedy(command));
    remember(command, reason);
    throw refused(reason);
  }

  private static String remedy(MoveRequest command) {
    String leaving = MoveCheck.leavingSpace(command);
    return leaving.isEmpty()
        ? "allow_missing or own_vectors says what becomes of them"
        : "the generation of space %s, which has them, stays until a rollout".formatted(leaving);
  }

  /// Notes why a command is refused.
  private synchronized void remember(MoveRequest command, String reason) throws IOException {
    Rollout held = generations.rollout();
    if (held != null && held.command().equals(command)) {
      generations.rollout(held.refused(reason));
    }
  }

  /// Does the next thing, and answers whether the state is reached.
  private synchronized boolean look(MoveRequest command) throws IOException {
    requireOpen();
    Rollout held = generations.rollout();
    if (held == null || !held.command().equals(command)) {
      throw refused(
          "rollout: %s, %s (expected: no newer command)"
              .formatted(command.getRollout(), command.getState()));
    }
    boolean isReached = step(held);
    if (isReached && !held.isReached()) {
      generations.rollout(held.reached());
      log.atInfo()
          .addKeyValue("rollout", held.id())
          .addKeyValue("state", held.state())
          .log("reached a state of a rollout");
    }
    return isReached;
  }

  private boolean step(Rollout rollout) throws IOException {
    if (rollout.keepsSpace()) {
      return true;
    }
    return switch (rollout.state()) {
      case PREPARING -> true;
      case REINDEXING -> isBuilding(rollout) && isCopied(rollout);
      case READY, CANARY -> isBuilding(rollout) && isReady(rollout);
      case LIVE ->
          isBuilding(rollout)
              && isCopied(rollout)
              && isBuilt(rollout.to())
              && holdsAll(rollout.to())
              && isLive(rollout.to());
      case RETIRED -> isRetired(rollout);
      case ROLLED_BACK, ROLLOUT_FAILED -> isBack(rollout);
      case ROLLOUT_STATE_UNSPECIFIED, UNRECOGNIZED -> throw new IllegalStateException();
    };
  }

  /// Makes the new generation where it is not there, once there is no other one left over.
  private boolean isBuilding(Rollout rollout) throws IOException {
    MoveRequest command = rollout.command();
    if (!rollout.isOver()) {
      stays(rollout.from());
      stays(rollout.to());
    }
    for (Generation each : generations.all()) {
      String space = each.spec().space();
      if (!space.equals(rollout.from()) && !space.equals(rollout.to())) {
        if (generations.isLive(space)) {
          throw refused(
              "from_space: %s (expected: %s, which the index holds)"
                  .formatted(rollout.from(), space));
        }
        if (!isRemoved(space)) {
          return false;
        }
      }
    }
    Generation to = generations.of(rollout.to());
    if (to == null) {
      followers.begin(command, rollout.to(), command.getDimension());
    } else if (to.spec().dimension() != command.getDimension()) {
      throw refused(
          "dimension: %d (expected: %d, which the index holds for space %s)"
              .formatted(command.getDimension(), to.spec().dimension(), rollout.to()));
    } else if (generations.all().size() > 1) {
      followers.resume(command);
    }
    return true;
  }

  private boolean isCopied(Rollout rollout) throws IOException {
    Followers.Running to = followers.of(rollout.to());
    if (to == null) {
      return true; // it is alone
    }
    if (to.follower().state().isCopying()) {
      return false;
    }
    requireAllowed(rollout.command(), to.missing(), null);
    return true;
  }

  private boolean isReady(Rollout rollout) throws IOException {
    if (!isCopied(rollout)) {
      return false;
    }
    return generations.all().stream().allMatch(each -> holdsAll(each.spec().space()));
  }

  /// Whether a generation is at the end of the log, so that writes wait for it.
  private boolean holdsAll(String space) {
    Followers.Running running = followers.of(space);
    return running == null || running.follower().state().isReady();
  }

  private boolean isBuilt(String space) {
    return generations.isBuilt(space);
  }

  private boolean isLive(String space) throws IOException {
    generations.live(space);
    return true;
  }

  private boolean isRetired(Rollout rollout) throws IOException {
    if (generations.of(rollout.from()) == null) {
      return true;
    }
    boolean isThere = isBuilding(rollout) && isBuilt(rollout.to());
    return isThere && isLive(rollout.to()) && isRemoved(rollout.from());
  }

  private boolean isBack(Rollout rollout) throws IOException {
    if (generations.of(rollout.from()) == null) {
      if (generations.of(rollout.to()) != null) {
        throw refused(
            "rollout: %s is RETIRED (expected: a rollout from space %s)"
                .formatted(rollout.id(), rollout.to()));
      }
      return true;
    }
    generations.live(rollout.from());
    return isRemoved(rollout.to());
  }

  /// Does without a generation once the others hold all that was written in its space. Where they
  /// lack some of it for good it stays, and is not followed any more.
  private boolean isRemoved(String space) throws IOException {
    if (generations.of(space) == null) {
      return true;
    }
    Rollout rollout = Objects.requireNonNull(generations.rollout());
    long goal = goals.computeIfAbsent(space, leaving::refuse);
    for (Generation each : generations.all()) {
      if (each.spec().space().equals(space)) {
        continue;
      }
      Followers.Running running = followers.of(each.spec().space());
      if (running == null) {
        followers.resume(rollout.command());
        return false;
      }
      if (running.follower().position() < goal) {
        return false;
      }
      if (!Followers.Allowed.of(rollout.command()).allows(running.missing())) {
        followers.park(space);
      }
      requireAllowed(rollout.command(), running.missing(), null);
    }
    followers.remove(space, goal);
    stays(space);
    log.atInfo().addKeyValue("space", space).log("a generation is gone");
    return true;
  }

  private void stays(String space) {
    if (goals.remove(space) != null) {
      leaving.admit(space);
    }
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
    Rollout held = generations.rollout();
    boolean isBack =
        held != null
            && held.command().equals(command)
            && held.isTakenBack()
            && held.wasLive()
            && !held.keepsSpace();
    return isBack ? Missing.of(generations.missing(command.getFromSpace())) : new Missing();
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
