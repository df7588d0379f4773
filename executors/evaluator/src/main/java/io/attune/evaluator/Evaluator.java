package io.attune.evaluator;

import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.Score;
import io.attune.document.json.StructJson;
import io.attune.evaluator.metrics.Evaluation;
import io.attune.evaluator.metrics.Evaluation.QueryValues;
import io.attune.evaluator.metrics.Ranking;
import io.attune.runtime.Answer;
import io.attune.runtime.Call;
import io.attune.runtime.Endpoints;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.Executor;
import io.attune.runtime.FlowException;
import io.attune.runtime.Parameters;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/// Answers `/evaluate`: queries with their matches come in; the metrics go out as results, and each
/// query's own values as its document's `evaluations`; and `/gate`, which says whether one
/// version's answers are better than another's.
///
/// One request is one evaluation, so the queries must come in one request: the Python client sends
/// 100 documents a request unless `request_size` says otherwise.
public final class Evaluator implements Executor {
  private final String name;
  private final Parameters defaults;

  /// An evaluator with its defaults.
  ///
  /// @param name the executor's name in the Flow
  /// @param defaults parameters that a request need not give; see `docs/evaluator.md`
  /// @throws FlowException where one is unknown or wrong
  public Evaluator(String name, Parameters defaults) {
    for (String option : new TreeSet<>(defaults.struct().getFieldsMap().keySet())) {
      if (!EvaluationRequest.NAMES.contains(option)) {
        throw FlowException.invalid(
            "%s: unknown option of Evaluator (expected: one of %s)"
                .formatted(option, new TreeSet<>(EvaluationRequest.NAMES)));
      }
    }
    EvaluationRequest.of(defaults, Parameters.EMPTY);
    this.name = name;
    this.defaults = defaults;
  }

  @Override
  public void bind(Endpoints endpoints) {
    endpoints.read("/evaluate", this::evaluate).read("/gate", this::gate);
  }

  private Answer gate(Call call) {
    GateRequest request = GateRequest.of(call.parameters(), name);
    return Answer.of(DocumentArray.of())
        .withResults(StructJson.of(request.judge(call.documents()).toJson()));
  }

  private Answer evaluate(Call call) {
    EvaluationRequest request = EvaluationRequest.of(defaults, call.parameters());
    Evaluation evaluation = evaluate(call.documents(), request);
    mark(call.documents(), evaluation);
    return Answer.results(StructJson.of(evaluation.toJson()));
  }

  private static Evaluation evaluate(DocumentArray queries, EvaluationRequest request) {
    try {
      List<Ranking> rankings = request.relevance().rank(queries);
      return Evaluation.of(rankings, request.options());
    } catch (IllegalArgumentException wrong) {
      throw new FlowException(
          ErrorCode.INVALID_ARGUMENT, String.valueOf(wrong.getMessage()), wrong);
    }
  }

  private static void mark(DocumentArray queries, Evaluation evaluation) {
    Map<String, QueryValues> byQuery = new HashMap<>();
    evaluation.queries().forEach(query -> byQuery.put(query.query(), query));
    for (Document query : queries) {
      QueryValues values = byQuery.get(query.id());
      if (values != null) {
        values
            .values()
            .forEach((metric, value) -> query.evaluation(metric.label(), Score.of(value)));
      }
    }
  }
}
