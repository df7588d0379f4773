package io.attune.indexer.generation;

import io.attune.runtime.FlowException;

/// What a generation is made with; it never changes.
///
/// @param space the vector space, such as `minilm@1`
/// @param dimension the vectors' dimension, 1 to 4,096
/// @param metric how vectors are compared
/// @param graph how the search graph is built
public record GenerationSpec(String space, int dimension, Metric metric, GraphOptions graph) {
  /// The greatest dimension.
  public static final int MAX_DIMENSION = 4096;

  public GenerationSpec {
    if (space.isBlank()) {
      throw FlowException.invalid("space: \"" + space + "\" (expected: a name)");
    }
    if (dimension < 1 || dimension > MAX_DIMENSION) {
      throw FlowException.invalid(
          "dimension: " + dimension + " (expected: 1.." + MAX_DIMENSION + ")");
    }
  }
}
