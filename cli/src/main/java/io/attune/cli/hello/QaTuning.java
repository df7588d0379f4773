package io.attune.cli.hello;

import com.google.protobuf.Struct;
import io.attune.cli.Closing;
import io.attune.cli.Console;
import io.attune.cli.client.FlowClient;
import io.attune.cli.hello.QaCorpus.Question;
import io.attune.cli.post.FeedbackFlow;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.evaluator.gate.Gate;
import io.attune.evaluator.gate.GateOptions;
import io.attune.evaluator.gate.Verdict;
import io.attune.evaluator.metrics.Evaluation;
import io.attune.evaluator.metrics.EvaluationOptions;
import io.attune.evaluator.metrics.Ranking;
import io.attune.evaluator.split.QuerySplit;
import io.attune.evaluator.split.QuerySplit.Side;
import io.attune.models.ModelStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Tunes the model of a Flow on what people would say of its answers, and decides whether the tuned
/// one may go live.
///
/// A person may say of some questions which answers are right. The other people are simulated: of
/// the answers found for a training question they call those right that the corpus calls right.
/// Some of the questions, by the hash of their text, are kept from training and judge it.
final class QaTuning {
  private static final double GATE_SHARE = 0.25;
  private static final int REQUEST_SIZE = 1_000;

  private final Console console;
  private final FlowClient client;
  private final QaCorpus corpus;
  private final Path folder;
  private final ModelStore store;
  private final int limit;
  private final QaJudge judge;

  /// @param folder where feedback and runs are kept
  /// @param limit the k of the metrics
  /// @param judge asks a person about some of the questions
  QaTuning(
      Console console,
      FlowClient client,
      QaCorpus corpus,
      Path folder,
      ModelStore store,
      int limit,
      QaJudge judge) {
    this.console = console;
    this.client = client;
    this.corpus = corpus;
    this.folder = folder;
    this.store = store;
    this.limit = limit;
    this.judge = judge;
  }

  /// A tuned model.
  ///
  /// @param model as `name@2`
  /// @param exact what is right for its answers and for those of the one before
  /// @param verdict whether it is better, by the questions kept from training
  record Candidate(String model, ExactAnswers exact, Verdict verdict) {}

  /// Tunes and judges; nothing where too little was said to tune on.
  ///
  /// @param live what is served, as `name@1`
  /// @param found what was found for the training questions
  Optional<Candidate> tune(Closing closing, String live, List<QaJob.Found> found)
      throws IOException, InterruptedException {
    List<Question> gate = new ArrayList<>();
    List<Document> judged = new ArrayList<>();
    try (QuerySplit split = QuerySplit.open(folder.resolve("gate.split"), GATE_SHARE)) {
      List<QaJob.Found> train = new ArrayList<>();
      for (QaJob.Found each : found) {
        switch (split.side(each.question().text())) {
          case GATE -> gate.add(each.question());
          case TRAIN -> train.add(each);
          case NEITHER -> {}
        }
      }
      judge(found, judge.ask(train));
      FeedbackFlow.export(
          client,
          Struct.getDefaultInstance(),
          FeedbackFlow.Side.ALL, // this job has a split of its own
          query -> {
            if (split.side(query.text()) == Side.TRAIN) {
              judged.add(query);
            }
          });
    }
    console.note(
        "feedback: %d judged questions to train on, %d others to compare with"
            .formatted(judged.size(), gate.size()));
    if (judged.size() < Tuning.LEAST_QUESTIONS || gate.size() < 2) {
      console.note(
          "too little to tune on (expected: %d judged questions or more, and 2 others)"
              .formatted(Tuning.LEAST_QUESTIONS));
      return Optional.empty();
    }
    String tuned = new Tuning(console, folder, store).tune(closing, live, judged);
    console.note("comparing %s with %s on %d questions".formatted(tuned, live, gate.size()));
    ExactAnswers exact = new ExactAnswers();
    List<String> texts = ExactAnswers.texts(corpus);
    for (String version : List.of(live, tuned)) {
      try (Console.Progress progress =
          console.progress("embedding with " + version, texts.size(), "texts")) {
        exact.learn(store.root(), version, texts, progress::step);
      }
    }
    int attempt = QaAttempts.next(folder, gate.size());
    Verdict verdict =
        new Gate(GateOptions.DEFAULT)
            .judge(evaluate(exact, live, gate), evaluate(exact, tuned, gate), attempt);
    return Optional.of(new Candidate(tuned, exact, verdict));
  }

  /// Says which of the answers found are right.
  private void judge(List<QaJob.Found> found, Map<QaJob.Found, QaJudge.Said> said) {
    DocumentArray judgments = DocumentArray.of();
    for (QaJob.Found each : found) {
      QaJudge.Said typed = said.get(each);
      if (typed != null) {
        typed.shown().forEach(id -> judgments.add(judgment(each, id, typed.right().contains(id))));
      } else {
        each.ids().stream()
            .filter(each.question().answerIds()::contains)
            .forEach(id -> judgments.add(judgment(each, id, true)));
      }
    }
    if (!said.isEmpty()) {
      console.note(
          "feedback: %d questions judged by you, %d simulated"
              .formatted(said.size(), found.size() - said.size()));
    }
    client.post(
        "/feedback", judgments.iterator(), Struct.getDefaultInstance(), REQUEST_SIZE, _ -> {});
  }

  private static Document judgment(QaJob.Found found, String id, boolean isRight) {
    return Document.create().id(id).tag("relevant", isRight).tag("request_id", found.request());
  }

  private Evaluation evaluate(ExactAnswers exact, String version, List<Question> questions) {
    List<Ranking> rankings = new ArrayList<>();
    for (Question question : questions) {
      List<String> nearest = exact.nearest(version, question.text(), corpus.answers(), limit);
      rankings.add(Ranking.ofIds(question.text(), nearest, question.answerIds()));
    }
    return Evaluation.of(rankings, EvaluationOptions.DEFAULT.at(limit));
  }
}
