package io.attune.models.process;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;

/// The limits of the operating system (`setrlimit`) that a process sets for itself, on Linux.
/// Native code takes its memory past the JVM's heap, so no option of the JVM bounds it.
public final class ProcessLimits {
  private static final int CPU_SECONDS = 0;
  private static final int FILE_BYTES = 1;
  private static final int DATA_BYTES = 2;
  private static final int CORE_BYTES = 4;
  private static final int ADDRESS_SPACE_BYTES = 9;
  private static final long PAGE_BYTES = 4096;
  private static final long MAX_FILE_BYTES = 512L << 20;

  private ProcessLimits() {}

  /// Limits this process for good, for a short job with hostile input.
  ///
  /// @param memoryBytes address space beyond what is mapped now
  /// @param cpuSeconds processor time from the process's start
  public static void set(long memoryBytes, long cpuSeconds) throws IOException {
    if (!isLinux()) {
      return;
    }
    String pages = Files.readString(Path.of("/proc/self/statm")).split(" ", -1)[0];
    set(ADDRESS_SPACE_BYTES, Long.parseLong(pages) * PAGE_BYTES + memoryBytes);
    set(CPU_SECONDS, cpuSeconds);
    set(FILE_BYTES, MAX_FILE_BYTES);
    set(CORE_BYTES, 0);
  }

  /// Limits the memory this process may write to, heap, native allocations and thread stacks
  /// together, for good. Mapped files and reserved address space, of which a JVM and PyTorch have
  /// much, do not count. An allocation past it fails; where code does not check, it aborts.
  ///
  /// @param bytes beyond what is there now
  public static void setMemory(long bytes) throws IOException {
    if (!isLinux()) {
      return;
    }
    long now =
        Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(line -> line.startsWith("VmData:"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) << 10)
            .sum();
    set(DATA_BYTES, now + bytes);
    set(CORE_BYTES, 0);
  }

  private static boolean isLinux() {
    return System.getProperty("os.name", "").equals("Linux");
  }

  @SuppressWarnings("restricted") // one call of libc, on memory of its own
  private static void set(int resource, long value) {
    Linker linker = Linker.nativeLinker();
    try (Arena arena = Arena.ofConfined()) {
      MethodHandle setrlimit =
          linker.downcallHandle(
              linker.defaultLookup().find("setrlimit").orElseThrow(),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS));
      MemorySegment limit = arena.allocateFrom(ValueLayout.JAVA_LONG, value, value);
      int result = (int) setrlimit.invokeExact(resource, limit);
      if (result != 0) {
        throw new FlowException(
            ErrorCode.INTERNAL,
            "setrlimit: " + resource + ": " + result + " (expected: 0; is a lower limit set?)");
      }
    } catch (FlowException e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("setrlimit cannot be called", e);
    }
  }
}
