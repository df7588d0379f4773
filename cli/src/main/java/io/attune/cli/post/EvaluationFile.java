package io.attune.cli.post;

import io.attune.cli.JsonFile;
import io.attune.evaluator.metrics.Comparison;
import io.attune.evaluator.metrics.Estimate;
import io.attune.evaluator.metrics.Evaluation;
import io.attune.evaluator.metrics.Evaluation.QueryValues;
import io.attune.evaluator.metrics.Metric;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// The JSON of an evaluation: `{"k", "queries", "without_relevant", "metrics": {NAME: {"value",
/// "low", "high"}}, "per_query": [{"query", NAME: value, …}], "comparisons": […]}`.
final class EvaluationFile {
  private EvaluationFile() {}

  static Map<String, Object> json(Evaluation evaluation, List<Comparison> comparisons) {
    Map<String, Object> json = new LinkedHashMap<>(evaluation.toJson());
    List<Map<String, Object>> queries = new ArrayList<>();
    for (QueryValues values : evaluation.queries()) {
      Map<String, Object> query = new LinkedHashMap<>();
      query.put("query", values.query());
      values.values().forEach((metric, value) -> query.put(metric.label(), value));
      queries.add(query);
    }
    json.put("per_query", queries);
    if (!comparisons.isEmpty()) {
      json.put("comparisons", comparisons.stream().map(Comparison::toJson).toList());
    }
    return json;
  }

  /// Reads what [#json] wrote.
  ///
  /// @throws FlowException where the file holds something else
  static Evaluation read(Path file) throws IOException {
    JsonNode json = JsonFile.read(file);
    Map<Metric, Estimate> metrics = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry :
        required(json.get("metrics"), file, "metrics").properties()) {
      JsonNode estimate = entry.getValue();
      metrics.put(
          metric(entry.getKey(), file),
          new Estimate(
              number(estimate.get("value"), file, "metrics"),
              number(estimate.get("low"), file, "metrics"),
              number(estimate.get("high"), file, "metrics")));
    }
    List<QueryValues> queries = new ArrayList<>();
    for (JsonNode query : required(json.get("per_query"), file, "per_query")) {
      Map<Metric, Double> values = new EnumMap<>(Metric.class);
      for (Metric metric : metrics.keySet()) {
        values.put(metric, number(query.get(metric.label()), file, metric.label()));
      }
      queries.add(new QueryValues(required(query.get("query"), file, "query").asString(), values));
    }
    int k = (int) number(json.get("k"), file, "k");
    return new Evaluation(k, metrics, queries, List.of());
  }

  private static Metric metric(String label, Path file) {
    return Metric.named(label)
        .orElseThrow(() ->
            FlowException.invalid(
                "--baseline: %s: metric %s (expected: one that attune evaluate --json writes)"
                    .formatted(file, label)));
  }

  private static JsonNode required(@Nullable JsonNode node, Path file, String name) {
    if (node == null) {
      throw FlowException.invalid(
          "--baseline: %s: no %s (expected: a file that attune evaluate --json wrote)"
              .formatted(file, name));
    }
    return node;
  }

  private static double number(@Nullable JsonNode node, Path file, String name) {
    JsonNode value = required(node, file, name);
    if (!value.isNumber()) {
      throw FlowException.invalid(
          "--baseline: %s: %s: %s (expected: a number)".formatted(file, name, value));
    }
    return value.asDouble();
  }
}
