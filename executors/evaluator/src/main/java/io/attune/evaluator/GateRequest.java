package io.attune.evaluator;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.Value.KindCase;
import io.attune.document.Document;
import io.attune.evaluator.gate.Gate;
import io.attune.evaluator.gate.GateOptions;
import io.attune.evaluator.gate.Judgments;
import io.attune.evaluator.gate.Judgments.Condensed;
import io.attune.evaluator.gate.Verdict;
import io.attune.evaluator.metrics.Evaluation;
import io.attune.evaluator.metrics.EvaluationOptions;
import io.attune.evaluator.metrics.Metric;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.Parameters;
import io.attune.runtime.registry.Spelling;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// What a call of `/gate` asks for.
///
/// @param live what the tag `version` says of queries as the live version answered them
/// @param candidate the same of the candidate
/// @param judgments what is known of the documents that were shown
/// @param options `metric` (default reciprocal_rank), `margin` (-1..1, 0), `least_queries`
///   (2..1000000, 100), `resamples` (1..100000, 1000), `seed` (1)
/// @param k the cut-off, 1..10000; 20
/// @param attempt the how-manieth candidate on these queries it is, 1 or more; 1
record GateRequest(
    String live, String candidate, Judgments judgments, GateOptions options, int k, int attempt) {
  private static final String VERSION = "version";
  private static final Set<String> NAMES =
      new TreeSet<>(
          Set.of(
              "live",
              "candidate",
              "judgments",
              "metric",
              "margin",
              "least_queries",
              "resamples",
              "seed",
              "k",
              "attempt"));
  private static final int MOST_RESAMPLES = 100_000;
  private static final int MOST = 1_000_000;
  private static final int MOST_K = 10_000;

  static GateRequest of(Parameters parameters, String executor) {
    for (String name : parameters.struct().getFieldsMap().keySet()) {
      if (!NAMES.contains(name) && !name.startsWith("__") && !name.equals(executor)) {
        throw FlowException.invalid(
            "%s: unknown parameter of /gate (expected: %s)"
                .formatted(name, Spelling.expected(name, NAMES)));
      }
    }
    String live = named(parameters, "live");
    String candidate = named(parameters, "candidate");
    if (live.equals(candidate)) {
      throw FlowException.invalid(
          "candidate: %s, which is live (expected: another version)".formatted(candidate));
    }
    GateOptions standard = GateOptions.DEFAULT;
    double margin = parameters.number("margin").orElse(standard.margin());
    if (!(margin >= -1 && margin <= 1)) {
      throw FlowException.invalid("margin: %s (expected: -1..1)".formatted(margin));
    }
    return new GateRequest(
        live,
        candidate,
        judgments(parameters),
        new GateOptions(
            metric(parameters.string("metric", standard.metric().label())),
            margin,
            parameters.integer("least_queries", standard.leastQueries(), 2, MOST),
            parameters.integer("resamples", standard.resamples(), 1, MOST_RESAMPLES),
            parameters.integer("seed", (int) standard.seed(), 0, Integer.MAX_VALUE)),
        parameters.integer("k", EvaluationOptions.DEFAULT.k(), 1, MOST_K),
        parameters.integer("attempt", 1, 1, MOST));
  }

  private static String named(Parameters parameters, String name) {
    return parameters
        .string(name)
        .orElseThrow(() ->
            FlowException.invalid(
                "%s: missing (expected: what the tag version of its answers says)"
                    .formatted(name)));
  }

  private static Metric metric(String name) {
    try {
      return Metric.chosen("metric", List.of(name)).getFirst();
    } catch (IllegalArgumentException unknown) {
      throw new FlowException(
          ErrorCode.INVALID_ARGUMENT, String.valueOf(unknown.getMessage()), unknown);
    }
  }

  private static Judgments judgments(Parameters parameters) {
    Struct given =
        parameters
            .object("judgments")
            .orElseThrow(() ->
                FlowException.invalid(
                    "judgments: missing (expected: query id to document id to true or false)"));
    Judgments judgments = new Judgments();
    given
        .getFieldsMap()
        .forEach((query, judged) -> {
          if (judged.getKindCase() != KindCase.STRUCT_VALUE) {
            throw FlowException.invalid(
                "judgments.%s: (expected: document id to true or false)".formatted(query));
          }
          judged
              .getStructValue()
              .getFieldsMap()
              .forEach((document, word) -> judgments.add(query, document, isTrue(word, document)));
        });
    return judgments;
  }

  private static boolean isTrue(Value word, String document) {
    if (word.getKindCase() != KindCase.BOOL_VALUE) {
      throw FlowException.invalid(
          "judgments: document %s: (expected: true or false)".formatted(document));
    }
    return word.getBoolValue();
  }

  /// What the gate says of the candidate.
  ///
  /// @param liveUnjudged the share of what the live version retrieved that nobody judged, 0..1
  /// @param candidateUnjudged the same of the candidate
  record Judged(Verdict verdict, double liveUnjudged, double candidateUnjudged) {
    Map<String, Object> toJson() {
      Map<String, Object> json = new LinkedHashMap<>(verdict.toJson());
      json.put("unjudged", Map.of("live", liveUnjudged, "candidate", candidateUnjudged));
      return json;
    }
  }

  /// Compares the answers of the two versions.
  ///
  /// @param answers each query twice, by the tag `version`
  Judged judge(Collection<Document> answers) {
    Map<String, Condensed> ofLive = condensed(answers, live);
    Map<String, Condensed> ofCandidate = condensed(answers, candidate);
    if (!ofLive.keySet().equals(ofCandidate.keySet())) {
      throw FlowException.invalid(
          "documents: %d queries of %s, %d of %s (expected: the same queries of both)"
              .formatted(ofLive.size(), live, ofCandidate.size(), candidate));
    }
    try {
      Verdict verdict = new Gate(options).judge(evaluate(ofLive), evaluate(ofCandidate), attempt);
      return new Judged(
          verdict,
          Judgments.unjudgedShare(ofLive.values()),
          Judgments.unjudgedShare(ofCandidate.values()));
    } catch (IllegalArgumentException wrong) {
      throw new FlowException(
          ErrorCode.INVALID_ARGUMENT, String.valueOf(wrong.getMessage()), wrong);
    }
  }

  private Map<String, Condensed> condensed(Collection<Document> answers, String version) {
    Map<String, Condensed> condensed = new LinkedHashMap<>();
    for (Document query : answers) {
      if (query.tag(VERSION).map(Value::getStringValue).orElse("").equals(version)) {
        List<String> retrieved = Matches.ranked(query).stream().map(Document::id).toList();
        Condensed before = condensed.put(query.id(), judgments.condense(query.id(), retrieved, k));
        if (before != null) {
          throw FlowException.invalid(
              "query %s: twice of %s (expected: once)".formatted(query.id(), version));
        }
      }
    }
    return condensed;
  }

  private Evaluation evaluate(Map<String, Condensed> condensed) {
    List<Metric> metrics = List.of(options.metric());
    return Evaluation.of(
        new ArrayList<>(condensed.values().stream().map(Condensed::ranking).toList()),
        new EvaluationOptions(metrics, k, options.resamples(), options.seed()));
  }
}
