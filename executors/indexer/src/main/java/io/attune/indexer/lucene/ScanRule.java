package io.attune.indexer.lucene;

/// Decides where vectors are compared one after the other instead of walking a graph, and from how
/// many on a segment has a graph at all.
interface ScanRule {
  /// Scans where that is about as fast, because a scan is exact.
  ///
  /// A scan reads vectors one after the other, a walk jumps; per vector a walk costs two to three
  /// times as much, and it looks at more of them the more candidates it keeps. `ScanCrossover` (in
  /// the tests) on 40,000 clustered vectors of 384 dimensions found both equally fast at about
  /// 3,000 acceptable vectors for 32 candidates, 4,000 for 128 and 8,000 for 512, wherever it was a
  /// filter that left so many.
  ///
  /// A segment gets its graph from about 4,100 vectors (480 times their natural logarithm): below,
  /// no walk is faster, and a restart, which replays what the last commit lacks, need not build a
  /// graph before its first answer.
  ScanRule MEASURED =
      new ScanRule() {
        @Override
        public boolean scans(long vectors, int candidates) {
          return vectors <= 3_000 + 10L * candidates;
        }

        @Override
        public int graphThreshold() {
          return 480;
        }
      };

  /// Whether to scan.
  ///
  /// @param vectors how many vectors may be found
  /// @param candidates how many candidates a walk would keep
  boolean scans(long vectors, int candidates);

  /// A segment of more than this many times ln(vectors) vectors gets a graph; 0 gives one to each.
  int graphThreshold();
}
