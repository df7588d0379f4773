package io.attune.cli.train;

import io.attune.cli.TextTable;
import io.attune.evaluator.metrics.Estimate;
import java.util.List;

/// What was measured before and after a run, side by side, and what it gained: training made a
/// difference where the interval of the gain excludes 0.
final class FitTable {
  private FitTable() {}

  /// The table; nothing where nothing was measured.
  static List<String> lines(FitProgress run) {
    if (run.after().isEmpty()) {
      return List.of();
    }
    TextTable table = new TextTable("metric", "before", "95 %", "after", "95 %", "gain", "95 %");
    run.after()
        .forEach((metric, after) -> {
          Estimate before = run.before().get(metric);
          Estimate gain = run.gain().get(metric);
          table.row(
              metric,
              before == null ? "" : "%.3f".formatted(before.value()),
              before == null ? "" : interval(before),
              "%.3f".formatted(after.value()),
              interval(after),
              gain == null ? "" : "%+.3f".formatted(gain.value()),
              gain == null ? "" : "%+.3f .. %+.3f".formatted(gain.low(), gain.high()));
        });
    return table.lines();
  }

  private static String interval(Estimate estimate) {
    return "%.3f .. %.3f".formatted(estimate.low(), estimate.high());
  }
}
