package io.attune.encoder.rollout;

import io.attune.proto.attune.RolloutState;
import io.attune.runtime.FlowException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// What a state of a rollout asks of an encoder, in the order in which a rollout goes through them.
public enum Phase {
  /// PREPARING, REINDEXING, READY, CANARY: both versions are there, and the old one is live.
  BESIDE,
  /// LIVE: both are there, and the new one is live.
  FLIPPED,
  /// RETIRED: only the new one is there.
  DONE,
  /// ROLLED_BACK, ROLLOUT_FAILED: only the old one is there.
  UNDONE;

  /// The phase of a state.
  ///
  /// @throws FlowException where it is none
  static Phase of(RolloutState state) {
    return switch (state) {
      case PREPARING, REINDEXING, READY, CANARY -> BESIDE;
      case LIVE -> FLIPPED;
      case RETIRED -> DONE;
      case ROLLED_BACK, ROLLOUT_FAILED -> UNDONE;
      case ROLLOUT_STATE_UNSPECIFIED, UNRECOGNIZED ->
          throw FlowException.invalid(
              "state: %s (expected: one of %s)"
                  .formatted(state.name().toLowerCase(Locale.ROOT), states()));
    };
  }

  private static List<RolloutState> states() {
    return Arrays.stream(RolloutState.values())
        .filter(state ->
            state != RolloutState.UNRECOGNIZED && state != RolloutState.ROLLOUT_STATE_UNSPECIFIED)
        .toList();
  }

  /// Whether a rollout that is here may be asked to go there: back only where both versions are
  /// there either way, and nowhere from its end.
  boolean leadsTo(Phase next) {
    return switch (this) {
      case BESIDE -> true;
      case FLIPPED -> next != BESIDE;
      case DONE, UNDONE -> next == this;
    };
  }
}
