package io.attune.trainer.data.collation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What one forward pass reads: rows of equal shape.
///
/// @param rows how many rows
/// @param inputs the graph's inputs
public record EncodedBatch(int rows, List<EncodedInput> inputs) {
  public EncodedBatch {
    inputs = List.copyOf(inputs);
  }

  /// The inputs by name, owned by the manager.
  public Map<String, NDArray> toArrays(NDManager manager) {
    Map<String, NDArray> arrays = new LinkedHashMap<>();
    inputs.forEach(input -> arrays.put(input.name(), input.toArray(manager)));
    return arrays;
  }
}
