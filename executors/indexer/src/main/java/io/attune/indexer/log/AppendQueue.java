package io.attune.indexer.log;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Where appends get their sequences and wait for the log's thread.
///
/// One lock guards everything here; it is held while a [LogPlan] runs and never while the disk is
/// touched or the index is changed.
final class AppendQueue {
  /// The records of one append.
  record Entry(List<LogRecord> records, long bytes, Ticket ticket) {}

  private enum State {
    IDLE,
    RUNNING,
    STOPPED,
    CLOSED
  }

  private static final int RECORD_OVERHEAD = 64;

  private final LogOptions options;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  // all guarded by lock
  private final ArrayDeque<Entry> queue = new ArrayDeque<>();
  private final Map<String, LogRecord> pending = new HashMap<>();
  private State state = State.IDLE;
  private String stopReason = "";
  private long queuedBytes;
  private long lastSequence;
  private CompletableFuture<Boolean> lastApplied = CompletableFuture.completedFuture(true);

  AppendQueue(LogOptions options, long lastSequence) {
    this.options = options;
    this.lastSequence = lastSequence;
  }

  Ticket append(LogPlan plan) {
    lock.lock();
    try {
      requireRunning();
      List<LogOperation> operations = plan.operations(this::newest);
      if (operations.isEmpty()) {
        return new Ticket(lastSequence + 1, lastSequence, lastApplied);
      }
      long bytes = admit(operations);
      Ticket ticket =
          new Ticket(lastSequence + 1, lastSequence + operations.size(), new CompletableFuture<>());
      List<LogRecord> records = new ArrayList<>(operations.size());
      for (LogOperation operation : operations) {
        LogRecord record = new LogRecord(++lastSequence, operation.id(), operation.document());
        records.add(record);
        pending.put(record.id(), record);
      }
      queue.add(new Entry(records, bytes, ticket));
      queuedBytes += bytes;
      lastApplied = ticket.applied();
      changed.signalAll();
      return ticket;
    } finally {
      lock.unlock();
    }
  }

  private void requireRunning() {
    switch (state) {
      case RUNNING -> {}
      case IDLE -> throw new IllegalStateException("the log is not started");
      case STOPPED -> throw new FlowException(ErrorCode.UNAVAILABLE, stopReason);
      case CLOSED -> throw new FlowException(ErrorCode.UNAVAILABLE, "log: it is closed");
    }
  }

  private long admit(List<LogOperation> operations) {
    long bytes = 0;
    for (LogOperation operation : operations) {
      int size = operation.document() == null ? 0 : operation.document().getSerializedSize();
      if (size > options.maxRecordBytes()) {
        throw FlowException.invalid(
            "document %s: %d bytes (expected: at most %d)"
                .formatted(operation.id(), size, options.maxRecordBytes()));
      }
      bytes += (long) size + operation.id().length() + RECORD_OVERHEAD;
    }
    if (queuedBytes > 0 && queuedBytes + bytes > options.maxQueuedBytes()) {
      throw new FlowException(
          ErrorCode.RESOURCE_EXHAUSTED,
          "log: %d bytes wait for the disk (expected: at most %d; try again later)"
              .formatted(queuedBytes, options.maxQueuedBytes()));
    }
    return bytes;
  }

  void start() {
    lock.lock();
    try {
      if (state != State.IDLE) {
        throw new IllegalStateException("the log is started or closed already");
      }
      state = State.RUNNING;
    } finally {
      lock.unlock();
    }
  }

  /// Waits for entries and takes some, the oldest first.
  ///
  /// @return false once the queue is closed and empty, or stopped
  boolean take(List<Entry> batch, long maxBytes) {
    lock.lock();
    try {
      while (queue.isEmpty() && state == State.RUNNING) {
        changed.awaitUninterruptibly();
      }
      long bytes = 0;
      while (!queue.isEmpty() && (bytes == 0 || bytes + queue.peek().bytes() <= maxBytes)) {
        Entry entry = queue.remove();
        bytes += entry.bytes();
        batch.add(entry);
      }
      return !batch.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /// The entries are applied: their writers go on.
  void complete(List<Entry> batch) {
    forget(batch);
    for (Entry entry : batch) {
      entry.ticket().applied().complete(true);
    }
  }

  /// The entries are in the log, and the index replays them later: their writers are told so.
  void postpone(List<Entry> batch, FlowException reason) {
    forget(batch);
    fail(batch, reason);
  }

  private void forget(List<Entry> batch) {
    lock.lock();
    try {
      for (Entry entry : batch) {
        queuedBytes -= entry.bytes();
        for (LogRecord record : entry.records()) {
          LogRecord newest = pending.get(record.id());
          if (newest != null && newest.sequence() == record.sequence()) {
            pending.remove(record.id());
          }
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /// Nothing behind a sequence is in the log: the entries and all behind them fail, and their
  /// sequences are given again.
  void refuse(List<Entry> batch, long lastKept, FlowException reason) {
    List<Entry> refused;
    lock.lock();
    try {
      refused = clear(batch);
      lastSequence = lastKept;
      lastApplied = CompletableFuture.completedFuture(true);
    } finally {
      lock.unlock();
    }
    fail(refused, reason);
  }

  /// Refuses all appends from now on.
  void stop(List<Entry> batch, FlowException reason) {
    List<Entry> refused;
    lock.lock();
    try {
      refused = clear(batch);
      if (state != State.CLOSED) {
        state = State.STOPPED;
      }
      stopReason = String.valueOf(reason.getMessage());
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    fail(refused, reason);
  }

  private List<Entry> clear(List<Entry> batch) {
    List<Entry> refused = new ArrayList<>(batch);
    refused.addAll(queue);
    queue.clear();
    pending.clear();
    queuedBytes = 0;
    return refused;
  }

  private static void fail(List<Entry> refused, FlowException reason) {
    for (Entry entry : refused) {
      entry.ticket().applied().completeExceptionally(reason);
    }
  }

  /// Refuses all appends from now on; what waits is still written.
  void close() {
    lock.lock();
    try {
      state = State.CLOSED;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private @Nullable LogRecord newest(String id) {
    LogRecord own = pending.get(id);
    LogRecord clear = pending.get("");
    boolean isCleared = own == null || (clear != null && clear.sequence() > own.sequence());
    return isCleared ? clear : own;
  }

  @Nullable LogRecord newestPending(String id) {
    lock.lock();
    try {
      return newest(id);
    } finally {
      lock.unlock();
    }
  }

  long lastSequence() {
    lock.lock();
    try {
      return lastSequence;
    } finally {
      lock.unlock();
    }
  }

  long queuedBytes() {
    lock.lock();
    try {
      return queuedBytes;
    } finally {
      lock.unlock();
    }
  }

  String stopReason() {
    lock.lock();
    try {
      return stopReason;
    } finally {
      lock.unlock();
    }
  }
}
