package io.attune.trainer.callback;

import io.attune.evaluator.metrics.Comparison;
import io.attune.evaluator.metrics.Estimate;
import io.attune.evaluator.metrics.Evaluation;
import io.attune.evaluator.metrics.EvaluationOptions;
import io.attune.evaluator.metrics.Metric;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// What an evaluation found: the search, and where queries come with answers that are known to be
/// wrong, how often a right one is nearer than all of those.
///
/// @param parts [#SEARCH], and perhaps [#RIGHT_OVER_WRONG], in which a query is a hit or none
record Outcome(Map<String, Evaluation> parts) {
  static final String SEARCH = "search";

  /// Also the label of its metric.
  static final String RIGHT_OVER_WRONG = "right_over_wrong";

  Outcome {
    parts = Collections.unmodifiableMap(new LinkedHashMap<>(parts));
  }

  /// The metrics by their labels.
  Map<String, Estimate> metrics() {
    Map<String, Estimate> metrics = new LinkedHashMap<>();
    parts.forEach((name, part) ->
        part.metrics().forEach((metric, value) -> metrics.put(label(name, metric), value)));
    return metrics;
  }

  /// What each metric gained, query by query; nothing for parts that the baseline lacks.
  Map<String, Estimate> gainOver(Outcome baseline, EvaluationOptions options) {
    Map<String, Estimate> gain = new LinkedHashMap<>();
    parts.forEach((name, part) -> {
      Evaluation before = baseline.parts.get(name);
      if (before != null) {
        Comparison.differences(before, part, options.resamples(), options.seed())
            .forEach((metric, value) -> gain.put(label(name, metric), value));
      }
    });
    return gain;
  }

  private static String label(String part, Metric metric) {
    return part.equals(SEARCH) ? metric.label() : part;
  }
}
