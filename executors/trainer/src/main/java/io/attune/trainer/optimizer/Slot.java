package io.attune.trainer.optimizer;

import java.lang.foreign.MemorySegment;

/// One trained tensor in the optimiser's books.
///
/// @param parameter the tensor
/// @param weights its memory
/// @param group its learning rate and decay
/// @param offset where its moments begin, in bytes
record Slot(Trainable parameter, MemorySegment weights, ParameterGroup group, long offset) {
  /// Moments begin at multiples of this many bytes, a cache line.
  static final long ALIGNMENT = 64;

  String name() {
    return parameter.name();
  }

  /// Where the next tensor's moments can begin.
  long end() {
    return (offset + weights.byteSize() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }
}
