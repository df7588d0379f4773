package io.attune.indexer;

import io.attune.document.Document;
import io.attune.indexer.generation.Generation;
import io.attune.indexer.generation.View;
import io.attune.indexer.log.IndexLog;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// Decides which generation a vector belongs to, and refuses vectors of a space or dimension that
/// the index does not hold. The first write of an empty index makes its generation.
final class Admission {
  private final IndexerConfig config;
  private final IndexLog records;
  private final Generations generations;
  private final Applier applier;

  Admission(IndexerConfig config, IndexLog records, Generations generations, Applier applier) {
    this.config = config;
    this.records = records;
    this.generations = generations;
    this.applier = applier;
  }

  /// The checks of vectors, for a request that may name the space of unmarked ones.
  Vectors vectors(String unmarkedSpace) {
    return new Vectors(config.metric(), unmarkedSpace.isEmpty() ? config.space() : unmarkedSpace);
  }

  /// Checks what can be checked of documents without the index; unmarked vectors are marked.
  List<Vectors.Checked> check(List<Document> documents, String unmarkedSpace) {
    Vectors vectors = vectors(unmarkedSpace);
    return documents.stream().map(vectors::document).toList();
  }

  /// Compares documents with the generations; an empty index takes the space and dimension of the
  /// first. For one writer at a time, which holds back all others until its records are appended.
  void admit(List<Document> documents, List<Vectors.Checked> checked) {
    try {
      if (!checked.isEmpty() && !holds(checked.getFirst()) && isEmpty()) {
        begin(documents, checked);
      }
    } catch (IOException e) {
      throw new FlowException(
          ErrorCode.UNAVAILABLE, "index: no generation could be made: " + e.getMessage(), e);
    }
    for (int i = 0; i < checked.size(); i++) {
      String name = name(documents.get(i));
      Generation generation = generations.of(checked.get(i).space());
      if (generation == null) {
        throw unknownSpace(name, checked.get(i).space());
      }
      requireDimension(checked.get(i), name);
    }
  }

  private boolean holds(Vectors.Checked vector) {
    Generation generation = generations.of(vector.space());
    return generation != null && generation.spec().dimension() == vector.vector().length;
  }

  private void begin(List<Document> documents, List<Vectors.Checked> checked) throws IOException {
    Vectors.Checked first = checked.getFirst();
    String space = config.space().isEmpty() ? first.space() : config.space();
    int dimension = config.dimension() == 0 ? first.vector().length : config.dimension();
    for (int i = 0; i < checked.size(); i++) {
      String name = name(documents.get(i));
      if (!checked.get(i).space().equals(space)) {
        throw FlowException.invalid(
            "%s: embedding of space %s (expected: %s, as the index has one space)"
                .formatted(name, checked.get(i).space(), space));
      }
      Vectors.requireDimension(name, checked.get(i).vector().length, dimension);
    }
    generations.replace(space, dimension, records.lastSequence());
  }

  private static String name(Document document) {
    return "document " + document.id();
  }

  private boolean isEmpty() throws IOException {
    return generations.all().isEmpty()
        || (applier.applied() == records.lastSequence() && generations.documents() == 0);
  }

  private FlowException unknownSpace(String name, String space) {
    String held = generations.all().isEmpty() ? config.space() : generations.spaces();
    return FlowException.invalid(
        "%s: embedding of space %s (expected: %s, which the index holds)"
            .formatted(name, space, held));
  }

  /// The documents of a query's space, as they are now; empty while nothing was ever indexed.
  ///
  /// @throws FlowException where the index holds other spaces, or another dimension
  Optional<View> view(Vectors.Checked query, String name) throws IOException {
    Generation generation = generations.of(query.space());
    if (generation == null) {
      if (generations.all().isEmpty()
          && (config.space().isEmpty() || config.space().equals(query.space()))) {
        return Optional.empty();
      }
      throw unknownSpace(name, query.space());
    }
    Vectors.requireDimension(name, query.vector().length, generation.spec().dimension());
    return Optional.of(generation.view());
  }

  /// Refuses a query of another dimension than its space's.
  void requireDimension(Vectors.Checked query, String name) {
    Generation generation = generations.of(query.space());
    if (generation != null) {
      Vectors.requireDimension(name, query.vector().length, generation.spec().dimension());
    }
  }
}
