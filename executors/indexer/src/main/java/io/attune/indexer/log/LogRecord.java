package io.attune.indexer.log;

import io.attune.proto.docarray.DocumentProto;
import org.jspecify.annotations.Nullable;

/// One change of the shard: the document that results under an id, or its absence.
///
/// Results, not patches: applying a record twice, or after a newer one of the same id was skipped
/// over, gives the same index as long as records are compared by sequence.
///
/// @param sequence the position in the log, 1 or greater, without gaps
/// @param id the root document's id; empty with a null document: all ids at once
/// @param document the resulting document; null for a delete
public record LogRecord(long sequence, String id, @Nullable DocumentProto document) {
  /// Whether the record removes its id, or all.
  public boolean isDelete() {
    return document == null;
  }

  /// Whether the record removes all documents.
  public boolean isClear() {
    return id.isEmpty();
  }
}
