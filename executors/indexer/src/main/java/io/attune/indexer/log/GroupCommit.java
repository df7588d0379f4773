package io.attune.indexer.log;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The log's thread: writes what waits, syncs once for all of it, has it applied, answers.
///
/// It is a platform thread that nobody interrupts, and the only one that touches the open segment:
/// an interrupt would close the file under every other writer.
///
/// A failed *write* is rolled back: the file is cut to its durable end and synced, the writers
/// concerned and all behind them are refused, and the next write is tried. So a full disk refuses
/// writes only while it is full. A failed *sync*, a failed roll-back or a failed apply stops writes
/// until restart: what the disk holds is not known any more. Only an index that
/// [LogApplier#recovers] is asked again.
final class GroupCommit implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(GroupCommit.class);
  private static final long MAX_BATCH_BYTES = 16L << 20;

  private final LogFolder folder;
  private final LogOptions options;
  private final AppendQueue queue;
  private final AtomicReference<LogView> view;
  private final LogApplier applier;
  private SegmentWriter writer;

  GroupCommit(
      LogFolder folder,
      LogOptions options,
      AppendQueue queue,
      AtomicReference<LogView> view,
      SegmentWriter writer,
      LogApplier applier) {
    this.folder = folder;
    this.options = options;
    this.queue = queue;
    this.view = view;
    this.writer = writer;
    this.applier = applier;
  }

  @Override
  public void run() {
    List<AppendQueue.Entry> batch = new ArrayList<>();
    while (queue.take(batch, MAX_BATCH_BYTES)) {
      try {
        commit(batch);
      } catch (Throwable e) {
        stop(batch, "log: writes are stopped by an unexpected failure: " + e, e);
      }
      batch = new ArrayList<>();
    }
  }

  /// The segment that is written; only to be asked once the thread has ended.
  SegmentWriter writer() {
    return writer;
  }

  private void commit(List<AppendQueue.Entry> batch) {
    List<LogRecord> records = batch.size() == 1 ? batch.getFirst().records() : joined(batch);
    long first = records.getFirst().sequence();
    boolean isFull = writer.end() >= options.segmentBytes() && first > writer.firstSequence();
    // a segment that is not the last must be whole: so its last note is synced, too
    if (isFull && !sync(batch)) {
      return;
    }
    try {
      requireSpace(batch);
      if (isFull) {
        roll(first);
      }
      for (LogRecord record : records) {
        writer.add(record);
      }
      writer.flush();
    } catch (IOException | FlowException e) {
      refuse(batch, first, e);
      return;
    }
    if (sync(batch)) {
      long end = writer.end();
      long last = records.getLast().sequence();
      view.updateAndGet(before -> before.afterSync(end, last));
      apply(batch, records, last);
    }
  }

  private boolean sync(List<AppendQueue.Entry> batch) {
    try {
      writer.sync();
      return true;
    } catch (IOException e) {
      stop(
          batch,
          "log: syncing failed: %s (expected: a restart once the disk is in order; it is not known whether these records will be found then)"
              .formatted(e.getMessage()),
          e);
      return false;
    }
  }

  private static List<LogRecord> joined(List<AppendQueue.Entry> batch) {
    List<LogRecord> records = new ArrayList<>();
    for (AppendQueue.Entry entry : batch) {
      records.addAll(entry.records());
    }
    return records;
  }

  private void apply(List<AppendQueue.Entry> batch, List<LogRecord> records, long last) {
    try {
      noteSynced(last);
      applier.apply(records);
    } catch (IOException | RuntimeException e) {
      if (applier.recovers()) {
        postpone(batch, e);
        return;
      }
      stop(
          batch,
          "log: writes are stopped, record %d is durable but not applied: %s (expected: a restart, which applies it)"
              .formatted(last, e),
          e);
      return;
    }
    queue.complete(batch);
  }

  private void noteSynced(long last) throws IOException {
    try {
      writer.noteSynced(last);
    } catch (IOException _) {
      // the note may be missing, half a note may not stay
      writer.rollBack();
    }
    long end = writer.end();
    view.updateAndGet(before -> before.withEnd(end));
  }

  private void requireSpace(List<AppendQueue.Entry> batch) throws IOException {
    long bytes = 0;
    for (AppendQueue.Entry entry : batch) {
      bytes += entry.bytes();
    }
    long free = folder.usableBytes();
    if (free < options.minFreeBytes() + bytes) {
      throw new FlowException(
          ErrorCode.RESOURCE_EXHAUSTED,
          "disk: %d bytes are free at %s (expected: at least %d; nothing of this request was stored, and writes go on once there is space)"
              .formatted(free, folder.describe(""), options.minFreeBytes() + bytes));
    }
  }

  private void roll(long firstSequence) throws IOException {
    SegmentHeader before = writer.header();
    SegmentHeader header = new SegmentHeader(firstSequence, before.logId(), before.shard());
    SegmentWriter next = SegmentWriter.create(folder, header);
    SegmentWriter full = writer;
    writer = next;
    view.updateAndGet(held -> {
      List<SegmentHeader> segments = new ArrayList<>(held.segments());
      segments.add(header);
      return held.withSegments(segments).withEnd(next.end());
    });
    full.close();
  }

  private void refuse(List<AppendQueue.Entry> batch, long firstSequence, Exception cause) {
    try {
      if (writer.firstSequence() != firstSequence) {
        SegmentWriter.discard(folder, firstSequence);
      }
      writer.rollBack();
    } catch (IOException e) {
      cause.addSuppressed(e);
      stop(
          batch,
          "log: a failed write could not be undone: %s, then %s (expected: a restart once the disk is in order)"
              .formatted(cause.getMessage(), e.getMessage()),
          cause);
      return;
    }
    FlowException reason =
        cause instanceof FlowException known
            ? known
            : FailedWrite.of("log in " + folder.describe(""), cause);
    log.atWarn().addKeyValue("reason", reason.getMessage()).log("refused writes");
    queue.refuse(batch, firstSequence - 1, reason);
  }

  private void postpone(List<AppendQueue.Entry> batch, Exception cause) {
    Throwable root = cause;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String message =
        "index: writing failed: %s (expected: a disk with space and in order; this request is in the log, and found once there is)"
            .formatted(root.getMessage());
    log.atError().addKeyValue("reason", message).setCause(cause).log("postponed writes");
    queue.postpone(batch, new FlowException(ErrorCode.UNAVAILABLE, message, cause));
  }

  private void stop(List<AppendQueue.Entry> batch, String message, Throwable cause) {
    log.atError().addKeyValue("reason", message).setCause(cause).log("stopped writes");
    queue.stop(batch, new FlowException(ErrorCode.UNAVAILABLE, message, cause));
  }
}
