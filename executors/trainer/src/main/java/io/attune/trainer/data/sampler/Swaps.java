package io.attune.trainer.data.sampler;

import io.attune.trainer.data.SplitMix;
import java.util.function.IntUnaryOperator;

/// Moves sessions whose negatives belong to another session of their batch into batches where they
/// do not, in exchange for one of the same size. Where that is not found in a few tries, the batch
/// loses those negatives.
final class Swaps {
  private static final int TRIES = 32;

  private final Relations relations;
  private final IntUnaryOperator size;

  Swaps(Relations relations, IntUnaryOperator size) {
    this.relations = relations;
    this.size = size;
  }

  void apply(int[][] batches, SplitMix random) {
    for (int number = 0; number < batches.length; number++) {
      int[] batch = batches[number];
      for (int i = 0; i < batch.length; i++) {
        for (int tries = 0; tries < TRIES && relations.clashes(batch, i); tries++) {
          int other = random.nextInt(batches.length);
          int j = random.nextInt(batches[other].length);
          if (other != number) {
            swapIfBetter(batch, i, batches[other], j);
          }
        }
      }
    }
  }

  private void swapIfBetter(int[] batch, int i, int[] other, int j) {
    if (size.applyAsInt(batch[i]) != size.applyAsInt(other[j])) {
      return;
    }
    int before = clashes(batch) + clashes(other);
    swap(batch, i, other, j);
    if (meets(batch, i) || meets(other, j) || clashes(batch) + clashes(other) >= before) {
      swap(batch, i, other, j);
    }
  }

  private static void swap(int[] batch, int i, int[] other, int j) {
    int session = batch[i];
    batch[i] = other[j];
    other[j] = session;
  }

  /// Whether a session is with another that is about the same.
  private boolean meets(int[] batch, int i) {
    for (int j = 0; j < batch.length; j++) {
      if (j != i && relations.of(batch[j]) == relations.of(batch[i])) {
        return true;
      }
    }
    return false;
  }

  private int clashes(int[] batch) {
    int clashes = 0;
    for (int i = 0; i < batch.length; i++) {
      clashes += relations.clashes(batch, i) ? 1 : 0;
    }
    return clashes;
  }
}
