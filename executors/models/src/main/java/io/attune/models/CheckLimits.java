package io.attune.models;

import io.attune.runtime.FlowException;
import java.time.Duration;

/// What the process that tries a model may use.
///
/// @param timeout how long it may take, 1 s to 1 day
/// @param memoryBytes the address space it may use beyond what its JVM takes at start, 256 MiB or
///   more; 0 for 1 GiB and five times the model's file. Held on Linux; elsewhere only the timeout
///   holds
public record CheckLimits(Duration timeout, long memoryBytes) {
  /// Five minutes, and memory by the size of the model.
  public static final CheckLimits DEFAULT = new CheckLimits(Duration.ofMinutes(5), 0);

  private static final long LEAST_MEMORY = 256L << 20;

  public CheckLimits {
    if (timeout.compareTo(Duration.ofSeconds(1)) < 0 || timeout.compareTo(Duration.ofDays(1)) > 0) {
      throw FlowException.invalid("timeout: " + timeout + " (expected: 1 s to 1 day)");
    }
    if (memoryBytes != 0 && memoryBytes < LEAST_MEMORY) {
      throw FlowException.invalid(
          "memory: " + memoryBytes + " bytes (expected: " + LEAST_MEMORY + " or more)");
    }
  }

  /// The same with another timeout.
  public CheckLimits withTimeout(Duration newTimeout) {
    return new CheckLimits(newTimeout, memoryBytes);
  }

  /// The same with other memory.
  public CheckLimits withMemoryBytes(long newMemoryBytes) {
    return new CheckLimits(timeout, newMemoryBytes);
  }

  long memoryFor(long modelBytes) {
    return memoryBytes != 0 ? memoryBytes : (1L << 30) + 5 * modelBytes;
  }
}
