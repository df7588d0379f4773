package io.attune.trainer.optimizer;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// A stretch of one tensor, the unit of work of a thread.
///
/// @param slot the tensor's place
/// @param from where it begins within the tensor, in bytes
/// @param bytes how long it is
record Chunk(int slot, long from, long bytes) {
  /// The longest stretch: what of weights, gradient and moments fits a core's cache together.
  private static final long MOST_BYTES = 64 << 10;

  /// This stretch of memory in which the tensor begins at an offset.
  MemorySegment of(MemorySegment memory, long offset) {
    return memory.asSlice(offset + from, bytes);
  }

  static List<Chunk> of(List<Slot> slots) {
    List<Chunk> chunks = new ArrayList<>();
    for (int i = 0; i < slots.size(); i++) {
      long size = slots.get(i).weights().byteSize();
      for (long from = 0; from < size; from += MOST_BYTES) {
        chunks.add(new Chunk(i, from, Math.min(MOST_BYTES, size - from)));
      }
    }
    return chunks;
  }
}
