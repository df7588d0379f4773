package io.attune.trainer.testing;

import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// Frees the memory of direct buffers that nobody holds any more, and writes over it: what still
/// reads it reads something else from then on.
public final class FreedMemory {
  private static final int MOST_BYTES = 1024;
  private static final int OF_EACH_SIZE = 100;
  private static final int POLLS = 10;
  private static final long POLL_NANOS = 1_000_000;

  private FreedMemory() {}

  /// Collects garbage until no direct buffer goes any more.
  ///
  /// @return the memory that was written over, to be held while it must not be freed again
  public static List<ByteBuffer> overwrite() {
    long before;
    do {
      before = count();
      System.gc();
      awaitFreeing();
    } while (count() < before);
    List<ByteBuffer> taken = new ArrayList<>();
    for (int size = 4; size <= MOST_BYTES; size = Math.max(size + 4, size * 5 / 4)) {
      for (int i = 0; i < OF_EACH_SIZE; i++) {
        taken.add(ByteBuffer.allocateDirect(size)); // zeros, which as an index are in range
      }
    }
    return taken;
  }

  /// Buffers are freed by a thread of the JVM, one after the other.
  private static void awaitFreeing() {
    long last = count();
    for (int same = 0; same < POLLS; same++) {
      LockSupport.parkNanos(POLL_NANOS);
      long now = count();
      same = now == last ? same : 0;
      last = now;
    }
  }

  private static long count() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(pool -> pool.getName().equals("direct"))
        .mapToLong(BufferPoolMXBean::getCount)
        .sum();
  }
}
