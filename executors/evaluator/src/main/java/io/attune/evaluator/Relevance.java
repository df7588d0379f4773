package io.attune.evaluator;

import com.google.protobuf.Value;
import com.google.protobuf.Value.KindCase;
import io.attune.document.Document;
import io.attune.evaluator.metrics.Ranking;
import io.attune.runtime.FlowException;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// How it is known which documents are relevant to a query.
public sealed interface Relevance {
  /// What a query retrieved, judged; its matches are its ranking, ties ordered by id.
  ///
  /// @throws FlowException where its relevance cannot be told
  Ranking rank(Document query);

  /// What many queries retrieved, judged.
  default List<Ranking> rank(Collection<Document> queries) {
    return queries.stream().map(this::rank).toList();
  }

  /// By ids: relevant is what the ground truth lists for the query's id. A query it does not list
  /// has no relevant document.
  ///
  /// @param truth query id → ids of all relevant documents
  record ByIds(Map<String, Set<String>> truth) implements Relevance {
    public ByIds {
      Map<String, Set<String>> copy = new LinkedHashMap<>();
      truth.forEach((query, ids) -> copy.put(query, Set.copyOf(ids)));
      truth = Map.copyOf(copy);
    }

    /// The ground truth as documents, as docarray takes it: the matches of each are what is
    /// relevant to the query of the same id.
    public static ByIds of(Collection<Document> groundTruth) {
      Map<String, Set<String>> truth = new LinkedHashMap<>();
      for (Document query : groundTruth) {
        truth.put(
            query.id(), query.matches().stream().map(Document::id).collect(Collectors.toSet()));
      }
      return new ByIds(truth);
    }

    @Override
    public Ranking rank(Document query) {
      return ranked(query, truth.getOrDefault(query.id(), Set.of()));
    }
  }

  /// By ids that each query carries in a tag: one id or a list of them.
  ///
  /// @param tag the tag's name
  record ByTag(String tag) implements Relevance {
    @Override
    public Ranking rank(Document query) {
      Set<String> truth = new HashSet<>();
      Optional<Value> value = query.tag(tag);
      if (value.isPresent()) {
        truth.addAll(Ids.of(value.get(), "tag %s of query %s".formatted(tag, query.id())));
      }
      return ranked(query, truth);
    }
  }

  /// By label: relevant is a match whose tag equals the query's.
  ///
  /// @param tag the tag's name; strings, numbers and booleans are labels
  /// @param relevantPerLabel label → how many documents of the index bear it; numbers as text
  ///   without a fraction where they are whole
  record ByLabel(String tag, Map<String, Integer> relevantPerLabel) implements Relevance {
    public ByLabel {
      relevantPerLabel = Map.copyOf(relevantPerLabel);
    }

    @Override
    public Ranking rank(Document query) {
      String label =
          label(query)
              .orElseThrow(() ->
                  FlowException.invalid(
                      "tag %s of query %s: not a label (expected: a string, number or boolean)"
                          .formatted(tag, query.id())));
      Integer relevant = relevantPerLabel.get(label);
      if (relevant == null) {
        throw FlowException.invalid(
            "label of query %s: \"%s\" (expected: one that num_relevant_documents_per_label counts)"
                .formatted(query.id(), label));
      }
      Set<String> seen = new HashSet<>();
      List<Document> matches = Matches.ranked(query);
      boolean[] relevance = new boolean[matches.size()];
      for (int i = 0; i < relevance.length; i++) {
        Document match = matches.get(i);
        relevance[i] = label(match).filter(label::equals).isPresent() && seen.add(match.id());
      }
      return Ranking.of(query.id(), relevance, relevant);
    }

    private Optional<String> label(Document document) {
      return document
          .tag(tag)
          .flatMap(value ->
              switch (value.getKindCase()) {
                case STRING_VALUE -> Optional.of(value.getStringValue());
                case NUMBER_VALUE -> Optional.of(number(value.getNumberValue()));
                case BOOL_VALUE -> Optional.of(String.valueOf(value.getBoolValue()));
                case STRUCT_VALUE, LIST_VALUE, NULL_VALUE, KIND_NOT_SET -> Optional.empty();
              });
    }

    private static String number(double value) {
      boolean whole = value == Math.rint(value) && Math.abs(value) < 1L << 53;
      return whole ? String.valueOf((long) value) : String.valueOf(value);
    }
  }

  private static Ranking ranked(Document query, Set<String> truth) {
    List<String> retrieved = Matches.ranked(query).stream().map(Document::id).toList();
    return Ranking.ofIds(query.id(), retrieved, truth);
  }

  /// Ids in a protobuf value.
  final class Ids {
    private Ids() {}

    static List<String> of(Value value, String name) {
      if (value.getKindCase() == KindCase.STRING_VALUE) {
        return List.of(value.getStringValue());
      }
      List<Value> items = value.getListValue().getValuesList();
      if (value.getKindCase() != KindCase.LIST_VALUE
          || items.stream().anyMatch(item -> item.getKindCase() != KindCase.STRING_VALUE)) {
        throw FlowException.invalid(
            "%s: not ids (expected: a string or a list of strings)".formatted(name));
      }
      return items.stream().map(Value::getStringValue).toList();
    }
  }
}
