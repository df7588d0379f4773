package io.attune.trainer.optimizer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.lang.foreign.MemorySegment;

/// The memory of DJL's arrays without copying.
final class NativeMemory {
  private NativeMemory() {}

  /// The memory of a float32 array on the CPU. It must not be used once the array is closed.
  ///
  /// @throws FlowException where the array is not one contiguous block, so that DJL gives a copy
  static MemorySegment of(NDArray array, String name) {
    if (array.getDataType() != DataType.FLOAT32) {
      throw new FlowException(
          ErrorCode.INTERNAL, "%s: %s (expected: float32)".formatted(name, array.getDataType()));
    }
    MemorySegment memory = MemorySegment.ofBuffer(array.toByteBuffer(true));
    MemorySegment again = MemorySegment.ofBuffer(array.toByteBuffer(true));
    if (memory.address() != again.address()) {
      throw new FlowException(
          ErrorCode.INTERNAL,
          "%s: scattered memory (expected: a contiguous array on the CPU)".formatted(name));
    }
    return memory;
  }
}
