package io.attune.runtime.process;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// How much of a core a thread gets while others want it too (`setpriority`), on Linux. There it
/// also decides who goes on: a thread that wakes up takes the core from one behind it at once.
public final class ProcessPriority {
  private static final boolean IS_SUPPORTED = System.getProperty("os.name", "").equals("Linux");
  private static final int PROCESS = 0;
  private static final int CALLER = 0;
  private static final int NICE = 10;
  private static final int NICEST = 19;
  private static final double WEIGHT_OF_A_STEP = 1.25; // of the kernel's scheduler

  private ProcessPriority() {}

  /// Whether threads can be put behind others here.
  public static boolean isSupported() {
    return IS_SUPPORTED;
  }

  /// Lets the calling platform thread, and the threads and processes that it starts from now on,
  /// run behind all others: about a tenth of a core that others want, all of one that is idle. It
  /// cannot be taken back, so the thread should be one of its own.
  ///
  /// @return whether it does
  public static boolean lower() {
    return nice(NICE);
  }

  /// The same, with another part of a core that one other thread wants, at least about 1 %.
  ///
  /// @param share of the core, 0 to less than 1; a half or more leaves the thread as it is
  public static boolean lower(double share) {
    return nice(niceOf(share));
  }

  /// The greatest nice value with which a thread gets a share beside one of nice 0.
  static int niceOf(double share) {
    double weight = share / (1 - share);
    double steps = Math.log(1 / weight) / Math.log(WEIGHT_OF_A_STEP);
    return (int) Math.clamp(Math.floor(steps), 0, NICEST);
  }

  @SuppressWarnings("restricted") // one call of libc, with numbers only
  private static boolean nice(int value) {
    if (!IS_SUPPORTED || Thread.currentThread().isVirtual()) {
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
      return (int) setpriority.invokeExact(PROCESS, CALLER, value) == 0;
    } catch (Throwable e) {
      throw new IllegalStateException("setpriority cannot be called", e);
    }
  }
}
