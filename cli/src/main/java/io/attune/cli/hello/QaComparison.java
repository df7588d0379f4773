package io.attune.cli.hello;

import io.attune.cli.TextTable;
import io.attune.cli.post.EvaluationTable;
import io.attune.evaluator.metrics.Comparison;
import io.attune.evaluator.metrics.Evaluation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What became of search by tuning, and what the clients saw of the swap.
///
/// @param before the scores of the test questions before
/// @param after and after
/// @param swap what the clients saw
record QaComparison(Evaluation before, Evaluation after, LiveSwap.Outcome swap) {
  private static final int RESAMPLES = 1_000;
  private static final long SEED = 1;

  /// The tables as people read them.
  List<String> lines() {
    List<String> lines = new ArrayList<>(EvaluationTable.lines(after));
    lines.add("");
    lines.addAll(EvaluationTable.lines(comparisons()));
    lines.add("");
    TextTable searches = new TextTable("searches", "count", "p50 ms", "p99 ms");
    row(searches, "before the swap", swap.before());
    row(searches, "during", swap.during());
    row(searches, "after", swap.after());
    lines.addAll(searches.lines());
    lines.add("");
    lines.add(
        "%s to %s in %.1f s: %,d searches (%s), %d failed, %d mixed"
            .formatted(
                swap.from(),
                swap.to(),
                swap.seconds(),
                swap.all().count(),
                versions(),
                swap.all().failures().size(),
                swap.all().mixed()));
    WriteLoad.Outcome writes = swap.writes();
    lines.add(
        "%,d writes, %d failed, %d lost, %d deleted and back"
            .formatted(
                writes.count(),
                writes.failures().size(),
                writes.lost().size(),
                writes.resurrected().size()));
    swap.all().failures().stream().limit(3).forEach(failure -> lines.add("  " + failure));
    writes.failures().stream().limit(3).forEach(failure -> lines.add("  " + failure));
    return lines;
  }

  private List<Comparison> comparisons() {
    return before.metrics().keySet().stream()
        .map(metric -> Comparison.of(metric, before, after, RESAMPLES, SEED))
        .toList();
  }

  private String versions() {
    List<String> counts = new ArrayList<>();
    swap.all()
        .byVersion()
        .forEach((version, count) -> counts.add("%,d by %s".formatted(count, version)));
    return String.join(", ", counts);
  }

  private static void row(TextTable table, String when, SearchLoad.Window window) {
    table.row(
        when,
        "%,d".formatted(window.count()),
        "%.1f".formatted(window.latency().p50()),
        "%.1f".formatted(window.latency().p99()));
  }

  /// The same for programs.
  Map<String, Object> toJson() {
    Map<String, Object> metrics = new LinkedHashMap<>();
    after.metrics().forEach((metric, value) -> metrics.put(metric.label(), value.toJson()));
    Map<String, Object> gains = new LinkedHashMap<>();
    comparisons().forEach(each -> gains.put(each.metric().label(), each.toJson()));
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("metrics_after", metrics);
    json.put("gain", gains);
    json.put("swap", swapJson());
    return json;
  }

  private Map<String, Object> swapJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("from", swap.from());
    json.put("to", swap.to());
    json.put("seconds", swap.seconds());
    json.put("searches", swap.all().count());
    json.put("searches_by_version", swap.all().byVersion());
    json.put("failed", swap.all().failures().size());
    json.put("mixed", swap.all().mixed());
    json.put("writes", swap.writes().count());
    json.put("writes_failed", swap.writes().failures().size());
    json.put("writes_lost", swap.writes().lost().size());
    json.put("writes_resurrected", swap.writes().resurrected().size());
    json.put("before", latency(swap.before()));
    json.put("during", latency(swap.during()));
    json.put("after", latency(swap.after()));
    return json;
  }

  private static Map<String, Object> latency(SearchLoad.Window window) {
    return Map.of(
        "searches", window.count(), "p50", window.latency().p50(), "p99", window.latency().p99());
  }
}
