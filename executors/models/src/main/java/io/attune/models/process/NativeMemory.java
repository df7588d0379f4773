package io.attune.models.process;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/// Memory that native code took and gave back.
public final class NativeMemory {
  private NativeMemory() {}

  /// Gives what the C library keeps for the next allocation back to the system (`malloc_trim`), on
  /// Linux with glibc; elsewhere nothing happens. A model's memory is in blocks of many sizes on
  /// the arenas of many threads, and without this most of it would stay with the process.
  @SuppressWarnings("restricted") // one call of libc, with a number only
  public static void trim() {
    Linker linker = Linker.nativeLinker();
    Optional<MemorySegment> function = linker.defaultLookup().find("malloc_trim");
    if (function.isEmpty()) {
      return;
    }
    MethodHandle trim =
        linker.downcallHandle(
            function.get(), FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG));
    try {
      int _ = (int) trim.invokeExact(0L);
    } catch (Throwable e) {
      throw new IllegalStateException("malloc_trim cannot be called", e);
    }
  }
}
