package io.attune.benchmarks;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.attune.runtime.FlowException;

/// One measure of a benchmark: ours, the rival's, and their ratio within one run.
///
/// @param measure what was measured, with its unit at the end, such as
///   `encode_documents_per_second`
/// @param ours our figure
/// @param rival the rival's figure
/// @param rivalName what the rival is; `rival_name` in JSON
/// @param ratio ours divided by the rival's
/// @param better which ratio is the better one
/// @param goal the ratio that is to be reached
public record BenchResult(
    String measure,
    double ours,
    double rival,
    @JsonProperty("rival_name") String rivalName,
    double ratio,
    Better better,
    double goal) {
  /// Which of two ratios is the better one.
  public enum Better {
    @JsonProperty("higher")
    HIGHER,
    @JsonProperty("lower")
    LOWER
  }

  public BenchResult {
    if (!Double.isFinite(ours) || !Double.isFinite(ratio) || !(rival > 0)) {
      throw FlowException.invalid(
          "%s: %s against %s of %s (expected: finite numbers, the rival's above 0)"
              .formatted(measure, ours, rival, rivalName));
    }
  }

  /// The result of two figures.
  public static BenchResult of(
      String measure, double ours, String rivalName, double rival, Better better, double goal) {
    return new BenchResult(measure, ours, rival, rivalName, ours / rival, better, goal);
  }

  /// Whether the goal was reached.
  public boolean reached() {
    return switch (better) {
      case HIGHER -> ratio >= goal;
      case LOWER -> ratio <= goal;
    };
  }
}
