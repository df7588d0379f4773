package io.attune.indexer.generation;

import io.attune.document.query.Query;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a search asks for.
///
/// @param limit the greatest number of documents to answer, 1 or greater
/// @param offset how many of the nearest to pass over
/// @param candidates how many candidates the graph search keeps (ef); at least limit + offset are
///   kept whatever it says
/// @param exact whether to compare with every vector
/// @param threshold the greatest distance that is answered
/// @param depths which vectors are searched: 0 the documents' own, 1 their chunks', and so on;
///   empty for all
/// @param filter which documents may be answered; null for all
/// @param includeEmbeddings whether to answer the documents' own vectors
public record SearchOptions(
    int limit,
    int offset,
    int candidates,
    boolean exact,
    float threshold,
    Set<Integer> depths,
    @Nullable Query filter,
    boolean includeEmbeddings) {
  /// Candidates of the graph search where nothing else is asked for.
  public static final int DEFAULT_CANDIDATES = 128;

  public SearchOptions {
    if (limit < 1 || offset < 0 || candidates < 1) {
      throw new IllegalArgumentException(
          "limit %d, offset %d, candidates %d (expected: 1.., 0.., 1..)"
              .formatted(limit, offset, candidates));
    }
    depths = Set.copyOf(depths);
  }

  /// The nearest documents, by whichever vector.
  public static SearchOptions nearest(int limit) {
    return new SearchOptions(
        limit, 0, DEFAULT_CANDIDATES, false, Float.POSITIVE_INFINITY, Set.of(), null, false);
  }

  /// The same with every vector compared.
  public SearchOptions exactly() {
    return new SearchOptions(
        limit, offset, candidates, true, threshold, depths, filter, includeEmbeddings);
  }

  /// The same over the documents that a filter accepts.
  public SearchOptions among(Query accepted) {
    return new SearchOptions(
        limit, offset, candidates, exact, threshold, depths, accepted, includeEmbeddings);
  }

  /// The number of nearest documents that must be known.
  public int wanted() {
    return limit + offset;
  }
}
