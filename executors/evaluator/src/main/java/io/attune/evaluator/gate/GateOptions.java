package io.attune.evaluator.gate;

import io.attune.evaluator.metrics.Metric;

/// What a candidate must show.
///
/// @param metric what is compared
/// @param margin how much more of it the candidate must have for certain, −1..1; 0 for "better"
/// @param leastQueries how many queries must have been compared, 2 or more
/// @param resamples how often queries are drawn for the intervals, 1..100000
/// @param seed of the draws
public record GateOptions(
    Metric metric, double margin, int leastQueries, int resamples, long seed) {
  /// Better in reciprocal rank, on 100 queries or more.
  public static final GateOptions DEFAULT =
      new GateOptions(Metric.RECIPROCAL_RANK, 0, 100, 1000, 1);

  private static final int MOST_RESAMPLES = 100_000;

  public GateOptions {
    if (!(margin >= -1 && margin <= 1)) {
      throw new IllegalArgumentException("margin: " + margin + " (expected: -1..1)");
    }
    if (leastQueries < 2) {
      throw new IllegalArgumentException(
          "leastQueries: " + leastQueries + " (expected: 2 or more)");
    }
    if (resamples < 1 || resamples > MOST_RESAMPLES) {
      throw new IllegalArgumentException(
          "resamples: %d (expected: 1..%d)".formatted(resamples, MOST_RESAMPLES));
    }
  }

  /// The same with another metric.
  public GateOptions of(Metric other) {
    return new GateOptions(other, margin, leastQueries, resamples, seed);
  }

  /// The same with another margin.
  public GateOptions above(double other) {
    return new GateOptions(metric, other, leastQueries, resamples, seed);
  }
}
