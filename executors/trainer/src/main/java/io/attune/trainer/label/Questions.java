package io.attune.trainer.label;

import io.attune.document.Document;
import io.attune.document.Score;
import io.attune.models.StoredModel;
import io.attune.proto.docarray.DocumentProto;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/// The questions of one request, with the matches to judge. Used by one thread.
final class Questions {
  private final Embeddings embeddings;
  private final RandomGenerator random;

  Questions(Embeddings embeddings, RandomGenerator random) {
    this.embeddings = embeddings;
    this.random = random;
  }

  /// The questions, embeddings and contents but texts stripped.
  ///
  /// @param model what finds the matches; where there is none yet, matches are drawn at random
  List<Document> ask(Labels labels, NextQuestions asked, Optional<StoredModel> model) {
    List<Document> questions = new ArrayList<>();
    Sample pool = new Sample(asked.sampleSize(), random);
    int[] place = new int[1];
    labels.each(document -> {
      if (place[0] >= asked.start() && place[0] < asked.end()) {
        questions.add(document);
      }
      place[0]++;
      pool.offer(document);
    });
    if (asked.mode() == NextQuestions.Mode.UNCERTAIN) {
      questions.clear();
      questions.addAll(
          uncertain(pool.drawn(), labels.labelled(), asked.end() - asked.start(), model));
    }
    return questions.stream()
        .map(question -> shown(question, matches(question, pool.drawn(), asked.topk(), model)))
        .toList();
  }

  private List<Document> uncertain(
      List<Document> pool, List<Document> labelled, int count, Optional<StoredModel> model) {
    Set<String> answered = new HashSet<>();
    labelled.forEach(question -> answered.add(question.id()));
    List<Document> open =
        pool.stream().filter(document -> !answered.contains(document.id())).toList();
    if (model.isEmpty()) {
      return open.subList(0, Math.min(count, open.size()));
    }
    float[][] rows = embeddings.of(model.get(), pool, false);
    double[] margins = Neighbours.margins(rows);
    float[][] candidates = new float[open.size()][];
    double[] marginOf = new double[open.size()];
    int next = 0;
    for (int i = 0; i < rows.length; i++) {
      if (!answered.contains(pool.get(i).id())) {
        candidates[next] = rows[i];
        marginOf[next++] = margins[i];
      }
    }
    Sample before = new Sample(Math.max(1, pool.size()), random);
    labelled.forEach(before::offer);
    float[][] asked = embeddings.of(model.get(), before.drawn(), false);
    return Neighbours.toAsk(candidates, marginOf, asked, count).stream().map(open::get).toList();
  }

  private List<Document> matches(
      Document question, List<Document> pool, int topk, Optional<StoredModel> model) {
    if (model.isEmpty()) {
      Sample drawn = new Sample(topk, random);
      pool.stream().filter(each -> !each.id().equals(question.id())).forEach(drawn::offer);
      return drawn.drawn().stream().map(Questions::stripped).toList();
    }
    float[] row = embeddings.of(model.get(), List.of(question), true)[0];
    float[][] rows = embeddings.of(model.get(), pool, false);
    int self = -1;
    for (int i = 0; i < pool.size(); i++) {
      self = pool.get(i).id().equals(question.id()) ? i : self;
    }
    return Neighbours.nearest(row, rows, self, topk).stream()
        .map(i ->
            stripped(pool.get(i)).score("cosine", Score.of(1 - Neighbours.cosine(row, rows[i]))))
        .toList();
  }

  private static Document shown(Document question, List<Document> matches) {
    return stripped(question).matches(matches);
  }

  private static Document stripped(Document document) {
    DocumentProto.Builder message = document.toProto().toBuilder().clearEmbedding();
    switch (document.contentCase()) {
      case TENSOR -> message.clearTensor();
      case BLOB -> message.clearBlob();
      case TEXT, CONTENT_NOT_SET -> {}
    }
    return Document.from(message.clearMatches().build());
  }
}
