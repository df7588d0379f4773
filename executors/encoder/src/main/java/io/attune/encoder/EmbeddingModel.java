package io.attune.encoder;

import io.attune.document.Document;
import io.attune.runtime.ModelVersion;
import java.util.List;
import java.util.Optional;

/// One loaded model version. Safe for use by many threads at once.
interface EmbeddingModel extends AutoCloseable {
  /// Name and version.
  ModelVersion id();

  /// The vector space of its embeddings.
  String space();

  /// The length of an embedding.
  int dimension();

  /// Reads what this model embeds of a document; empty where the document has no such content. Runs
  /// on the thread of the request.
  ///
  /// @throws io.attune.runtime.FlowException where the content is there and wrong, with the
  ///   document's id
  Optional<Input> read(Document document, Prompt prompt);

  /// The embeddings of inputs that came from [#read] and share their [Input#shape()]. Runs on a
  /// worker of the queue.
  List<float[]> embed(List<Input> inputs);

  /// The memory it takes beyond the heap, in bytes, estimated; 0 where it is not known.
  default long bytes() {
    return 0;
  }

  @Override
  void close();
}
