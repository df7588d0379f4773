package io.attune.trainer.miner;

import java.util.Arrays;

/// What a miner chose, by item. Nothing says that an entry appears once: one that appears twice
/// counts twice.
@SuppressWarnings("ArrayRecordComponent") // on the data path; never compared
public sealed interface Mined {
  /// Triplets of an anchor, a positive and a negative.
  record Triplets(int[] anchors, int[] positives, int[] negatives) implements Mined {}

  /// Positive pairs and, apart from them, negative pairs.
  ///
  /// @param anchors the anchor of each positive pair
  /// @param positives the other item of each positive pair
  /// @param negativeAnchors the anchor of each negative pair
  /// @param negatives the other item of each negative pair
  record Pairs(int[] anchors, int[] positives, int[] negativeAnchors, int[] negatives)
      implements Mined {}

  /// Calls back with each triplet. Pairs are joined on their anchor.
  default void triplets(TripletVisitor visitor) {
    switch (this) {
      case Triplets all -> {
        for (int i = 0; i < all.anchors.length; i++) {
          visitor.visit(all.anchors[i], all.positives[i], all.negatives[i]);
        }
      }
      case Pairs pairs -> join(pairs, visitor);
    }
  }

  private static void join(Pairs pairs, TripletVisitor visitor) {
    for (int i = 0; i < pairs.anchors.length; i++) {
      for (int j = 0; j < pairs.negativeAnchors.length; j++) {
        if (pairs.anchors[i] == pairs.negativeAnchors[j]) {
          visitor.visit(pairs.anchors[i], pairs.positives[i], pairs.negatives[j]);
        }
      }
    }
  }

  /// The same as pairs. Each triplet gives one pair of each kind.
  default Pairs pairs() {
    return switch (this) {
      case Triplets all -> new Pairs(all.anchors, all.positives, all.anchors, all.negatives);
      case Pairs pairs -> pairs;
    };
  }

  /// All pairs that the relations give, in row order.
  static Pairs all(Relations relations) {
    Indices positives = new Indices();
    Indices negatives = new Indices();
    for (int i = 0; i < relations.size(); i++) {
      for (int j = 0; j < relations.size(); j++) {
        if (relations.positive(i, j)) {
          positives.add(i, j);
        } else if (relations.negative(i, j)) {
          negatives.add(i, j);
        }
      }
    }
    return new Pairs(
        positives.column(0, 2), positives.column(1, 2),
        negatives.column(0, 2), negatives.column(1, 2));
  }

  /// A growing list of index tuples.
  final class Indices {
    private int[] values = new int[256];
    private int count;

    void add(int... tuple) {
      if (count + tuple.length > values.length) {
        values = Arrays.copyOf(values, 2 * values.length);
      }
      System.arraycopy(tuple, 0, values, count, tuple.length);
      count += tuple.length;
    }

    int[] column(int column, int width) {
      int[] result = new int[count / width];
      for (int i = 0; i < result.length; i++) {
        result[i] = values[i * width + column];
      }
      return result;
    }
  }
}
