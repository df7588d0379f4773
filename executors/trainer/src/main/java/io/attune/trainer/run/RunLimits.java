package io.attune.trainer.run;

import io.attune.runtime.FlowException;

/// The memory that the process of a run may use.
///
/// @param heapMb its Java heap, 64 MB or more
/// @param memoryMb all it may write to (heap, what DJL and PyTorch allocate, stacks), 256 MB or
///   more and more than the heap; held by the operating system on Linux, elsewhere not at all
public record RunLimits(int heapMb, int memoryMb) {
  /// 2 GB of heap, 8 GB in all.
  public static final RunLimits DEFAULT = new RunLimits(2048, 8192);

  private static final int MOST_MB = 1 << 24;

  public RunLimits {
    require("heap_mb", heapMb, 64);
    require("memory_mb", memoryMb, Math.max(256, heapMb + 1));
  }

  private static void require(String key, int value, int least) {
    if (value < least || value > MOST_MB) {
      throw FlowException.invalid(
          "%s: %d (expected: %d..%d)".formatted(key, value, least, MOST_MB));
    }
  }

  long heapBytes() {
    return (long) heapMb << 20;
  }

  long memoryBytes() {
    return (long) memoryMb << 20;
  }
}
