package io.attune.cli.hello;

import io.attune.cli.Excerpt;
import io.attune.cli.hello.QaCorpus.Answer;
import io.attune.cli.hello.QaCorpus.Question;
import io.attune.cli.hello.QaCorpus.Split;
import io.attune.cli.post.EvaluationTable;
import io.attune.evaluator.metrics.Estimate;
import io.attune.evaluator.metrics.Evaluation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/// What the job found, for people and for programs.
///
/// @param corpus what was searched
/// @param evaluation how good the answers are
/// @param speed how fast they came
/// @param samples a few questions with their best answers
/// @param preferred how often a right answer is nearer than a known wrong one, where the corpus
///   names wrong ones
record QaReport(
    QaCorpus corpus,
    Evaluation evaluation,
    Speed speed,
    List<Sample> samples,
    Optional<Estimate> preferred) {
  static final int SHOWN_CHARACTERS = 88;

  /// How fast the Flow was, seen by a client on the same machine.
  ///
  /// @param indexPerSecond answers encoded and made durable a second
  /// @param searchPerSecond questions answered a second on one stream with 16 in flight
  /// @param latency of one question after the other
  record Speed(double indexPerSecond, double searchPerSecond, Latency latency) {}

  /// Milliseconds from request to answer.
  record Latency(double p50, double p95, double p99) {
    static Latency of(List<Double> milliseconds) {
      double[] sorted = milliseconds.stream().mapToDouble(Double::doubleValue).sorted().toArray();
      return new Latency(rank(sorted, 0.50), rank(sorted, 0.95), rank(sorted, 0.99));
    }

    /// The nearest-rank percentile.
    private static double rank(double[] sorted, double share) {
      return sorted[Math.max(0, (int) Math.ceil(share * sorted.length) - 1)];
    }
  }

  /// A question with the ids of its best answers.
  record Sample(Question question, List<String> best) {}

  /// The report as people read it.
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    Map<String, Answer> answers =
        corpus.answers().stream().collect(Collectors.toMap(Answer::id, Function.identity()));
    for (Sample sample : samples) {
      lines.add("");
      lines.add("Q  " + Excerpt.of(sample.question().text(), SHOWN_CHARACTERS));
      for (String id : sample.best()) {
        Answer answer = answers.get(id);
        String mark = sample.question().answerIds().contains(id) ? "+" : " ";
        lines.add(
            " " + mark + " " + (answer == null ? id : Excerpt.of(answer.text(), SHOWN_CHARACTERS)));
      }
    }
    lines.add("");
    lines.addAll(EvaluationTable.lines(evaluation));
    preferred.ifPresent(share ->
        lines.add(
            "right answer nearer than the wrong one: %.3f (%.3f .. %.3f)"
                .formatted(share.value(), share.low(), share.high())));
    lines.add("");
    lines.add(
        "%s: %d answers, %d test questions"
            .formatted(corpus.name(), corpus.answers().size(), evaluation.queries().size()));
    lines.add(
        "indexed %.0f answers/s; answered %.0f questions/s; one question p50 %.1f ms, p95 %.1f ms, p99 %.1f ms"
            .formatted(
                speed.indexPerSecond(),
                speed.searchPerSecond(),
                speed.latency().p50(),
                speed.latency().p95(),
                speed.latency().p99()));
    return lines;
  }

  /// The report as programs read it.
  Map<String, Object> toJson() {
    Map<String, Object> metrics = new LinkedHashMap<>();
    evaluation
        .metrics()
        .forEach((metric, estimate) -> metrics.put(metric.label(), estimate.toJson()));
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("corpus", corpus.name());
    json.put("answers", corpus.answers().size());
    json.put("train_questions", corpus.questions(Split.TRAIN).size());
    json.put("test_questions", evaluation.queries().size());
    json.put("k", evaluation.k());
    json.put("metrics", metrics);
    preferred.ifPresent(share -> json.put("right_over_wrong", share.toJson()));
    json.put(
        "throughput",
        Map.of(
            "index_documents_per_second", speed.indexPerSecond(),
            "searches_per_second", speed.searchPerSecond()));
    json.put(
        "latency_ms",
        Map.of(
            "p50", speed.latency().p50(),
            "p95", speed.latency().p95(),
            "p99", speed.latency().p99()));
    return json;
  }
}
