package io.attune.benchmarks;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.attune.runtime.FlowException;
import org.jspecify.annotations.Nullable;

/// One measure of a benchmark: ours, the rival's, and their ratio within one run.
///
/// @param measure what was measured, with its unit at the end, such as
///   `encode_documents_per_second`
/// @param ours our figure
/// @param rival the rival's figure; null where the rival is not on this machine
/// @param rivalName what the rival is; `rival_name` in JSON
/// @param ratio ours divided by the rival's; null without a rival
/// @param better which ratio is the better one
/// @param goal the ratio that is to be reached
public record BenchResult(
    String measure,
    double ours,
    @Nullable Double rival,
    @JsonProperty("rival_name") String rivalName,
    @Nullable Double ratio,
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
    boolean alone = rival == null && ratio == null;
    boolean both = rival != null && rival > 0 && ratio != null && Double.isFinite(ratio);
    if (!Double.isFinite(ours) || !(alone || both)) {
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

  /// The result of our figure where there is a limit in place of a rival.
  ///
  /// @param limit the value with its unit, such as `100 ms`
  public static BenchResult limited(String measure, double ours, String limit, double value) {
    return of(measure, ours, "the limit of " + limit, value, Better.LOWER, 1);
  }

  /// The result of our figure where the rival is not on this machine: no goal is judged.
  public static BenchResult alone(
      String measure, double ours, String rivalName, Better better, double goal) {
    return new BenchResult(measure, ours, null, rivalName, null, better, goal);
  }

  /// Whether the goal was missed; without a rival it is not.
  public boolean missed() {
    return ratio != null
        && switch (better) {
          case HIGHER -> ratio < goal;
          case LOWER -> ratio > goal;
        };
  }
}
