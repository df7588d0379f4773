package io.attune.models.process;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// The terminal that a process was started from.
public final class TerminalSession {
  private TerminalSession() {}

  /// Leaves it (`setsid`), on Linux: Ctrl-C and a closed terminal no longer reach this process.
  ///
  /// @return whether it was left
  @SuppressWarnings("restricted") // one call of libc, without arguments
  public static boolean leave() {
    if (!System.getProperty("os.name", "").equals("Linux")) {
      return false;
    }
    Linker linker = Linker.nativeLinker();
    MethodHandle setsid =
        linker.downcallHandle(
            linker.defaultLookup().find("setsid").orElseThrow(),
            FunctionDescriptor.of(ValueLayout.JAVA_INT));
    try {
      return (int) setsid.invokeExact() >= 0;
    } catch (Throwable e) {
      throw new IllegalStateException("setsid cannot be called", e);
    }
  }
}
