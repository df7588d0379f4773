package io.attune.indexer.generation;

import java.util.Comparator;

/// A document that was found, by the nearest of its vectors.
///
/// @param id the document's id
/// @param path the path of the vector that was nearest
/// @param distance its distance
/// @param content the document; with its vectors where they were asked for
public record Hit(String id, String path, float distance, Content content) {
  /// By distance, ties by id.
  public static final Comparator<Hit> ORDER =
      Comparator.<Hit>comparingDouble(Hit::distance).thenComparing(Hit::id);
}
