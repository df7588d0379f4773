package io.attune.indexer.lucene;

/// Decides whether a query is compared with every vector that may be found instead of walking the
/// graphs.
@FunctionalInterface
interface ScanRule {
  /// Scans where that is about as fast, because a scan is exact.
  ///
  /// A scan reads vectors one after the other, a walk jumps; per vector a walk costs two to three
  /// times as much, and it looks at more of them the more candidates it keeps. `ScanCrossover` (in
  /// the tests) on 40,000 clustered vectors of 384 dimensions found both equally fast at about
  /// 3,000 acceptable vectors for 32 candidates, 4,000 for 128 and 8,000 for 512, wherever it was a
  /// filter that left so many.
  ScanRule MEASURED = (vectors, candidates) -> vectors <= 3_000 + 10L * candidates;

  /// Whether to scan.
  ///
  /// @param vectors how many vectors may be found
  /// @param candidates how many candidates a walk would keep
  boolean scans(long vectors, int candidates);
}
