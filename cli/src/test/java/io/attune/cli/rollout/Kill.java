package io.attune.cli.rollout;

import io.attune.cli.rollout.Fleet.Role;
import io.attune.proto.attune.RolloutState;
import java.util.ArrayList;
import java.util.List;

/// A process that is killed in a state of a rollout.
record Kill(Role victim, RolloutState state) {
  private static final List<RolloutState> STATES =
      List.of(
          RolloutState.PREPARING,
          RolloutState.REINDEXING,
          RolloutState.READY,
          RolloutState.LIVE,
          RolloutState.RETIRED,
          RolloutState.ROLLED_BACK);

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
    return kills;
  }

  /// Whether the state passes too fast to be met, so that it is held up.
  boolean isShort() {
    return state == RolloutState.READY
        || state == RolloutState.RETIRED
        || state == RolloutState.ROLLED_BACK;
  }

  /// The last state that lasts, before this one.
  RolloutState before() {
    return state == RolloutState.READY ? RolloutState.REINDEXING : RolloutState.LIVE;
  }
}
