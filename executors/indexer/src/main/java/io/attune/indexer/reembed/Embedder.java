package io.attune.indexer.reembed;

import io.attune.document.Document;
import java.util.List;

/// Gives documents vectors of one space, such as an encoder's version does.
///
/// Safe for use by several threads. A call ends early where the current [io.grpc.Context] is
/// cancelled.
@FunctionalInterface
public interface Embedder extends AutoCloseable {
  /// Embeds documents by their own content, chunks aside.
  ///
  /// @param documents without embeddings, 1 or more
  /// @return the same documents in the same order, each with an embedding that is marked with its
  ///   space; without one where there was nothing to read
  /// @throws io.attune.runtime.FlowException UNAVAILABLE or CANCELLED where it cannot work now,
  ///   whatever the documents are, but for [io.attune.runtime.channel.BrokenConnectionException] as
  ///   its cause, where it went while it had them; RESOURCE_EXHAUSTED, DEADLINE_EXCEEDED or
  ///   FAILED_PRECONDITION where it cannot, and that may be because of one of them;
  ///   UNAUTHENTICATED, PERMISSION_DENIED or UNIMPLEMENTED where somebody must see to it; any other
  ///   code where it is about them
  List<Document> embed(List<Document> documents);

  /// Releases what it holds.
  @Override
  default void close() {}
}
