package io.attune.indexer.log;

import io.attune.proto.docarray.DocumentProto;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// The newest records that were applied, in memory, for those who follow the log closely: reading
/// them back from disk for every write would read whole segments. Bounded; who falls behind reads
/// the log instead.
public final class RecentRecords {
  private static final int MOST_RECORDS = 10_000;
  private static final long OVERHEAD = 64;

  private final long mostBytes;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  // guarded by lock
  private final ArrayDeque<LogRecord> records = new ArrayDeque<>();
  private long bytes;
  private long last;

  /// @param mostBytes how much is kept
  /// @param last the last sequence that was applied
  public RecentRecords(long mostBytes, long last) {
    this.mostBytes = mostBytes;
    this.last = last;
  }

  /// Takes records that were applied, the next ones in order.
  public void add(List<LogRecord> applied) {
    lock.lock();
    try {
      for (LogRecord record : applied) {
        records.add(record);
        bytes += size(record);
        last = record.sequence();
      }
      while (bytes > mostBytes || records.size() > MOST_RECORDS) {
        bytes -= size(records.remove());
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private static long size(LogRecord record) {
    DocumentProto document = record.document();
    return OVERHEAD + (document == null ? 0 : document.getSerializedSize());
  }

  /// The records behind a position, at most so many; none where there are none yet.
  ///
  /// @return null where the first of them is not in memory
  public @Nullable List<LogRecord> after(long position, int most) {
    lock.lock();
    try {
      if (position >= last) {
        return List.of();
      }
      LogRecord oldest = records.peek();
      if (oldest == null || oldest.sequence() > position + 1) {
        return null;
      }
      List<LogRecord> found = new ArrayList<>();
      for (LogRecord record : records) {
        if (record.sequence() > position && found.size() < most) {
          found.add(record);
        }
      }
      return found;
    } finally {
      lock.unlock();
    }
  }

  /// Waits until there is a record behind a position.
  ///
  /// @param isCancelled whether that is not wanted any more; looked at again after [#wake]
  public void await(long position, BooleanSupplier isCancelled) {
    lock.lock();
    try {
      while (position >= last && !isCancelled.getAsBoolean()) {
        changed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  /// Lets whoever waits look whether it is still wanted.
  public void wake() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
