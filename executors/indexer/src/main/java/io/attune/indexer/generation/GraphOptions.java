package io.attune.indexer.generation;

import io.attune.runtime.FlowException;

/// How the search graph is built.
///
/// @param maxConnections the neighbours of a node (M), 2 to 512
/// @param efConstruction the candidates looked at for each insertion, 1 to 3,200
/// @param quantized whether the graph is searched on 8-bit vectors; the floats stay on disk and
///   decide the final order
public record GraphOptions(int maxConnections, int efConstruction, boolean quantized) {
  /// 16 neighbours, 100 candidates, floats.
  public static final GraphOptions DEFAULT = new GraphOptions(16, 100, false);

  public GraphOptions {
    if (maxConnections < 2 || maxConnections > 512) {
      throw FlowException.invalid("m: " + maxConnections + " (expected: 2..512)");
    }
    if (efConstruction < 1 || efConstruction > 3200) {
      throw FlowException.invalid("ef_construction: " + efConstruction + " (expected: 1..3200)");
    }
  }
}
