package io.attune.trainer.label;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/// Cosines between embeddings, and what follows from them.
///
/// Which questions are asked in mode `uncertain` is decided in two steps, as Zhdanov, "Diverse
/// mini-batch active learning" (2019), does: the most uncertain are kept, ten for each question
/// that is wanted, and of those the most different ones are chosen. Uncertain is a question whose
/// best two matches are about as near (margin sampling: Scheffer, Decomain and Wrobel, "Active
/// hidden Markov models for information extraction", 2001). Different is chosen by the k-center
/// greedy rule of Sener and Savarese, "Active learning for convolutional neural networks: a
/// core-set approach" (2018), algorithm 1: always the one that is farthest from all that are chosen
/// or labelled.
final class Neighbours {
  private static final int UNCERTAIN_FOR_EACH = 10;

  private Neighbours() {}

  /// A row of length 1; of zeros where it has no direction.
  static float[] unit(float[] row) {
    double square = 0;
    for (float value : row) {
      square += (double) value * value;
    }
    float[] unit = new float[row.length];
    if (square > 0) {
      double length = Math.sqrt(square);
      for (int i = 0; i < row.length; i++) {
        unit[i] = (float) (row[i] / length);
      }
    }
    return unit;
  }

  static double cosine(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }

  /// The positions of the rows nearest to another, the nearest first; ties by position.
  ///
  /// @param self a position that is left out; -1 for none
  static List<Integer> nearest(float[] row, float[][] rows, int self, int most) {
    double[] cosines = new double[rows.length];
    for (int i = 0; i < rows.length; i++) {
      cosines[i] = cosine(row, rows[i]);
    }
    return IntStream.range(0, rows.length)
        .filter(i -> i != self)
        .boxed()
        .sorted(Comparator.comparingDouble(i -> -cosines[i]))
        .limit(most)
        .toList();
  }

  /// How much nearer its best match is than its second, for each row; 0 where it has one match or
  /// none.
  static double[] margins(float[][] rows) {
    double[] margins = new double[rows.length];
    for (int i = 0; i < rows.length; i++) {
      List<Integer> best = nearest(rows[i], rows, i, 2);
      margins[i] =
          best.size() < 2
              ? 0
              : cosine(rows[i], rows[best.get(0)]) - cosine(rows[i], rows[best.get(1)]);
    }
    return margins;
  }

  /// The positions of the rows to ask about.
  ///
  /// @param margins of each row
  /// @param labelled rows that were asked about before
  /// @param count how many are wanted
  static List<Integer> toAsk(float[][] rows, double[] margins, float[][] labelled, int count) {
    List<Integer> uncertain =
        IntStream.range(0, rows.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> margins[i]))
            .limit((long) UNCERTAIN_FOR_EACH * count)
            .toList();
    return farthestFirst(rows, uncertain, labelled, count);
  }

  private static List<Integer> farthestFirst(
      float[][] rows, List<Integer> candidates, float[][] labelled, int count) {
    double[] nearest = new double[candidates.size()]; // cosine to the nearest that is chosen
    for (int i = 0; i < nearest.length; i++) {
      nearest[i] = Double.NEGATIVE_INFINITY;
      for (float[] each : labelled) {
        nearest[i] = Math.max(nearest[i], cosine(rows[candidates.get(i)], each));
      }
    }
    List<Integer> chosen = new java.util.ArrayList<>();
    while (chosen.size() < Math.min(count, nearest.length)) {
      int farthest = 0;
      for (int i = 1; i < nearest.length; i++) {
        farthest = nearest[i] < nearest[farthest] ? i : farthest;
      }
      chosen.add(candidates.get(farthest));
      for (int i = 0; i < nearest.length; i++) {
        nearest[i] =
            Math.max(nearest[i], cosine(rows[candidates.get(i)], rows[candidates.get(farthest)]));
      }
      nearest[farthest] = Double.POSITIVE_INFINITY; // never again
    }
    return chosen;
  }
}
