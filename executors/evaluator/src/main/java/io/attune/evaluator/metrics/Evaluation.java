package io.attune.evaluator.metrics;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// How good the matches of many queries are.
///
/// A query without relevant documents says nothing about a search: it is named in `withoutRelevant`
/// and left out of every mean.
///
/// @param k the cut-off
/// @param metrics each metric's mean over the queries, with its interval
/// @param queries each evaluated query's own values, in the order of the input
/// @param withoutRelevant the ids of the queries that have no relevant document
public record Evaluation(
    int k, Map<Metric, Estimate> metrics, List<QueryValues> queries, List<String> withoutRelevant) {
  private static final int MOST_NAMED = 100;
  private static final long MOST_DRAWS = 200_000_000;

  public Evaluation {
    metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
    queries = List.copyOf(queries);
    withoutRelevant = List.copyOf(withoutRelevant);
  }

  /// Evaluates rankings.
  ///
  /// @throws IllegalArgumentException where no query has a relevant document, two have one id, or
  ///   the intervals would take more than 200,000,000 draws
  public static Evaluation of(Collection<Ranking> rankings, EvaluationOptions options) {
    List<QueryValues> queries = new ArrayList<>();
    List<String> without = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (Ranking ranking : rankings) {
      if (!seen.add(ranking.query())) {
        throw new IllegalArgumentException(
            "query %s: given twice (expected: each id once)".formatted(ranking.query()));
      }
      if (ranking.relevant() == 0) {
        without.add(ranking.query());
      } else {
        queries.add(QueryValues.of(ranking, options));
      }
    }
    if (queries.isEmpty()) {
      throw new IllegalArgumentException(
          "queries: %d, none with a relevant document (expected: at least one)"
              .formatted(rankings.size()));
    }
    if ((long) options.resamples() * queries.size() > MOST_DRAWS) {
      throw new IllegalArgumentException(
          "resamples: %d for %d queries (expected: at most %d)"
              .formatted(options.resamples(), queries.size(), MOST_DRAWS / queries.size()));
    }
    return new Evaluation(options.k(), estimates(queries, options), queries, without);
  }

  private static Map<Metric, Estimate> estimates(
      List<QueryValues> queries, EvaluationOptions options) {
    List<Metric> metrics = options.metrics();
    double[][] columns = new double[metrics.size()][];
    for (int i = 0; i < columns.length; i++) {
      Metric metric = metrics.get(i);
      columns[i] = queries.stream().mapToDouble(query -> query.value(metric)).toArray();
    }
    Estimate[] estimates = Bootstrap.estimates(columns, options.resamples(), options.seed());
    Map<Metric, Estimate> byMetric = new LinkedHashMap<>();
    for (int i = 0; i < columns.length; i++) {
      byMetric.put(metrics.get(i), estimates[i]);
    }
    return byMetric;
  }

  /// The mean of a metric.
  ///
  /// @throws IllegalArgumentException where it was not evaluated
  public Estimate metric(Metric metric) {
    Estimate estimate = metrics.get(metric);
    if (estimate == null) {
      throw new IllegalArgumentException(
          "metric: %s (expected: one of %s)"
              .formatted(metric.label(), metrics.keySet().stream().map(Metric::label).toList()));
    }
    return estimate;
  }

  /// The evaluation as JSON: `{"k", "queries", "without_relevant": {"count", "ids"}, "metrics":
  /// {NAME: {"value", "low", "high"}}}`; at most 100 ids.
  public Map<String, Object> toJson() {
    Map<String, Object> values = new LinkedHashMap<>();
    metrics.forEach((metric, estimate) -> values.put(metric.label(), estimate.toJson()));
    Map<String, Object> without = new LinkedHashMap<>();
    without.put("count", withoutRelevant.size());
    without.put("ids", withoutRelevant.stream().limit(MOST_NAMED).toList());
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("k", k);
    json.put("queries", queries.size());
    json.put("without_relevant", without);
    json.put("metrics", values);
    return json;
  }

  /// The values of one query.
  ///
  /// @param query its id
  /// @param values its value of each metric
  public record QueryValues(String query, Map<Metric, Double> values) {
    public QueryValues {
      values = Collections.unmodifiableMap(new EnumMap<>(values));
    }

    static QueryValues of(Ranking ranking, EvaluationOptions options) {
      Map<Metric, Double> values = new EnumMap<>(Metric.class);
      for (Metric metric : options.metrics()) {
        values.put(metric, metric.of(ranking, options.k()));
      }
      return new QueryValues(ranking.query(), values);
    }

    /// Its value of a metric.
    ///
    /// @throws IllegalArgumentException where it was not evaluated
    public double value(Metric metric) {
      Double value = values.get(metric);
      if (value == null) {
        throw new IllegalArgumentException(
            "metric: %s was not evaluated (expected: one of %s)"
                .formatted(metric.label(), values.keySet().stream().map(Metric::label).toList()));
      }
      return value;
    }
  }
}
