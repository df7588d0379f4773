package io.attune.trainer.label;

import io.attune.document.Document;
import java.util.List;

/// Gives documents their embeddings.
interface Embedder extends AutoCloseable {
  /// One row each.
  ///
  /// @param queries whether they are queries, for models that read those otherwise
  float[][] embed(List<Document> documents, boolean queries);

  @Override
  void close();
}
