package io.attune.evaluator.metrics;

import java.util.List;

/// What is evaluated.
///
/// @param metrics the metrics, each once, at least one
/// @param k the cut-off, 1 or more
/// @param resamples how often queries are drawn for the intervals, 0..100000; 0 for none
/// @param seed of the draws
public record EvaluationOptions(List<Metric> metrics, int k, int resamples, long seed) {
  /// The nine standard metrics at 20, intervals from 1,000 draws.
  public static final EvaluationOptions DEFAULT =
      new EvaluationOptions(Metric.STANDARD, 20, 1000, 1);

  public EvaluationOptions {
    metrics = List.copyOf(metrics);
    if (metrics.isEmpty() || metrics.stream().distinct().count() < metrics.size()) {
      throw new IllegalArgumentException(
          "metrics: %s (expected: at least one, each once)".formatted(metrics));
    }
    if (k < 1) {
      throw new IllegalArgumentException("k: %d (expected: 1 or more)".formatted(k));
    }
    if (resamples < 0 || resamples > 100_000) {
      throw new IllegalArgumentException(
          "resamples: %d (expected: 0..100000)".formatted(resamples));
    }
  }

  /// The same at another cut-off.
  public EvaluationOptions at(int cutOff) {
    return new EvaluationOptions(metrics, cutOff, resamples, seed);
  }

  /// The same for other metrics.
  public EvaluationOptions of(List<Metric> others) {
    return new EvaluationOptions(others, k, resamples, seed);
  }
}
