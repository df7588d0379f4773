package io.attune.indexer;

import io.attune.document.Document;
import io.attune.proto.docarray.DocumentProto;
import java.util.Optional;

/// Tells which space a document's vectors are of. They are of one: that was checked before it was
/// written.
final class Spaces {
  private Spaces() {}

  /// The space of the first vector; empty without one.
  static String of(DocumentProto document) {
    return first(Document.from(document)).orElse("");
  }

  private static Optional<String> first(Document document) {
    Optional<String> own = document.embeddingSpace();
    if (own.isPresent()) {
      return own;
    }
    for (Document chunk : document.chunks()) {
      Optional<String> below = first(chunk);
      if (below.isPresent()) {
        return below;
      }
    }
    return Optional.empty();
  }
}
