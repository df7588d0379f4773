package io.attune.models.process;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// How much of a core a thread gets while others want it too (`setpriority`), on Linux.
public final class ProcessPriority {
  private static final int PROCESS = 0;
  private static final int CALLER = 0;
  private static final int NICE = 10;

  private ProcessPriority() {}

  /// Lets the calling platform thread, and the threads and processes that it starts from now on,
  /// run behind all others: about a tenth of a core that others want, all of one that is idle. It
  /// cannot be taken back, so the thread should be one of its own.
  ///
  /// @return whether it does
  @SuppressWarnings("restricted") // one call of libc, with numbers only
  public static boolean lower() {
    if (!System.getProperty("os.name", "").equals("Linux") || Thread.currentThread().isVirtual()) {
      return false;
    }
    Linker linker = Linker.nativeLinker();
    MethodHandle setpriority =
        linker.downcallHandle(
            linker.defaultLookup().find("setpriority").orElseThrow(),
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT));
    try {
      return (int) setpriority.invokeExact(PROCESS, CALLER, NICE) == 0;
    } catch (Throwable e) {
      throw new IllegalStateException("setpriority cannot be called", e);
    }
  }
}
