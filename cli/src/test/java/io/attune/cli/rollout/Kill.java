package io.attune.cli.rollout;

import io.attune.cli.rollout.Fleet.Role;
import io.attune.proto.attune.RolloutState;
import java.util.ArrayList;
import java.util.List;

/// A process that is killed in a state of a rollout.
///
/// @param isEmptied whether it comes back without what it kept, as on another machine
record Kill(Role victim, RolloutState state, boolean isEmptied) {
  private static final List<RolloutState> STATES =
      List.of(
          RolloutState.PREPARING,
          RolloutState.REINDEXING,
          RolloutState.READY,
          RolloutState.CANARY,
          RolloutState.LIVE,
          RolloutState.RETIRED,
          RolloutState.ROLLED_BACK,
          RolloutState.ROLLOUT_FAILED);

  /// An encoder that keeps nothing and comes while the index is built for another version.
  static final Kill FRESH_ENCODER = new Kill(Role.ENCODER, RolloutState.REINDEXING, true);

  Kill(Role victim, RolloutState state) {
    this(victim, state, false);
  }

  /// Every process in every state; of the two encoders one.
  static List<Kill> all() {
    List<Kill> kills = new ArrayList<>();
    for (RolloutState state : STATES) {
      for (Role victim : Role.values()) {
        if (victim != Role.SECOND_ENCODER) {
          kills.add(new Kill(victim, state));
        }
      }
    }
    kills.add(FRESH_ENCODER);
    return kills;
  }

  /// Whether the state passes too fast to be met, so that it is held up.
  boolean isShort() {
    return switch (state) {
      case READY, RETIRED, ROLLED_BACK, ROLLOUT_FAILED -> true;
      default -> false;
    };
  }

  /// The last state that lasts, before this one.
  RolloutState before() {
    return switch (state) {
      case READY -> RolloutState.REINDEXING;
      case ROLLOUT_FAILED -> RolloutState.PREPARING;
      default -> RolloutState.LIVE;
    };
  }

  /// Where the rollout must end. Nobody but the one who was killed failed, and that is no reason to
  /// give a rollout up: only who asks for a rollback gets one, and only a version that is refused
  /// fails.
  RolloutState end() {
    return switch (state) {
      case ROLLED_BACK, ROLLOUT_FAILED -> state;
      default -> RolloutState.RETIRED;
    };
  }
}
