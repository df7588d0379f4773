package io.attune.trainer.fit;

import io.attune.document.Document;
import io.attune.runtime.FlowException;
import io.attune.trainer.callback.EvaluationData;
import io.attune.trainer.data.Dataset;
import io.attune.trainer.data.Supervision.Sessions;
import io.attune.trainer.data.TrainingData;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Makes of labelled data, or of questions with their answers, what an evaluation searches.
///
/// - Classes: every item is a query; what has its label belongs to it. Without an index of their
///   own the queries search each other.
/// - Sessions: anchors are the queries; without an index of its own, everything else is searched,
///   each content once. What has the content of an anchor's positive belongs to it; the text of the
///   anchor itself, which may be another's answer, is the query's self.
final class EvaluationSet {
  private EvaluationSet() {}

  /// @param index what the queries search; null for their own file
  static EvaluationData of(TrainingData queries, @Nullable TrainingData index) {
    return switch (queries.dataset()) {
      case Dataset.Classes classes -> classes(queries, classes, index);
      case Dataset.Sessions sessions -> sessions(queries, sessions, index);
      case Dataset.ScoredPairs _ ->
          throw FlowException.invalid(
              "eval_queries: scored pairs (expected: labelled texts, or anchors with positives)");
    };
  }

  private static EvaluationData classes(
      TrainingData queries, Dataset.Classes classes, @Nullable TrainingData index) {
    List<Document> asked = all(queries);
    if (index == null) {
      return byPosition(asked, asked, classes.labels(), classes.labels(), true);
    }
    if (!(index.dataset() instanceof Dataset.Classes indexed)
        || indexed.names().isEmpty()
        || classes.names().isEmpty()) {
      throw FlowException.invalid(
          "eval_index: not labelled as the queries are (expected: two files of text and label)");
    }
    Map<String, Integer> numbers = new HashMap<>();
    for (String name : classes.names()) {
      numbers.put(name, numbers.size());
    }
    int[] labels = new int[index.size()];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = numbers.getOrDefault(indexed.names().get(indexed.labels()[i]), -1);
    }
    return byPosition(asked, all(index), classes.labels(), labels, false);
  }

  private static EvaluationData byPosition(
      List<Document> queries,
      List<Document> index,
      int[] queryLabels,
      int[] indexLabels,
      boolean same) {
    Map<Integer, BitSet> positions = new HashMap<>();
    for (int i = 0; i < indexLabels.length; i++) {
      positions.computeIfAbsent(indexLabels[i], _ -> new BitSet()).set(i);
    }
    List<BitSet> relevant = new ArrayList<>();
    List<Integer> self = new ArrayList<>();
    for (int i = 0; i < queryLabels.length; i++) {
      relevant.add(positions.getOrDefault(queryLabels[i], new BitSet()));
      self.add(same ? i : -1);
    }
    return new EvaluationData(queries, index, relevant, self);
  }

  private static EvaluationData sessions(
      TrainingData queries, Dataset.Sessions sessions, @Nullable TrainingData index) {
    Map<String, Integer> places = new LinkedHashMap<>();
    List<Document> searched = new ArrayList<>();
    if (index == null) {
      for (int entry = 0; entry < sessions.items().length; entry++) {
        if (sessions.roles()[entry] != Sessions.ANCHOR) {
          add(queries.document(sessions.items()[entry]), places, searched);
        }
      }
    } else {
      index.documents().forEach(document -> add(document, places, searched));
    }
    List<Document> asked = new ArrayList<>();
    List<BitSet> relevant = new ArrayList<>();
    List<Integer> self = new ArrayList<>();
    List<BitSet> wrong = new ArrayList<>();
    for (int s = 0; s < sessions.count(); s++) {
      asked.add(queries.document(sessions.anchor(s)));
      BitSet right = answers(queries, sessions, s, Sessions.POSITIVE, places);
      BitSet others = answers(queries, sessions, s, Sessions.NEGATIVE, places);
      others.andNot(right);
      relevant.add(right);
      wrong.add(others);
      int own = places.getOrDefault(asked.getLast().text(), -1);
      self.add(own >= 0 && right.get(own) ? -1 : own);
    }
    return new EvaluationData(asked, searched, relevant, self, wrong);
  }

  /// The places of a session's answers of one role. What is right must be in the index; what is
  /// wrong may be missing from one of its own.
  private static BitSet answers(
      TrainingData queries,
      Dataset.Sessions sessions,
      int session,
      byte role,
      Map<String, Integer> places) {
    BitSet answers = new BitSet();
    for (int e = sessions.starts()[session]; e < sessions.starts()[session + 1]; e++) {
      if (sessions.roles()[e] == role) {
        String text = queries.document(sessions.items()[e]).text();
        Integer place = places.get(text);
        if (place == null && role == Sessions.NEGATIVE) {
          continue;
        }
        if (place == null) {
          throw FlowException.invalid(
              "eval_index: without \"%s\", which belongs to a query (expected: every answer)"
                  .formatted(text.substring(0, Math.min(text.length(), 60))));
        }
        answers.set(place);
      }
    }
    return answers;
  }

  private static void add(Document document, Map<String, Integer> places, List<Document> searched) {
    if (document.text().isEmpty()) {
      throw FlowException.invalid(
          "evaluation: document %s without a text (expected: texts, for questions and answers)"
              .formatted(document.id()));
    }
    if (places.putIfAbsent(document.text(), searched.size()) == null) {
      searched.add(Objects.requireNonNull(document));
    }
  }

  private static List<Document> all(TrainingData data) {
    List<Document> documents = new ArrayList<>(data.size());
    data.documents().forEach(documents::add);
    return documents;
  }
}
