package io.attune.benchmarks;

import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What processes have in memory, as Linux counts it.
public final class ResidentMemory {
  private ResidentMemory() {}

  /// What a process has in memory now, in bytes.
  public static long bytes(long pid) throws IOException {
    return bytes(pid, "VmRSS:"); // the kernel's name
  }

  /// The most that a process had in memory at once, in bytes.
  public static long mostBytes(long pid) throws IOException {
    return bytes(pid, "VmHWM:"); // the kernel's name
  }

  private static long bytes(long pid, String name) throws IOException {
    Path status = Path.of("/proc", Long.toString(pid), "status");
    for (String line : Files.readAllLines(status)) {
      if (line.startsWith(name)) {
        return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
      }
    }
    throw FlowException.invalid(status + ": without " + name + " (expected: Linux)");
  }
}
