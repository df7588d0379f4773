package io.attune.indexer.generation;

import java.util.List;

/// What a search found.
///
/// @param hits the nearest documents of each query, best first
/// @param visited with how many vectors the queries were compared
public record SearchAnswer(List<List<Hit>> hits, long visited) {
  public SearchAnswer {
    hits = List.copyOf(hits);
  }
}
