package io.attune.trainer.optimizer;

import ai.djl.ndarray.NDArray;
import java.lang.foreign.MemorySegment;

/// One trained tensor in the optimiser's books.
///
/// @param name its public name
/// @param array the tensor
/// @param weights its memory
/// @param group its learning rate and decay
/// @param offset where its moments begin, in bytes
record Slot(String name, NDArray array, MemorySegment weights, ParameterGroup group, long offset) {
  /// Moments begin at multiples of this many bytes, a cache line.
  static final long ALIGNMENT = 64;

  /// Where the next tensor's moments can begin.
  long end() {
    return (offset + weights.byteSize() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }
}
