package io.attune.indexer.log;

import io.attune.proto.docarray.DocumentProto;
import io.attune.runtime.FlowException;
import org.jspecify.annotations.Nullable;

/// What a writer asks the log to record; the log gives it its sequence.
///
/// @param id the root document's id, 1 to 8,000 characters; empty for [#clear]
/// @param document the resulting document; null for a delete
public record LogOperation(String id, @Nullable DocumentProto document) {
  private static final int MAX_ID_CHARACTERS = 8_000;

  public LogOperation {
    if ((id.isEmpty() && document != null) || id.length() > MAX_ID_CHARACTERS) {
      throw FlowException.invalid(
          "id: %d characters (expected: 1..%d)".formatted(id.length(), MAX_ID_CHARACTERS));
    }
    if (document != null && !document.getId().equals(id)) {
      throw FlowException.invalid("document: id %s (expected: %s)".formatted(document.getId(), id));
    }
  }

  /// The document replaces whatever its id holds.
  public static LogOperation put(DocumentProto document) {
    return new LogOperation(document.getId(), document);
  }

  /// No id holds anything any more.
  public static LogOperation clear() {
    return new LogOperation("", null);
  }

  /// The id holds nothing any more.
  public static LogOperation delete(String id) {
    if (id.isEmpty()) {
      throw FlowException.invalid(
          "id: empty (expected: 1..%d characters)".formatted(MAX_ID_CHARACTERS));
    }
    return new LogOperation(id, null);
  }
}
