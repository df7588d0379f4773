package io.attune.trainer.miner;

import io.attune.trainer.distance.Distance;
import io.attune.trainer.distance.DistanceMatrix;

/// Chooses the pairs or triplets of a batch that a loss learns from. It sees numbers, not the
/// graph: no gradient flows through the choice.
public interface Miner {
  /// What it measures by.
  Distance distance();

  /// The choice.
  ///
  /// @param matrix the batch's measures by [#distance]
  /// @param relations what is known of its items
  Mined mine(DistanceMatrix matrix, Relations relations);
}
