package io.attune.indexer.generation;

import org.jspecify.annotations.Nullable;

/// One record of the log as a generation sees it: what a document is from a sequence on.
///
/// @param sequence the record's place in the log, 1 or greater
/// @param id the document's id; empty for all documents at once, which only a delete can be for
/// @param content what the document is; null when it is deleted
public record Change(long sequence, String id, @Nullable Content content) {
  public Change {
    if (sequence < 1) {
      throw new IllegalArgumentException("sequence: " + sequence + " (expected: 1..)");
    }
    if (id.isEmpty() && content != null) {
      throw new IllegalArgumentException("id: empty (expected: an id)");
    }
  }

  /// A document that is there from a sequence on.
  public static Change upsert(long sequence, String id, Content content) {
    return new Change(sequence, id, content);
  }

  /// A document that is gone from a sequence on.
  public static Change delete(long sequence, String id) {
    return new Change(sequence, id, null);
  }

  /// All documents are gone from a sequence on.
  public static Change clear(long sequence) {
    return new Change(sequence, "", null);
  }

  /// Whether all documents are deleted.
  public boolean clears() {
    return id.isEmpty();
  }
}
