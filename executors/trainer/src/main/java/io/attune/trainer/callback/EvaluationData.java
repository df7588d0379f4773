package io.attune.trainer.callback;

import io.attune.document.Document;
import io.attune.runtime.FlowException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/// Queries, an index, and what of it belongs to each query.
///
/// @param queries the queries
/// @param index what they search; may be the queries themselves
/// @param relevant for each query the positions in the index of what belongs to it
/// @param self for each query the position of the document that is the query itself, by its id; -1
///   where there is none
/// @param wrong for each query the positions of what is known not to belong to it
public record EvaluationData(
    List<Document> queries,
    List<Document> index,
    List<BitSet> relevant,
    List<Integer> self,
    List<BitSet> wrong) {
  public EvaluationData {
    queries = List.copyOf(queries);
    index = List.copyOf(index);
    relevant = List.copyOf(relevant);
    self = List.copyOf(self);
    wrong = List.copyOf(wrong);
    if (queries.isEmpty() || index.isEmpty()) {
      throw FlowException.invalid(
          "evaluation: %d queries and %d documents (expected: one or more of each)"
              .formatted(queries.size(), index.size()));
    }
    if (relevant.size() != queries.size()
        || self.size() != queries.size()
        || wrong.size() != queries.size()) {
      throw FlowException.invalid(
          "evaluation: relevance of %d queries (expected: of %d)"
              .formatted(relevant.size(), queries.size()));
    }
  }

  /// Without answers that are known to be wrong.
  public EvaluationData(
      List<Document> queries, List<Document> index, List<BitSet> relevant, List<Integer> self) {
    this(queries, index, relevant, self, queries.stream().map(_ -> new BitSet()).toList());
  }

  /// What has one label belongs together.
  ///
  /// @param label the label of a document; empty or null texts belong to nothing
  public static EvaluationData byLabel(
      List<Document> queries, List<Document> index, Function<Document, String> label) {
    Map<String, BitSet> positions = new HashMap<>();
    for (int i = 0; i < index.size(); i++) {
      String own = label.apply(index.get(i));
      if (!own.isEmpty()) {
        positions.computeIfAbsent(own, _ -> new BitSet()).set(i);
      }
    }
    return of(queries, index, query -> positions.getOrDefault(label.apply(query), new BitSet()));
  }

  /// Each query names the ids of what belongs to it; ids that the index does not have are an error,
  /// for recall would be wrong.
  ///
  /// @param truth the ids of a query
  public static EvaluationData byIds(
      List<Document> queries, List<Document> index, Function<Document, Set<String>> truth) {
    Map<String, Integer> positions = positions(index);
    return of(
        queries,
        index,
        query -> {
          BitSet relevant = new BitSet();
          for (String id : truth.apply(query)) {
            Integer position = positions.get(id);
            if (position == null) {
              throw FlowException.invalid(
                  "evaluation: query %s names document %s (expected: an id of the index)"
                      .formatted(query.id(), id));
            }
            relevant.set(position);
          }
          return relevant;
        });
  }

  private static EvaluationData of(
      List<Document> queries, List<Document> index, Function<Document, BitSet> relevant) {
    Map<String, Integer> positions = positions(index);
    List<BitSet> sets = new ArrayList<>();
    List<Integer> self = new ArrayList<>();
    for (Document query : queries) {
      sets.add(relevant.apply(query));
      self.add(query.id().isEmpty() ? -1 : positions.getOrDefault(query.id(), -1));
    }
    return new EvaluationData(queries, index, sets, self);
  }

  private static Map<String, Integer> positions(List<Document> index) {
    Map<String, Integer> positions = new HashMap<>();
    for (int i = 0; i < index.size(); i++) {
      positions.putIfAbsent(index.get(i).id(), i);
    }
    return positions;
  }
}
