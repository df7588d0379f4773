package io.attune.models;

import io.attune.onnx.Limits;
import io.attune.onnx.OnnxModel;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Whether a file fits into the heap: asked before it is read, because a JVM that runs out of heap
/// fails everywhere at once.
final class HeapRoom {
  private static final long SPARE_BYTES = 64L << 20;

  private HeapRoom() {}

  /// Reads a graph where the heap has room for it; one past 2 GiB is refused for that reason.
  static OnnxModel read(Path file) throws IOException {
    long size = Files.size(file);
    if (size <= Limits.MAX_BYTES) {
      require(size, String.valueOf(file.getFileName()));
    }
    return OnnxModel.read(file);
  }

  static void require(long bytes, String what) {
    Runtime runtime = Runtime.getRuntime();
    long free = runtime.maxMemory() - runtime.totalMemory() + runtime.freeMemory() - SPARE_BYTES;
    if (bytes > free) {
      throw new FlowException(
          ErrorCode.RESOURCE_EXHAUSTED,
          "%s: %,d MB, and the JVM has %,d MB of heap left (expected: a larger heap, such as"
                  .formatted(what, bytes >> 20, Math.max(0, free) >> 20)
              + " -Xmx%dm)".formatted(((runtime.maxMemory() + bytes - free) >> 20) + 1));
    }
  }
}
