package io.attune.trainer.graph;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// The native engine of this process: PyTorch through DJL, offline, with threads said explicitly.
public final class TorchEngine {
  /// glibc's `mallopt` keys (malloc.h).
  private static final int M_TRIM_THRESHOLD = -1;

  private static final int M_TOP_PAD = -2;
  private static final int M_MMAP_MAX = -4;
  private static final int M_ARENA_MAX = -8;

  /// How often a thread of libgomp looks for work before it sleeps, a few microseconds long.
  private static final String SPINS = "1000";

  /// `setenv`: what is set already stays.
  private static final int KEEP = 0;

  private static final boolean IS_LINUX = System.getProperty("os.name", "").equals("Linux");
  private static final Path STATM = Path.of("/proc/self/statm");
  private static final int KEEP_BYTES = Integer.MAX_VALUE;
  private static final int GROW_BYTES = 64 << 20;

  private TorchEngine() {}

  /// Starts the engine, once to a process; later calls only set the threads.
  ///
  /// Before the first allocation glibc is told to give no memory back by itself (see [KeptMemory])
  /// and to take none by `mmap`: otherwise every array of a step lies on fresh pages, and most of
  /// the step is page faults.
  ///
  /// Threads that wait for one another sleep soon: while one spins, the one that it waits for may
  /// have no core, where others use the machine too. `GOMP_SPINCOUNT` and `OMP_WAIT_POLICY` in the
  /// environment have the last word.
  ///
  /// @param threads threads that share one operation, 1..1024
  public static void start(int threads) {
    if (threads < 1 || threads > 1024) {
      throw FlowException.invalid("threads: " + threads + " (expected: 1..1024)");
    }
    if (System.getenv("DJL_OFFLINE") == null && System.getProperty("ai.djl.offline") == null) {
      System.setProperty("ai.djl.offline", "true");
    }
    keepMemory();
    spinLittle();
    // The engine starts OpenMP's threads at its first operation, so this must come before it.
    System.setProperty("ai.djl.pytorch.num_threads", Integer.toString(threads));
    System.setProperty("ai.djl.pytorch.num_interop_threads", "1");
    Engine engine = Engine.getEngine("PyTorch");
    if (!engine.getEngineName().equals("PyTorch")) {
      throw new FlowException(
          ErrorCode.INTERNAL, "engine: " + engine.getEngineName() + " (expected: PyTorch)");
    }
    JniUtils.setNumThreads(threads);
    JniUtils.setGradMode(false);
  }

  /// A manager on the CPU; what it owns is freed when it is closed.
  public static NDManager newManager() {
    return NDManager.newBaseManager(ai.djl.Device.cpu(), "PyTorch");
  }

  /// Sets the engine's random state for one step, from nothing but these three, so that a run that
  /// is resumed draws what it would have drawn.
  public static void seed(long seed, int epoch, long step) {
    JniUtils.setSeed(mixed(mixed(mixed(seed) + epoch) + step));
  }

  /// SplitMix64's finaliser (Steele, Lea and Flood, 2014).
  private static long mixed(long value) {
    long z = value + 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }

  private static void keepMemory() {
    MethodHandle set =
        libc(
            "mallopt",
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    if (set == null) {
      return; // not glibc: its allocator has no such settings
    }
    set(set, M_MMAP_MAX, 0);
    set(set, M_TRIM_THRESHOLD, KEEP_BYTES);
    set(set, M_TOP_PAD, GROW_BYTES);
    set(set, M_ARENA_MAX, 1);
  }

  /// Gives memory that is free back to the system, which glibc was told to keep.
  static void trim() {
    MethodHandle trim =
        libc("malloc_trim", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG));
    if (trim == null) {
      return; // not glibc
    }
    try {
      int _ = (int) trim.invokeExact(0L);
    } catch (Throwable e) {
      throw new FlowException(ErrorCode.INTERNAL, "malloc_trim: " + e.getMessage(), e);
    }
  }

  /// The pages that this process holds; 0 where the system does not tell.
  static long residentPages() {
    try {
      // proc_pid_statm(5): the second number
      return IS_LINUX ? Long.parseLong(Files.readString(STATM).split(" ", -1)[1]) : 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Says it to libgomp, which reads the process's environment when it is loaded.
  private static void spinLittle() {
    if (System.getenv("OMP_WAIT_POLICY") != null) {
      return;
    }
    MethodHandle setenv =
        libc(
            "setenv",
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_INT));
    if (setenv == null) {
      return; // not POSIX
    }
    try (Arena arena = Arena.ofConfined()) {
      int _ =
          (int)
              setenv.invokeExact(
                  arena.allocateFrom("GOMP_SPINCOUNT"), arena.allocateFrom(SPINS), KEEP);
    } catch (Throwable e) {
      throw new FlowException(ErrorCode.INTERNAL, "setenv: " + e.getMessage(), e);
    }
  }

  @SuppressWarnings("restricted") // the launcher gives native access
  private static @Nullable MethodHandle libc(String name, FunctionDescriptor type) {
    Linker linker = Linker.nativeLinker();
    return linker
        .defaultLookup()
        .find(name)
        .map(function -> linker.downcallHandle(function, type))
        .orElse(null);
  }

  private static void set(MethodHandle mallopt, int key, int value) {
    try {
      int _ = (int) mallopt.invokeExact(key, value);
    } catch (Throwable e) {
      throw new FlowException(ErrorCode.INTERNAL, "mallopt: " + e.getMessage(), e);
    }
  }
}
