package io.attune.trainer.data;

import io.attune.document.Document;
import java.util.ArrayList;
import java.util.List;

/// What one training step sees: documents that the model reads, and how they relate.
///
/// @param documents the items; none twice, but as the negative of two sessions
/// @param items the items' numbers in their [TrainingData], one per document
/// @param supervision how they relate, by index into the items
@SuppressWarnings("ArrayRecordComponent") // on the data path; never compared
public record Batch(List<Document> documents, int[] items, Supervision supervision) {
  public Batch {
    documents = List.copyOf(documents);
    if (documents.size() != items.length) {
      throw new IllegalArgumentException(
          "items: %d for %d documents (expected: one each)"
              .formatted(items.length, documents.size()));
    }
  }

  /// How many items.
  public int size() {
    return documents.size();
  }

  /// The same batch in another order.
  ///
  /// @param order the old index of each new item
  public Batch permuted(int[] order) {
    List<Document> sorted = new ArrayList<>(order.length);
    int[] numbers = new int[order.length];
    for (int i = 0; i < order.length; i++) {
      sorted.add(documents.get(order[i]));
      numbers[i] = items[order[i]];
    }
    return new Batch(sorted, numbers, supervision.permuted(order));
  }
}
