package io.attune.evaluator.gate;

import io.attune.evaluator.metrics.Comparison;
import java.util.LinkedHashMap;
import java.util.Map;

/// What the gate says of a candidate.
///
/// @param options what it had to show
/// @param comparison how it compares
/// @param queries on how many queries
/// @param attempt the how-manieth attempt on them it was
/// @param tail the chance this attempt had to pass without being better
/// @param bound what the candidate is better by, for certain but for that chance
public record Verdict(
    GateOptions options,
    Comparison comparison,
    int queries,
    int attempt,
    double tail,
    double bound) {

  /// Whether it may be promoted.
  public boolean passed() {
    return queries >= options.leastQueries() && bound > options.margin();
  }

  /// The verdict in one line, with what was asked for.
  public String reason() {
    String metric = options.metric().label();
    if (queries < options.leastQueries()) {
      return "refused: %d queries (expected: %d or more; judge more of them)"
          .formatted(queries, options.leastQueries());
    }
    String bounded =
        "%s %+.4f, at least %+.4f with %s %% confidence in attempt %d"
            .formatted(metric, comparison.difference().value(), bound, confidence(), attempt);
    return passed()
        ? "passed: " + bounded + " (above %+.4f)".formatted(options.margin())
        : "refused: " + bounded + " (expected: above %+.4f)".formatted(options.margin());
  }

  /// As many digits as tell it from 100.
  private String confidence() {
    int digits = Math.max(1, (int) Math.ceil(-Math.log10(100 * tail)));
    return ("%." + digits + "f").formatted(100 * (1 - tail));
  }

  /// The verdict as JSON.
  public Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("passed", passed());
    json.put("reason", reason());
    json.put("queries", queries);
    json.put("least_queries", options.leastQueries());
    json.put("attempt", attempt);
    json.put("tail", tail);
    json.put("bound", bound);
    json.put("margin", options.margin());
    json.put("comparison", comparison.toJson());
    return json;
  }
}
