package io.attune.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;

/// Writes to a file descriptor that the process was started with. Opened anew by its path, a file
/// would have a place of its own to write at, and what others write to it would be overwritten.
final class DescriptorOutput extends OutputStream {
  private static final int INTERRUPTED = 4; // EINTR
  private static final int TRY_AGAIN = 11; // EAGAIN
  private static final long PAUSE_NANOS = 1_000_000;

  private final int descriptor;

  DescriptorOutput(int descriptor) {
    this.descriptor = descriptor;
  }

  @Override
  public void write(int value) throws IOException {
    write(new byte[] {(byte) value}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment all = arena.allocate(Math.max(length, 1));
      MemorySegment.copy(bytes, offset, all, ValueLayout.JAVA_BYTE, 0, length);
      MemorySegment state = arena.allocate(Libc.STATE);
      long written = 0;
      while (written < length) {
        long count = Libc.write(state, descriptor, all.asSlice(written, length - written));
        int error = count < 0 ? Libc.error(state) : 0;
        if (error == TRY_AGAIN) {
          LockSupport.parkNanos(PAUSE_NANOS); // a reader that is slower than we are
        } else if (error != 0 && error != INTERRUPTED) {
          throw new IOException("descriptor %d: error %d".formatted(descriptor, error));
        }
        written += Math.max(count, 0);
      }
    }
  }

  /// `write` of libc, found when something is written: most commands write nothing here.
  @SuppressWarnings("restricted") // one call, with memory of this call's own
  private static final class Libc {
    static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERROR =
        STATE.varHandle(StructLayout.PathElement.groupElement("errno"));
    private static final MethodHandle WRITE =
        Linker.nativeLinker()
            .downcallHandle(
                Linker.nativeLinker().defaultLookup().find("write").orElseThrow(),
                FunctionDescriptor.of(
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_INT,
                    ValueLayout.ADDRESS,
                    ValueLayout.JAVA_LONG),
                Linker.Option.captureCallState("errno"));

    private Libc() {}

    static long write(MemorySegment state, int descriptor, MemorySegment bytes) {
      try {
        return (long) WRITE.invokeExact(state, descriptor, bytes, bytes.byteSize());
      } catch (Throwable e) {
        throw new IllegalStateException("write cannot be called", e);
      }
    }

    static int error(MemorySegment state) {
      return (int) ERROR.get(state, 0L);
    }
  }
}
