package io.attune.indexer;

import io.attune.indexer.generation.Content;
import io.attune.indexer.generation.Unit;
import io.attune.proto.docarray.DocumentProto;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// One document on its way to another space: which of its parts need a vector, and the vectors that
/// they have got so far. For use by one thread.
final class Reembedding {
  private final long sequence;
  private final String id;
  private final DocumentProto source;
  private final Map<String, DocumentProto> parts = new LinkedHashMap<>();
  private final Map<String, float[]> vectors = new LinkedHashMap<>();

  /// @param kept the paths whose vectors are taken as they are
  Reembedding(long sequence, Content content, List<String> kept) {
    this.sequence = sequence;
    this.source = content.source();
    this.id = source.getId();
    for (Unit unit : content.units()) {
      if (kept.contains(unit.path())) {
        vectors.put(unit.path(), unit.vector());
      } else {
        vectors.put(unit.path(), new float[0]);
        parts.put(unit.path(), part(source, unit.path()));
      }
    }
  }

  /// The document at a path, without those below it.
  private static DocumentProto part(DocumentProto source, String path) {
    DocumentProto part = source;
    for (int position : Unit.positions(path)) {
      part = part.getChunks(position);
    }
    return part.toBuilder().clearChunks().build();
  }

  long sequence() {
    return sequence;
  }

  String id() {
    return id;
  }

  /// What needs a vector, by path.
  Map<String, DocumentProto> parts() {
    return parts;
  }

  void vector(String path, float[] vector) {
    vectors.put(path, vector);
  }

  /// The document with the vectors that it has got.
  Content content() {
    List<Unit> units = new ArrayList<>(vectors.size());
    vectors.forEach((path, vector) -> units.add(new Unit(path, vector)));
    return new Content(source, units);
  }
}
