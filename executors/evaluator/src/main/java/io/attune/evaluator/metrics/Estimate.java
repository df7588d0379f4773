package io.attune.evaluator.metrics;

import java.util.LinkedHashMap;
import java.util.Map;

/// A mean over queries with its 95 % interval.
///
/// @param value the mean
/// @param low the 2.5 % percentile of the means of resampled queries
/// @param high the 97.5 % percentile
public record Estimate(double value, double low, double high) {
  /// The mean of values, one of each query, with its bootstrap interval.
  ///
  /// @param values one or more
  /// @param resamples how often queries are drawn, 1 or more
  /// @param seed of all draws
  public static Estimate ofMean(double[] values, int resamples, long seed) {
    if (values.length == 0 || resamples < 1) {
      throw new IllegalArgumentException(
          "values, resamples: %d, %d (expected: 1 or more each)"
              .formatted(values.length, resamples));
    }
    return Bootstrap.estimates(new double[][] {values}, resamples, seed)[0];
  }

  /// The same as JSON: `{"value": …, "low": …, "high": …}`.
  public Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("value", value);
    json.put("low", low);
    json.put("high", high);
    return json;
  }
}
