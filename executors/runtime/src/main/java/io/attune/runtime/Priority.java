package io.attune.runtime;

/// How soon work is wanted. Interactive work goes first, and both classes have a share.
public enum Priority {
  /// Somebody waits for the answer: a search.
  INTERACTIVE,
  /// Throughput counts: indexing, re-embedding.
  BULK
}
