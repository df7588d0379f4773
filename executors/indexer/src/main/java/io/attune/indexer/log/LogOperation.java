package io.attune.indexer.log;

import io.attune.proto.docarray.DocumentProto;
import io.attune.runtime.FlowException;
import org.jspecify.annotations.Nullable;

/// What a writer asks the log to record; the log gives it its sequence.
///
/// @param id the root document's id, 1 to 8,000 characters
/// @param document the resulting document; null for a delete
public record LogOperation(String id, @Nullable DocumentProto document) {
  private static final int MAX_ID_CHARACTERS = 8_000;

  public LogOperation {
    if (id.isEmpty() || id.length() > MAX_ID_CHARACTERS) {
      throw FlowException.invalid(
          "id: %d characters (expected: 1..%d)".formatted(id.length(), MAX_ID_CHARACTERS));
    }
  }

  /// The document replaces whatever its id holds.
  public static LogOperation put(DocumentProto document) {
    return new LogOperation(document.getId(), document);
  }

  /// The id holds nothing any more.
  public static LogOperation delete(String id) {
    return new LogOperation(id, null);
  }
}
