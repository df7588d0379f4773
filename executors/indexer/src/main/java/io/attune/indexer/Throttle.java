package io.attune.indexer;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/// Holds back embedding again: while it is paused, where it would be faster than was asked for, and
/// for as long as the last batch took where searches came meanwhile, so that they have half of the
/// time for themselves.
///
/// Safe for use by several threads; the limit is for all of them together.
final class Throttle {
  private static final long MOST_YIELD_NANOS = 1_000_000_000;

  private final LongSupplier clock;
  private final AtomicLong searches = new AtomicLong();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  // guarded by lock
  private double perSecond;
  private boolean isPaused;
  private long next;
  private long searchesSeen;

  Throttle() {
    this(System::nanoTime);
  }

  /// @param clock nanoseconds from anywhere
  Throttle(LongSupplier clock) {
    this.clock = clock;
    this.next = clock.getAsLong();
  }

  /// Counts a search.
  void searched() {
    searches.incrementAndGet();
  }

  /// @param documentsPerSecond 0 for no limit
  void set(double documentsPerSecond, boolean paused) {
    lock.lock();
    try {
      perSecond = documentsPerSecond;
      isPaused = paused;
      next = clock.getAsLong();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  boolean isPaused() {
    lock.lock();
    try {
      return isPaused;
    } finally {
      lock.unlock();
    }
  }

  /// How long the next batch has to wait, pauses aside; 0 where it need not.
  long nanosLeft() {
    lock.lock();
    try {
      return Math.max(0, next - clock.getAsLong());
    } finally {
      lock.unlock();
    }
  }

  /// Lets go whoever waits, to look whether it is still wanted.
  void wake() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Waits until documents may be embedded.
  ///
  /// @param isCancelled whether nobody wants that any more; looked at after [#wake]
  void await(BooleanSupplier isCancelled) {
    lock.lock();
    try {
      while (!isCancelled.getAsBoolean()) {
        long left = next - clock.getAsLong();
        if (isPaused) {
          changed.await();
        } else if (left > 0) {
          var _ = changed.awaitNanos(left);
        } else {
          return;
        }
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  /// Counts documents that were embedded.
  void worked(int documents, long nanos) {
    lock.lock();
    try {
      long now = clock.getAsLong();
      long seen = searches.get();
      long wait = seen == searchesSeen ? 0 : Math.min(nanos, MOST_YIELD_NANOS);
      searchesSeen = seen;
      if (perSecond > 0) {
        wait = Math.max(wait, (long) (documents / perSecond * 1e9) - nanos);
      }
      next = now + Math.max(0, wait);
    } finally {
      lock.unlock();
    }
  }
}
