package io.attune.indexer.generation;

import io.attune.proto.docarray.DocumentProto;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/// A document that was found, by the nearest of its vectors.
///
/// @param id the document's id
/// @param path the path of the vector that was nearest
/// @param distance its distance
/// @param source the document without embeddings
/// @param embedding the document's own vector, where it was asked for and the document has one
@SuppressWarnings("ArrayRecordComponent") // vectors are compared by value nowhere
public record Hit(
    String id, String path, float distance, DocumentProto source, float @Nullable [] embedding) {
  /// By distance, ties by id.
  public static final Comparator<Hit> ORDER =
      Comparator.<Hit>comparingDouble(Hit::distance).thenComparing(Hit::id);
}
