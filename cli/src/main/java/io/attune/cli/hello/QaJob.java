package io.attune.cli.hello;

import com.google.protobuf.Struct;
import io.attune.cli.Console;
import io.attune.cli.Console.Progress;
import io.attune.cli.client.FlowAnswer;
import io.attune.cli.client.FlowClient;
import io.attune.cli.hello.QaCorpus.Answer;
import io.attune.cli.hello.QaCorpus.Question;
import io.attune.cli.hello.QaCorpus.Split;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.json.StructJson;
import io.attune.evaluator.metrics.Estimate;
import io.attune.evaluator.metrics.Evaluation;
import io.attune.evaluator.metrics.EvaluationOptions;
import io.attune.evaluator.metrics.Metric;
import io.attune.evaluator.metrics.Ranking;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Indexes a corpus' answers, asks its test questions twice (one after the other for the latency,
/// as a stream for the throughput) and scores the matches.
final class QaJob {
  private static final int INDEX_REQUEST_SIZE = 32;
  private static final int WARM_UP_QUESTIONS = 50;

  private final Console console;
  private final FlowClient client;
  private final QaCorpus corpus;
  private final int limit;
  private String version = "";

  QaJob(Console console, FlowClient client, QaCorpus corpus, int limit) {
    this.console = console;
    this.client = client;
    this.corpus = corpus;
    this.limit = limit;
  }

  QaReport run() {
    double indexSeconds = index();
    List<Question> questions = corpus.questions(Split.TEST);
    ask(questions.subList(0, Math.min(WARM_UP_QUESTIONS, questions.size())), "warming up", 1);
    Asked alone = ask(questions, "asking, one by one", 1);
    Asked streamed = ask(questions, "asking, as a stream", questions.size());
    return new QaReport(
        corpus,
        evaluate(questions, alone.matches()),
        new QaReport.Speed(
            corpus.answers().size() / indexSeconds,
            questions.size() / streamed.seconds(),
            QaReport.Latency.of(alone.milliseconds())),
        samples(questions, alone.matches()),
        preferred(questions));
  }

  /// Asks the test questions again, and scores what comes back.
  Evaluation score() {
    List<Question> questions = corpus.questions(Split.TEST);
    return evaluate(questions, ask(questions, "asking again", 1).matches());
  }

  /// What a search found.
  ///
  /// @param request the id of its request, which feedback names
  /// @param ids of the matches, nearest first
  record Found(Question question, String request, List<String> ids) {}

  /// What is found for each training question now.
  List<Found> found() {
    List<Question> questions = corpus.questions(Split.TRAIN);
    List<Found> found = new ArrayList<>();
    Asked asked = ask(questions, "asking the training questions", 1);
    for (int i = 0; i < questions.size(); i++) {
      found.add(new Found(questions.get(i), asked.requests().get(i), asked.matches().get(i)));
    }
    return found;
  }

  /// How often a right answer is nearer than the one that is known to be wrong.
  private Optional<Estimate> preferred(List<Question> questions) {
    List<Question> pairs =
        questions.stream().filter(question -> !question.wrongAnswerId().isEmpty()).toList();
    if (pairs.isEmpty()) {
      return Optional.empty();
    }
    List<Ranking> rankings = new ArrayList<>();
    try (Progress progress = console.progress("right against wrong", pairs.size(), "questions")) {
      for (Question question : pairs) {
        List<String> nearest = nearestOf(question);
        rankings.add(Ranking.ofIds(question.text(), nearest, question.answerIds()));
        progress.step(1);
      }
    }
    EvaluationOptions options = EvaluationOptions.DEFAULT.at(1).of(List.of(Metric.HIT));
    return Optional.of(Evaluation.of(rankings, options).metric(Metric.HIT));
  }

  /// The nearest of a question's right answers and its wrong one.
  private List<String> nearestOf(Question question) {
    List<String> ids = new ArrayList<>(question.answerIds());
    ids.add(question.wrongAnswerId());
    Struct parameters =
        StructJson.of(Map.of("limit", 1, "filter", Map.of("id", Map.of("$in", ids))));
    DocumentArray asked = DocumentArray.of(Document.ofText(question.text()));
    return client.post("/search", asked, parameters).get(0).matches().stream()
        .map(Document::id)
        .toList();
  }

  private double index() {
    long start = System.nanoTime();
    try (Progress progress = console.progress("indexing", corpus.answers().size(), "answers")) {
      client.post(
          "/index",
          corpus.answers().stream().map(Answer::toDocument).iterator(),
          Struct.getDefaultInstance(),
          INDEX_REQUEST_SIZE,
          answer -> progress.step(answer.message().getData().getDocs().getDocsCount()));
    }
    return (System.nanoTime() - start) / 1e9;
  }

  /// What asking brought.
  ///
  /// @param requests for each question the id of its request
  /// @param matches for each question the ids of its matches, nearest first
  /// @param milliseconds for each request how long it took
  /// @param seconds for all
  private record Asked(
      List<String> requests,
      List<List<String>> matches,
      List<Double> milliseconds,
      double seconds) {}

  /// Asks each question in a request of its own, a number of them on one stream.
  private Asked ask(List<Question> questions, String task, int streamed) {
    Struct parameters = StructJson.of(Map.of("limit", limit));
    List<String> requests = new ArrayList<>();
    List<List<String>> matches = new ArrayList<>();
    List<Double> milliseconds = new ArrayList<>();
    long start = System.nanoTime();
    try (Progress progress = console.progress(task, questions.size(), "questions")) {
      for (int from = 0; from < questions.size(); from += streamed) {
        List<Question> part = questions.subList(from, Math.min(from + streamed, questions.size()));
        client.post(
            "/search",
            part.stream().map(question -> Document.ofText(question.text())).iterator(),
            parameters,
            1,
            answer -> {
              requests.add(answer.message().getHeader().getRequestId());
              matches.add(matchIds(answer));
              version = answer.model("encoder");
              milliseconds.add(answer.took().toNanos() / 1e6);
              progress.step(1);
            });
      }
    }
    return new Asked(requests, matches, milliseconds, (System.nanoTime() - start) / 1e9);
  }

  /// The version of the model that answered last, as `name@1`; empty before the first answer.
  String version() {
    return version;
  }

  private static List<String> matchIds(FlowAnswer answer) {
    return answer.documents().get(0).matches().stream().map(Document::id).toList();
  }

  private Evaluation evaluate(List<Question> questions, List<List<String>> matches) {
    List<Ranking> rankings = new ArrayList<>();
    for (int i = 0; i < questions.size(); i++) {
      Question question = questions.get(i);
      rankings.add(Ranking.ofIds(question.text(), matches.get(i), question.answerIds()));
    }
    return Evaluation.of(rankings, EvaluationOptions.DEFAULT.at(limit));
  }

  /// A few questions with their best answers, spread over the corpus.
  private static List<QaReport.Sample> samples(
      List<Question> questions, List<List<String>> matches) {
    List<QaReport.Sample> samples = new ArrayList<>();
    int wanted = Math.min(3, questions.size());
    for (int i = 0; i < wanted; i++) {
      int at = i * questions.size() / wanted;
      List<String> best = matches.get(at);
      samples.add(
          new QaReport.Sample(questions.get(at), best.subList(0, Math.min(3, best.size()))));
    }
    return samples;
  }
}
