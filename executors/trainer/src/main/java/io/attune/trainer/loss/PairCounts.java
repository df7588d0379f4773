package io.attune.trainer.loss;

import io.attune.trainer.miner.Mined;

/// How often each pair of a batch counts, by cell `anchor * size + other`.
///
/// @param size the number of items
/// @param positive as a positive pair
/// @param negative as a negative pair
/// @param positives how many positive pairs in all
/// @param negatives how many negative pairs in all
@SuppressWarnings("ArrayRecordComponent") // on the data path; never compared
record PairCounts(int size, float[] positive, float[] negative, int positives, int negatives) {

  static PairCounts of(Mined.Pairs pairs, int size) {
    return new PairCounts(
        size,
        count(pairs.anchors(), pairs.positives(), size),
        count(pairs.negativeAnchors(), pairs.negatives(), size),
        pairs.anchors().length,
        pairs.negativeAnchors().length);
  }

  private static float[] count(int[] anchors, int[] others, int size) {
    float[] counts = new float[size * size];
    for (int i = 0; i < anchors.length; i++) {
      counts[anchors[i] * size + others[i]]++;
    }
    return counts;
  }

  /// Whether pytorch-metric-learning has nothing to learn from these: its pair losses want more
  /// than one pair of either kind.
  boolean tooFew() {
    return positives <= 1 && negatives <= 1;
  }
}
