package io.attune.gateway.embedded;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.json.StructJson;
import io.attune.gateway.rollout.Judge;
import io.attune.proto.attune.GateVerdict;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// Compares two versions with the Flow's own executors: the queries that `Feedback` holds out are
/// searched with each version, and `Evaluator` compares what was found by what people said of it.
///
/// @param calls requests to the Flow
record FlowJudge(FlowCalls calls) implements Judge {
  private static final String EXPORT = "/feedback/export";
  private static final String GATE = "/gate";
  private static final String SEARCH = "/search";
  private static final String LABEL = "finetuner_label";
  private static final int LEAST_QUERIES = 100;
  private static final int PAGE = 1_000;
  private static final int AT_ONCE = 25;
  private static final int LIMIT = 100;
  private static final int CUT_OFF = 20;

  /// A query that judges.
  ///
  /// @param judged whether each document that somebody judged is relevant, by its id
  private record Query(String id, String text, Map<String, Boolean> judged) {}

  @Override
  public void require() {
    try {
      var _ = held();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FlowException(ErrorCode.CANCELLED, "min_gain: interrupted", e);
    }
  }

  /// How many held-out queries are judged.
  ///
  /// @throws FlowException FAILED_PRECONDITION where there are too few, or nothing can compare
  private long held() throws InterruptedException {
    for (String endpoint : List.of(EXPORT, GATE, SEARCH)) {
      if (!calls.serves(endpoint)) {
        throw new FlowException(
            ErrorCode.FAILED_PRECONDITION,
            "min_gain: no executor of the Flow answers %s (expected: an indexer, Feedback and Evaluator)"
                .formatted(endpoint));
      }
    }
    long queries = export(0, 1).count();
    if (queries < LEAST_QUERIES) {
      throw new FlowException(
          ErrorCode.FAILED_PRECONDITION,
          "min_gain: %d held-out queries are judged (expected: %d or more; judge more searches, or swap without a gate)"
              .formatted(queries, LEAST_QUERIES));
    }
    return queries;
  }

  @Override
  public GateVerdict judge(Question question) throws InterruptedException {
    long heldOut = held();
    List<Query> queries = queries(heldOut);
    DocumentArray answers = DocumentArray.of();
    for (ModelVersion version : List.of(question.live(), question.candidate())) {
      answers.addAll(answers(version, queries));
    }
    Map<String, Object> judgments = new LinkedHashMap<>();
    queries.forEach(query -> judgments.put(query.id(), query.judged()));
    Map<String, Object> parameters =
        Map.of(
            "live", question.live().toString(),
            "candidate", question.candidate().toString(),
            "judgments", judgments,
            "margin", question.margin(),
            "k", CUT_OFF,
            "least_queries", LEAST_QUERIES,
            "attempt", question.attempts().applyAsInt(heldOut));
    Struct told =
        calls
            .post(GATE, answers, StructJson.of(parameters), List.of())
            .results("passed")
            .orElseThrow(() ->
                new FlowException(
                    ErrorCode.INTERNAL, GATE + ": no verdict (expected: the evaluator's)"));
    return verdict(told).setHeldOut(heldOut).build();
  }

  /// The newest queries that judge, of which something is relevant.
  private List<Query> queries(long all) throws InterruptedException {
    List<Query> queries = new ArrayList<>();
    long offset = Math.max(0, all - MOST_QUERIES);
    Page page;
    do {
      page = export(offset, PAGE);
      for (Document each : page.queries()) {
        Map<String, Boolean> judged = new HashMap<>();
        each.matches()
            .forEach(match ->
                judged.put(
                    match.id(), match.tag(LABEL).map(Value::getNumberValue).orElse(0.0) > 0));
        if (judged.containsValue(true)) {
          queries.add(new Query(each.id(), each.text(), judged));
        }
      }
      offset += page.queries().size();
    } while (offset < page.count() && !page.queries().isEmpty());
    return queries;
  }

  /// @param count how many queries there are in all
  private record Page(DocumentArray queries, long count) {}

  private Page export(long offset, int limit) throws InterruptedException {
    FlowCalls.Told told =
        calls.post(
            EXPORT,
            DocumentArray.of(),
            StructJson.of(Map.of("side", "gate", "offset", offset, "limit", limit)),
            List.of());
    long count =
        told.results("queries")
            .map(results -> (long) results.getFieldsOrThrow("queries").getNumberValue())
            .orElse(0L);
    return new Page(told.documents(), count);
  }

  /// The queries as a version answers them, with the matches that count.
  private List<Document> answers(ModelVersion version, List<Query> queries)
      throws InterruptedException {
    Map<String, Set<String>> judged =
        queries.stream().collect(Collectors.toMap(Query::id, each -> each.judged().keySet()));
    Struct parameters = StructJson.of(Map.of("limit", LIMIT, "impressions", false));
    List<Document> answers = new ArrayList<>();
    for (int i = 0; i < queries.size(); i += AT_ONCE) {
      List<Document> asked =
          queries.subList(i, Math.min(queries.size(), i + AT_ONCE)).stream()
              .map(query -> Document.ofText(query.text()).id(query.id()))
              .toList();
      for (Document found :
          calls.post(SEARCH, DocumentArray.of(asked), parameters, List.of(version)).documents()) {
        answers.add(slim(version, found, judged.getOrDefault(found.id(), Set.of())));
      }
    }
    return answers;
  }

  /// Of an answer what is compared: the first matches, and later ones that somebody judged.
  private static Document slim(ModelVersion version, Document found, Set<String> judged) {
    List<Document> matches = new ArrayList<>();
    for (Document match : found.matches()) {
      if (matches.size() < CUT_OFF || judged.contains(match.id())) {
        Document slim = Document.create().id(match.id());
        match.scores().forEach(slim::score);
        matches.add(slim);
      }
    }
    return Document.create().id(found.id()).tag("version", version.toString()).matches(matches);
  }

  private static GateVerdict.Builder verdict(Struct told) {
    Struct comparison = told.getFieldsOrThrow("comparison").getStructValue();
    Struct gain = comparison.getFieldsOrThrow("difference").getStructValue();
    Struct unjudged = told.getFieldsOrThrow("unjudged").getStructValue();
    return GateVerdict.newBuilder()
        .setPassed(told.getFieldsOrThrow("passed").getBoolValue())
        .setReason(told.getFieldsOrThrow("reason").getStringValue())
        .setMetric(comparison.getFieldsOrThrow("metric").getStringValue())
        .setQueries((long) number(told, "queries"))
        .setAttempt((int) number(told, "attempt"))
        .setLive(number(comparison, "baseline"))
        .setCandidate(number(comparison, "candidate"))
        .setGain(number(gain, "value"))
        .setGainLow(number(gain, "low"))
        .setGainHigh(number(gain, "high"))
        .setBound(number(told, "bound"))
        .setMargin(number(told, "margin"))
        .setBetter((long) number(comparison, "better"))
        .setWorse((long) number(comparison, "worse"))
        .setEqual((long) number(comparison, "equal"))
        .setLiveUnjudged(number(unjudged, "live"))
        .setCandidateUnjudged(number(unjudged, "candidate"));
  }

  private static double number(Struct struct, String field) {
    return struct.getFieldsOrThrow(field).getNumberValue();
  }
}
