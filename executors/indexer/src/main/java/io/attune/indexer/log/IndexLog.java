package io.attune.indexer.log;

import com.google.protobuf.InvalidProtocolBufferException;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.lock.ProcessLock;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The write-ahead log of one shard: the one place where writes get their order and become durable.
///
/// How it is used: [#open], [#replay] what the index does not hold yet, [#start] with the index as
/// the applier, then [#append] from any thread.
///
/// **What an answer means.** A record goes append → written → synced → applied → answered, in the
/// order of sequences. It is applied only *after* its sync, by the log's own thread and before
/// [Ticket#awaitApplied] returns. So no search ever shows a record that a crash could take back, an
/// index commit never holds a record that the log lost, and every search that starts after the
/// answer sees the write. All records that wait are synced at once (group commit), and are handed
/// to the applier as one list, so that the index needs one refresh per group and not per document.
///
/// **What needs the newest state** (an update of a document, a report of unknown ids) runs as a
/// [LogPlan] under the append lock and sees the records that are on their way, too.
///
/// **Where documents live.** The log is only the way in: its segments are deleted once the index
/// has committed them. The index stores the documents.
///
/// **Failures.** See [GroupCommit] for disk full, failed writes and failed syncs, [LogRecovery] for
/// torn tails and damage. Reads of the index never depend on the log.
///
/// Locks: that of [AppendQueue], inside which nothing else is taken. The [LogView] is swapped
/// atomically.
public final class IndexLog implements AutoCloseable {
  private static final String LOCK = "lock";

  private final LogFolder folder;
  private final LogOptions options;
  private final AutoCloseable folderLock;
  private final AppendQueue queue;
  private final AtomicReference<LogView> view;
  private final SegmentWriter recovered;
  private @Nullable GroupCommit commits;
  private @Nullable Thread thread;
  private boolean isClosed;

  private IndexLog(
      LogFolder folder,
      LogOptions options,
      AutoCloseable folderLock,
      LogRecovery.Recovered recovered) {
    this.folder = folder;
    this.options = options;
    this.folderLock = folderLock;
    this.recovered = recovered.writer();
    this.view = new AtomicReference<>(recovered.view());
    this.queue = new AppendQueue(options, recovered.view().syncedSequence());
  }

  /// Opens the log of a folder, which is created where it is missing, and checks all of it.
  ///
  /// @throws FlowException FAILED_PRECONDITION where another process has the folder open, DATA_LOSS
  ///   where the log is damaged
  public static IndexLog open(Path folder, LogOptions options) throws IOException {
    DiskFolder.create(folder);
    ProcessLock lock = ProcessLock.acquire(folder.resolve(LOCK), holder -> inUse(folder, holder));
    return open(new DiskFolder(folder), options, lock);
  }

  private static FlowException inUse(Path folder, String holder) {
    return new FlowException(
        ErrorCode.FAILED_PRECONDITION,
        "folder: %s is in use by %s (expected: one indexer per folder; stop the other, or choose another workspace)"
            .formatted(folder, holder));
  }

  static IndexLog open(LogFolder folder, LogOptions options, AutoCloseable folderLock)
      throws IOException {
    try {
      return new IndexLog(
          folder, options, folderLock, new LogRecovery(folder, options.shard()).recover());
    } catch (IOException | RuntimeException e) {
      try {
        folderLock.close();
      } catch (Exception suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
  }

  /// Accepts appends from now on.
  public synchronized void start(LogApplier applier) {
    queue.start();
    commits = new GroupCommit(folder, options, queue, view, recovered, applier);
    thread = Thread.ofPlatform().daemon().name("index-log-" + options.shard()).unstarted(commits);
    thread.start();
  }

  /// Appends operations, whatever the state is.
  ///
  /// @throws FlowException INVALID_ARGUMENT for a document that is too large, RESOURCE_EXHAUSTED
  ///   where too much waits for the disk, UNAVAILABLE after a failure
  public Ticket append(List<LogOperation> operations) {
    return queue.append(_ -> operations);
  }

  /// Appends what a plan decides from the newest state; other appends wait meanwhile.
  public Ticket append(LogPlan plan) {
    return queue.append(plan);
  }

  /// The newest record of an id that is appended and not yet applied.
  public @Nullable LogRecord newestPending(String id) {
    return queue.newestPending(id);
  }

  /// Reads the durable records from a sequence on, in order. Other threads may append meanwhile:
  /// what was durable when the call began is read.
  ///
  /// @param fromSequence the first sequence to read: one more than what the reader holds
  /// @return the last sequence that was read, or `fromSequence - 1`
  /// @throws FlowException DATA_LOSS where the log does not reach back to the sequence, or ends
  ///   before it
  public long replay(long fromSequence, Consumer<LogRecord> consumer) throws IOException {
    LogView now = view.get();
    requireHeld(fromSequence, now);
    List<SegmentHeader> segments = now.segments();
    for (int i = 0; i < segments.size(); i++) {
      boolean isLast = i == segments.size() - 1;
      long after = isLast ? Long.MAX_VALUE : segments.get(i + 1).firstSequence();
      if (fromSequence < after) {
        read(segments.get(i), isLast ? now.end() : -1, fromSequence, consumer);
      }
    }
    return now.syncedSequence();
  }

  private void requireHeld(long fromSequence, LogView now) {
    if (fromSequence < now.firstSequence()) {
      throw Damage.of(
          folder.describe(""),
          "begins with record " + now.firstSequence(),
          "record " + fromSequence + ", the first that the index lacks");
    }
    if (fromSequence > now.syncedSequence() + 1) {
      throw Damage.of(
          folder.describe(""),
          "ends with record " + now.syncedSequence(),
          "at least record " + (fromSequence - 1) + ", which the index holds");
    }
  }

  /// @param end the size of the part to read; -1 for the whole file
  private void read(SegmentHeader header, long end, long fromSequence, Consumer<LogRecord> consumer)
      throws IOException {
    String name = SegmentHeader.fileName(header.firstSequence());
    LogFile file = folder.open(name);
    try (SegmentReader reader = new SegmentReader(header, file, end < 0 ? file.size() : end)) {
      while (true) {
        switch (reader.next()) {
          case RECORD -> {
            if (reader.sequence() >= fromSequence) {
              consumer.accept(reader.record());
            }
          }
          case SYNCED -> {}
          case END -> {
            return;
          }
          case DAMAGED -> throw Damage.at(folder.describe(name), reader.offset(), reader.damage());
        }
      }
    } catch (InvalidProtocolBufferException e) {
      throw new FlowException(
          ErrorCode.DATA_LOSS,
          "log: %s holds a record that is no document: %s (expected: a file that Attune wrote)"
              .formatted(folder.describe(name), e.getMessage()),
          e);
    }
  }

  /// Deletes the segments that hold only records before a sequence. To be called only after the
  /// index has committed and synced all of those, its folder included.
  public synchronized void truncateBefore(long sequence) throws IOException {
    List<SegmentHeader> segments = view.get().segments();
    for (int i = 0; i + 1 < segments.size(); i++) {
      if (segments.get(i + 1).firstSequence() > sequence) {
        return;
      }
      SegmentHeader oldest = segments.get(i);
      // out of the readers' view first; then one by one and oldest first, each durably, so that a
      // crash leaves no gap
      view.updateAndGet(held ->
          held.withSegments(
              held.segments().stream().filter(segment -> !segment.equals(oldest)).toList()));
      folder.delete(SegmentHeader.fileName(oldest.firstSequence()));
      folder.sync();
    }
  }

  /// The newest sequence that was given to a record; not necessarily durable yet.
  public long lastSequence() {
    return queue.lastSequence();
  }

  /// The newest durable sequence; 0 for none.
  public long syncedSequence() {
    return view.get().syncedSequence();
  }

  /// The oldest sequence that [#replay] can give, or would give next.
  public long firstSequence() {
    return view.get().firstSequence();
  }

  /// Figures for people and metrics.
  public LogStatistics statistics() {
    LogView now = view.get();
    return new LogStatistics(
        now.appendedRecords(),
        now.syncs(),
        now.writtenBytes(),
        queue.queuedBytes(),
        now.segments().size(),
        now.firstSequence(),
        now.syncedSequence(),
        queue.stopReason());
  }

  /// Writes and applies what waits, then releases the folder.
  @Override
  public void close() throws IOException {
    GroupCommit used;
    synchronized (this) {
      if (isClosed) {
        return;
      }
      isClosed = true;
      used = commits;
    }
    queue.close();
    joinThread();
    try (SegmentWriter writer = used == null ? recovered : used.writer()) {
      if (queue.stopReason().isEmpty()) {
        writer.sync();
      }
    } finally {
      release();
    }
  }

  private void release() throws IOException {
    try {
      folderLock.close();
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException("the folder's lock could not be released", e);
    }
  }

  private void joinThread() {
    Thread running;
    synchronized (this) {
      running = thread;
    }
    boolean isInterrupted = false;
    while (running != null && running.isAlive()) {
      try {
        running.join();
      } catch (InterruptedException _) {
        isInterrupted = true;
      }
    }
    if (isInterrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
