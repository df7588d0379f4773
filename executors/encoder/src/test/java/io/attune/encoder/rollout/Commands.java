package io.attune.encoder.rollout;

import io.attune.proto.attune.RolloutState;
import io.attune.runtime.ModelVersion;

/// Commands for tests, all of the model `m`.
final class Commands {
  static final ModelVersion ONE = new ModelVersion("m", 1);
  static final ModelVersion TWO = new ModelVersion("m", 2);
  static final ModelVersion THREE = new ModelVersion("m", 3);

  private Commands() {}

  /// Of the rollout from 1 to 2.
  static Command to2(long epoch, RolloutState state) {
    return command(epoch, ONE, TWO, state);
  }

  static Command command(long epoch, ModelVersion from, ModelVersion to, RolloutState state) {
    return new Command("rollout-" + epoch, epoch, from, to, "", "", 0, state);
  }
}
