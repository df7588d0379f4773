package io.attune.evaluator.metrics;

import java.util.Arrays;
import java.util.SplittableRandom;

/// The percentile bootstrap (Efron 1979): queries are drawn with replacement, as many as there are,
/// again and again; the spread of the means is that of the mean itself.
///
/// All columns share each draw, so that results of one seed are the same whichever metrics are
/// asked for.
final class Bootstrap {
  private static final double TAIL = 0.025;

  private Bootstrap() {}

  /// The mean and the interval of each column.
  ///
  /// @param columns values[metric][query]; at least one query
  /// @param resamples how often to draw; 0 for intervals as wide as the value
  static Estimate[] estimates(double[][] columns, int resamples, long seed) {
    double[][] means = resampledMeans(columns, resamples, seed);
    Estimate[] estimates = new Estimate[columns.length];
    for (int i = 0; i < columns.length; i++) {
      double mean = mean(columns[i]);
      Arrays.sort(means[i]);
      estimates[i] =
          resamples == 0
              ? new Estimate(mean, mean, mean)
              : new Estimate(mean, percentile(means[i], TAIL), percentile(means[i], 1 - TAIL));
    }
    return estimates;
  }

  static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum / values.length;
  }

  private static double[][] resampledMeans(double[][] columns, int resamples, long seed) {
    double[][] means = new double[columns.length][resamples];
    int queries = columns.length == 0 ? 0 : columns[0].length;
    int[] drawn = new int[queries];
    SplittableRandom random = new SplittableRandom(seed);
    for (int resample = 0; resample < resamples; resample++) {
      for (int i = 0; i < queries; i++) {
        drawn[i] = random.nextInt(queries);
      }
      for (int column = 0; column < columns.length; column++) {
        double sum = 0;
        for (int query : drawn) {
          sum += columns[column][query];
        }
        means[column][resample] = sum / queries;
      }
    }
    return means;
  }

  /// The percentile of sorted values, interpolated between the two nearest as numpy does.
  static double percentile(double[] sorted, double part) {
    double position = part * (sorted.length - 1);
    int below = (int) position;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
  }
}
