package io.attune.evaluator;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.Value.KindCase;
import io.attune.evaluator.metrics.EvaluationOptions;
import io.attune.evaluator.metrics.Metric;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.Parameters;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What a call of `/evaluate` asks for; each parameter may have a default in `uses_with`.
///
/// @param options `metrics` (names, or `standard`, `docarray`; default standard), `k` (1..10000,
///   default 20), `resamples` (0..100000, default 1000), `seed` (whole number, default 1)
/// @param relevance by `label_tag` with `num_relevant_documents_per_label`, by `ground_truth`
///   (query id → ids), or by the tag that `ground_truth_tag` names (default `ground_truth`)
record EvaluationRequest(EvaluationOptions options, Relevance relevance) {
  static final Set<String> NAMES =
      Set.of(
          "metrics",
          "k",
          "resamples",
          "seed",
          "label_tag",
          "num_relevant_documents_per_label",
          "ground_truth",
          "ground_truth_tag");

  private static final int MOST_RESAMPLES = 100_000;
  private static final int MOST_K = 10_000;

  static EvaluationRequest of(Parameters defaults, Parameters given) {
    Struct merged =
        defaults.struct().toBuilder().putAllFields(given.struct().getFieldsMap()).build();
    Parameters parameters = new Parameters(merged);
    EvaluationOptions standard = EvaluationOptions.DEFAULT;
    return new EvaluationRequest(
        new EvaluationOptions(
            metrics(parameters),
            parameters.integer("k", standard.k(), 1, MOST_K),
            parameters.integer("resamples", standard.resamples(), 0, MOST_RESAMPLES),
            parameters.integer("seed", (int) standard.seed(), 0, Integer.MAX_VALUE)),
        relevance(parameters));
  }

  private static List<Metric> metrics(Parameters parameters) {
    Optional<Value> value = parameters.value("metrics");
    if (value.isEmpty()) {
      return Metric.STANDARD;
    }
    List<Metric> metrics = chosen(Relevance.Ids.of(value.get(), "metrics"));
    if (metrics.isEmpty()) {
      throw FlowException.invalid("metrics: none (expected: at least one)");
    }
    return metrics;
  }

  private static List<Metric> chosen(List<String> names) {
    try {
      return Metric.chosen("metrics", names);
    } catch (IllegalArgumentException unknown) {
      throw new FlowException(
          ErrorCode.INVALID_ARGUMENT, String.valueOf(unknown.getMessage()), unknown);
    }
  }

  private static Relevance relevance(Parameters parameters) {
    Optional<String> label = parameters.string("label_tag");
    Optional<Struct> truth = parameters.object("ground_truth");
    if (label.isPresent() && truth.isPresent()) {
      throw FlowException.invalid("ground_truth: beside label_tag (expected: one of the two)");
    }
    if (label.isPresent()) {
      return new Relevance.ByLabel(label.get(), relevantPerLabel(parameters));
    }
    if (truth.isPresent()) {
      Map<String, Set<String>> ids = new LinkedHashMap<>();
      truth
          .get()
          .getFieldsMap()
          .forEach((query, value) ->
              ids.put(
                  query,
                  Set.copyOf(
                      new LinkedHashSet<>(Relevance.Ids.of(value, "ground_truth." + query)))));
      return new Relevance.ByIds(ids);
    }
    return new Relevance.ByTag(parameters.string("ground_truth_tag", "ground_truth"));
  }

  private static Map<String, Integer> relevantPerLabel(Parameters parameters) {
    Struct counts =
        parameters
            .object("num_relevant_documents_per_label")
            .orElseThrow(() ->
                FlowException.invalid(
                    "num_relevant_documents_per_label: not given (expected: for each label, how"
                        + " many documents of the index bear it)"));
    Map<String, Integer> relevant = new LinkedHashMap<>();
    counts
        .getFieldsMap()
        .forEach((label, value) -> {
          double count = value.getNumberValue();
          if (value.getKindCase() != KindCase.NUMBER_VALUE
              || count != Math.rint(count)
              || count < 0
              || count > Integer.MAX_VALUE) {
            throw FlowException.invalid(
                "num_relevant_documents_per_label.%s: (expected: a whole number, 0 or more)"
                    .formatted(label));
          }
          relevant.put(label, (int) count);
        });
    return relevant;
  }
}
