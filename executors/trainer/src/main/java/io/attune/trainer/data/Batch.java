package io.attune.trainer.data;

import io.attune.document.Document;
import java.util.List;

/// What one training step sees: documents that the model reads, and how they relate.
///
/// @param documents the items, none twice
/// @param supervision how they relate, by index into the items
public record Batch(List<Document> documents, Supervision supervision) {
  public Batch {
    documents = List.copyOf(documents);
  }

  /// How many items.
  public int size() {
    return documents.size();
  }
}
