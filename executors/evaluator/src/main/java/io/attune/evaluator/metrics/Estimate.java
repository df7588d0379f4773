package io.attune.evaluator.metrics;

import java.util.LinkedHashMap;
import java.util.Map;

/// A mean over queries with its 95 % interval.
///
/// @param value the mean
/// @param low the 2.5 % percentile of the means of resampled queries
/// @param high the 97.5 % percentile
public record Estimate(double value, double low, double high) {
  /// The same as JSON: `{"value": …, "low": …, "high": …}`.
  public Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("value", value);
    json.put("low", low);
    json.put("high", high);
    return json;
  }
}
