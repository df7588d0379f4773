package io.attune.cli.train;

import io.attune.cli.TextTable;
import io.attune.evaluator.metrics.Estimate;
import java.util.List;

/// What was measured before and after a run, side by side.
final class FitTable {
  private FitTable() {}

  /// The table; nothing where nothing was measured.
  static List<String> lines(FitProgress run) {
    if (run.after().isEmpty()) {
      return List.of();
    }
    TextTable table = new TextTable("metric", "before", "95 %", "after", "95 %", "change");
    run.after()
        .forEach((metric, after) -> {
          Estimate before = run.before().get(metric);
          table.row(
              metric,
              before == null ? "" : "%.3f".formatted(before.value()),
              before == null ? "" : interval(before),
              "%.3f".formatted(after.value()),
              interval(after),
              before == null ? "" : "%+.3f".formatted(after.value() - before.value()));
        });
    return table.lines();
  }

  private static String interval(Estimate estimate) {
    return "%.3f .. %.3f".formatted(estimate.low(), estimate.high());
  }
}
