package io.attune.cli.post;

import io.attune.cli.TextTable;
import io.attune.evaluator.metrics.Comparison;
import io.attune.evaluator.metrics.Evaluation;
import java.util.ArrayList;
import java.util.List;

/// Evaluations as tables for people.
public final class EvaluationTable {
  private EvaluationTable() {}

  /// Each metric with its interval, and what was left out.
  public static List<String> lines(Evaluation evaluation) {
    TextTable table = new TextTable("metric @" + evaluation.k(), "value", "95 % interval");
    evaluation
        .metrics()
        .forEach((metric, estimate) ->
            table.row(
                metric.label(),
                "%.3f".formatted(estimate.value()),
                "%.3f .. %.3f".formatted(estimate.low(), estimate.high())));
    List<String> lines = new ArrayList<>(table.lines());
    if (!evaluation.withoutRelevant().isEmpty()) {
      lines.add(
          "left out, without a relevant document: %d queries, such as %s"
              .formatted(
                  evaluation.withoutRelevant().size(), evaluation.withoutRelevant().getFirst()));
    }
    return lines;
  }

  /// Each comparison: the means, their difference with its interval, and in how many queries which
  /// one is better.
  public static List<String> lines(List<Comparison> comparisons) {
    TextTable table =
        new TextTable(
            "metric", "before", "now", "difference", "95 % interval", "p", "better", "worse");
    for (Comparison comparison : comparisons) {
      table.row(
          comparison.metric().label(),
          "%.3f".formatted(comparison.baseline()),
          "%.3f".formatted(comparison.candidate()),
          "%+.3f".formatted(comparison.difference().value()),
          "%+.3f .. %+.3f".formatted(comparison.difference().low(), comparison.difference().high()),
          "%.4f".formatted(comparison.pValue()),
          String.valueOf(comparison.better()),
          String.valueOf(comparison.worse()));
    }
    return table.lines();
  }
}
