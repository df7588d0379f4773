package io.attune.evaluator.metrics;

import io.attune.evaluator.metrics.Evaluation.QueryValues;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/// Whether one result is better than another, query by query.
///
/// The interval is the bootstrap's over the differences; the p-value is that of a two-sided
/// randomisation test (Fisher's, by flipping signs): how often differences as large come about
/// where it makes no difference which result is which. Every flip is tried where there are few.
///
/// @param metric what is compared
/// @param baseline the mean of the one
/// @param candidate the mean of the other
/// @param difference candidate − baseline, with its interval
/// @param pValue 0..1; small where chance does not explain the difference
/// @param better in how many queries the candidate is better
/// @param worse in how many it is worse
/// @param equal in how many neither is
public record Comparison(
    Metric metric,
    double baseline,
    double candidate,
    Estimate difference,
    double pValue,
    int better,
    int worse,
    int equal) {
  private static final int FLIPS = 10_000;
  private static final int EXACT_QUERIES = 13;
  private static final double EPSILON = 1e-12;

  /// Compares two results on the same queries.
  ///
  /// @param resamples how often queries are drawn for the interval, 1 or more
  /// @param seed of all draws
  /// @throws IllegalArgumentException where the queries or the cut-offs differ
  public static Comparison of(
      Metric metric, Evaluation baseline, Evaluation candidate, int resamples, long seed) {
    if (resamples < 1) {
      throw new IllegalArgumentException(
          "resamples: %d (expected: 1 or more)".formatted(resamples));
    }
    double[] differences = differences(metric, baseline, candidate);
    int better = 0;
    int worse = 0;
    for (double difference : differences) {
      better += difference > EPSILON ? 1 : 0;
      worse += difference < -EPSILON ? 1 : 0;
    }
    return new Comparison(
        metric,
        baseline.metric(metric).value(),
        candidate.metric(metric).value(),
        Bootstrap.estimates(new double[][] {differences}, resamples, seed)[0],
        pValue(differences, seed),
        better,
        worse,
        differences.length - better - worse);
  }

  /// What a candidate adds to each metric that both have, candidate − baseline over the same
  /// queries, with its paired interval; without the p-values that [#of] takes its time for.
  ///
  /// @param resamples how often queries are drawn for the intervals; 0 for none
  /// @param seed of all draws
  /// @throws IllegalArgumentException where the queries or the cut-offs differ
  public static Map<Metric, Estimate> differences(
      Evaluation baseline, Evaluation candidate, int resamples, long seed) {
    requireSameCutOff(baseline, candidate);
    List<Metric> metrics =
        candidate.metrics().keySet().stream().filter(baseline.metrics()::containsKey).toList();
    double[][] columns = new double[metrics.size()][];
    for (int i = 0; i < columns.length; i++) {
      columns[i] = differences(metrics.get(i), baseline, candidate);
    }
    Estimate[] estimates = Bootstrap.estimates(columns, resamples, seed);
    Map<Metric, Estimate> differences = new LinkedHashMap<>();
    for (int i = 0; i < columns.length; i++) {
      differences.put(metrics.get(i), estimates[i]);
    }
    return differences;
  }

  private static void requireSameCutOff(Evaluation baseline, Evaluation candidate) {
    if (baseline.k() != candidate.k()) {
      throw new IllegalArgumentException(
          "k: %d and %d (expected: the same)".formatted(baseline.k(), candidate.k()));
    }
  }

  /// What a candidate adds in each query, candidate − baseline, in the order of its queries.
  ///
  /// @throws IllegalArgumentException where the queries or the cut-offs differ
  public static double[] differences(Metric metric, Evaluation baseline, Evaluation candidate) {
    requireSameCutOff(baseline, candidate);
    Map<String, Double> before = new LinkedHashMap<>();
    baseline.queries().forEach(query -> before.put(query.query(), query.value(metric)));
    List<QueryValues> after = candidate.queries();
    if (after.size() != before.size()) {
      throw new IllegalArgumentException(
          "queries: %d and %d (expected: the same)".formatted(before.size(), after.size()));
    }
    double[] differences = new double[after.size()];
    for (int i = 0; i < differences.length; i++) {
      Double value = before.get(after.get(i).query());
      if (value == null) {
        throw new IllegalArgumentException(
            "query %s: not in the baseline (expected: the same queries)"
                .formatted(after.get(i).query()));
      }
      differences[i] = after.get(i).value(metric) - value;
    }
    return differences;
  }

  private static double pValue(double[] differences, long seed) {
    double observed = Math.abs(sum(differences, 0));
    boolean exact = differences.length <= EXACT_QUERIES;
    int flips = exact ? 1 << differences.length : FLIPS;
    SplittableRandom random = new SplittableRandom(seed);
    int asLarge = 0;
    for (int flip = 0; flip < flips; flip++) {
      double sum = exact ? sum(differences, flip) : randomSum(differences, random);
      asLarge += Math.abs(sum) >= observed - EPSILON ? 1 : 0;
    }
    return exact ? (double) asLarge / flips : (asLarge + 1.0) / (flips + 1.0);
  }

  private static double sum(double[] values, int flipped) {
    double sum = 0;
    for (int i = 0; i < values.length; i++) {
      sum += i < Integer.SIZE && (flipped >>> i & 1) == 1 ? -values[i] : values[i];
    }
    return sum;
  }

  private static double randomSum(double[] values, SplittableRandom random) {
    double sum = 0;
    long bits = 0;
    for (int i = 0; i < values.length; i++) {
      bits = i % Long.SIZE == 0 ? random.nextLong() : bits >>> 1;
      sum += (bits & 1) == 1 ? -values[i] : values[i];
    }
    return sum;
  }

  /// The comparison as JSON.
  public Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("metric", metric.label());
    json.put("baseline", baseline);
    json.put("candidate", candidate);
    json.put("difference", difference.toJson());
    json.put("p_value", pValue);
    json.put("better", better);
    json.put("worse", worse);
    json.put("equal", equal);
    return json;
  }
}
