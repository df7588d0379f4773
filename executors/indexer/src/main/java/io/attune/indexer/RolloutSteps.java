package io.attune.indexer;

import io.attune.indexer.generation.Generation;
import io.attune.proto.attune.MoveRequest;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a shard does to reach a state of a rollout: compares what is there with what the state asks
/// for, and does the next thing.
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
/// For one thread at a time, which holds the monitor of its [Rollouts].
final class RolloutSteps {
  private static final Logger log = LoggerFactory.getLogger(RolloutSteps.class);

  private final Generations generations;
  private final Followers followers;
  private final Leaving leaving;

  /// The last sequence of each space that is on its way out.
  private final Map<String, Long> goals = new HashMap<>();

  /// What writes are told about spaces that are on their way out.
  interface Leaving {
    /// Refuses writes of a space from now on, and answers the last sequence that may be of it.
    long refuse(String space);

    /// Takes them again, as far as there is a generation for them.
    void admit(String space);
  }

  RolloutSteps(Generations generations, Followers followers, Leaving leaving) {
    this.generations = generations;
    this.followers = followers;
    this.leaving = leaving;
  }

  /// Does the next thing on the way to the state of a rollout, and answers whether it is reached.
  ///
  /// @throws FlowException FAILED_PRECONDITION where that cannot be reached
  boolean take(Rollout rollout) throws IOException {
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
    requireAllowed(rollout.command(), to.missing());
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
    return generations.manifest().isBuilt(space);
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
    Rollout rollout = Objects.requireNonNull(generations.manifest().rollout());
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
      if (!Allowed.of(rollout.command()).allows(running.missing())) {
        followers.park(space);
        throw lacks(rollout.command(), running.missing());
      }
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

  private void requireAllowed(MoveRequest command, Missing missing) throws IOException {
    if (!Allowed.of(command).allows(missing)) {
      throw lacks(command, missing);
    }
  }

  /// The refusal of a command as more documents than it allows are missing, once it is noted.
  FlowException lacks(MoveRequest command, Missing missing) throws IOException {
    String reason =
        "%s (expected: at most %d; %s)"
            .formatted(missing.describe(), command.getAllowMissing(), remedy(command));
    generations.manifest().refused(command, reason);
    return refused(reason);
  }

  private static String remedy(MoveRequest command) {
    String leaving = MoveCheck.leavingSpace(command);
    return leaving.isEmpty()
        ? "allow_missing or own_vectors says what becomes of them"
        : "the generation of space %s, which has them, stays until a rollout".formatted(leaving);
  }

  private static FlowException refused(String message) {
    return new FlowException(ErrorCode.FAILED_PRECONDITION, message);
  }
}
