package io.attune.indexer;

import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.NdArray;
import io.attune.indexer.generation.GenerationSpec;
import io.attune.indexer.generation.Metric;
import io.attune.indexer.generation.Unit;
import io.attune.runtime.FlowException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Checks the vectors of documents and queries before anything else looks at them.
///
/// @param metric how they will be compared
/// @param unmarkedSpace the space of vectors without a mark; empty where those are refused
record Vectors(Metric metric, String unmarkedSpace) {
  /// Longer vectors overflow 32-bit floats when they are compared.
  private static final double MAX_NORM = 1e18;

  /// A checked vector and its space.
  ///
  /// @param unmarked of a document: the paths of its vectors that came without a mark of their
  ///   space
  @SuppressWarnings("ArrayRecordComponent") // vectors are compared by value nowhere
  record Checked(float[] vector, String space, List<String> unmarked) {
    Checked(float[] vector, String space) {
      this(vector, space, List.of());
    }
  }

  /// The vector of a query.
  Checked query(Document document) {
    return check(document, name(document))
        .orElseThrow(() -> missing(name(document), "an embedding"));
  }

  /// The one space and dimension of a document's vectors, chunks included; the vectors that carried
  /// no mark are marked.
  Checked document(Document document) {
    String name = name(document);
    requireId(document.id());
    if (!Nesting.fits(document)) {
      throw FlowException.invalid(
          "%s: nested too deep (expected: chunks, matches and tags in at most %d levels of messages)"
              .formatted(name, Nesting.MAX_LEVELS));
    }
    List<Checked> all = new ArrayList<>();
    List<String> unmarked = new ArrayList<>();
    collect(document, name, "", all, unmarked);
    if (all.isEmpty()) {
      throw missing(name, "an embedding of its own or of a chunk");
    }
    Checked first = all.getFirst();
    for (Checked each : all) {
      if (!each.space().equals(first.space())) {
        throw FlowException.invalid(
            "%s: vectors of spaces %s and %s (expected: one space)"
                .formatted(name, first.space(), each.space()));
      }
      requireDimension(name, each.vector().length, first.vector().length);
    }
    return new Checked(first.vector(), first.space(), unmarked);
  }

  private static void requireId(String id) {
    if (id.isEmpty()) {
      throw FlowException.invalid("document: no id (expected: an id)");
    }
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(id)) {
      throw FlowException.invalid("document: an id with half a character (expected: Unicode)");
    }
  }

  static void requireDimension(String name, int dimension, int expected) {
    if (dimension != expected) {
      throw FlowException.invalid(
          "%s: embedding of dimension %d (expected: %d)".formatted(name, dimension, expected));
    }
  }

  private void collect(
      Document document, String name, String path, List<Checked> into, List<String> unmarked) {
    check(document, name)
        .ifPresent(checked -> {
          into.add(checked);
          if (document.embeddingSpace().isEmpty()) {
            unmarked.add(path);
            document.embedding(NdArray.of(checked.vector()), checked.space());
          }
        });
    DocumentArray chunks = document.chunks();
    for (int i = 0; i < chunks.size(); i++) {
      Document chunk = chunks.get(i);
      collect(chunk, name + ", chunk " + chunk.id(), Unit.child(path, i), into, unmarked);
    }
  }

  private Optional<Checked> check(Document document, String name) {
    Optional<NdArray> embedding;
    try {
      embedding = document.embedding();
    } catch (IllegalArgumentException e) {
      throw FlowException.invalid(name + ": embedding: " + e.getMessage());
    }
    return embedding.map(array -> check(array, document, name));
  }

  private Checked check(NdArray embedding, Document document, String name) {
    int[] shape = embedding.shape();
    boolean isVector = shape.length == 1 || (shape.length == 2 && shape[0] == 1);
    int dimension = embedding.size();
    if (!isVector || dimension < 1 || dimension > GenerationSpec.MAX_DIMENSION) {
      throw FlowException.invalid(
          "%s: embedding of shape %s (expected: a vector of dimension 1..%d)"
              .formatted(name, Arrays.toString(shape), GenerationSpec.MAX_DIMENSION));
    }
    float[] vector = embedding.floats();
    for (int i = 0; i < vector.length; i++) {
      if (!Float.isFinite(vector[i])) {
        throw FlowException.invalid(
            "%s: embedding holds %s at %d (expected: finite numbers)"
                .formatted(name, vector[i], i));
      }
    }
    requireLength(vector, name);
    return new Checked(vector, space(document, name));
  }

  private void requireLength(float[] vector, String name) {
    double norm = Metric.norm(vector);
    if (norm > MAX_NORM) {
      throw FlowException.invalid(
          "%s: embedding of length %s (expected: at most %s)".formatted(name, norm, MAX_NORM));
    }
    if (metric == Metric.COSINE && norm == 0) {
      throw FlowException.invalid(
          name + ": zero embedding (expected: one with a direction, as the metric is cosine)");
    }
  }

  private String space(Document document, String name) {
    String space = document.embeddingSpace().orElse(unmarkedSpace);
    if (space.isEmpty()) {
      throw FlowException.invalid(
          name
              + ": embedding of an unknown space (expected: a mark of an encoder, the parameter space, or the option space of the Indexer)");
    }
    return space;
  }

  private static FlowException missing(String name, String expected) {
    return FlowException.invalid(name + ": no embedding (expected: " + expected + ")");
  }

  private static String name(Document document) {
    return "document " + document.id();
  }
}
