package io.attune.trainer.feedback;

import io.attune.models.Durable;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What searches showed, on disk, bounded in size and age.
///
/// [#record] puts an impression into a bounded queue and returns; one thread writes. It syncs once
/// a second, so a power cut loses the last second, a killed process what was still queued. What
/// cannot be queued or written is counted and gone: a search waits for nothing here and fails for
/// nothing. An impression can be found from when `record` returns.
///
/// `lock` guards the index and the files; `waiting` and the queue are what searches touch.
final class ImpressionLog implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ImpressionLog.class);
  private static final long MOST_QUEUED_BYTES = 64L << 20;
  private static final int SEGMENTS = 16;
  private static final int BATCH = 1024;
  private static final long SYNC_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final FeedbackOptions options;
  private final InstantSource clock;
  private final LatelyErased lately;
  private final LinkedBlockingQueue<Task> queue = new LinkedBlockingQueue<>();
  private final Map<String, Impression> waiting = new ConcurrentHashMap<>();
  private final AtomicLong queuedBytes = new AtomicLong();
  private final ReentrantLock lock = new ReentrantLock();
  private final ImpressionIndex index;
  private final Counter recorded;
  private final Counter dropped;
  private final Thread writer;
  private @Nullable ImpressionSegment active;
  private @Nullable RandomAccessFile open;
  private boolean unsynced;
  private long syncedNanos;
  private boolean failing;

  /// What the writer does.
  private sealed interface Task {
    record Write(Impression impression, long size) implements Task {}

    record Erase(Erasure erasure, CompletableFuture<Optional<Exception>> done) implements Task {}

    record Stop() implements Task {}
  }

  ImpressionLog(
      Path folder,
      FeedbackOptions options,
      InstantSource clock,
      LatelyErased lately,
      MeterRegistry meters)
      throws IOException {
    this.options = options;
    this.clock = clock;
    this.lately = lately;
    this.index = new ImpressionIndex(folder);
    this.recorded = meters.counter("attune.feedback.impressions", "result", "recorded");
    this.dropped = meters.counter("attune.feedback.impressions", "result", "dropped");
    this.writer = Thread.ofPlatform().name("impressions").daemon().start(this::write);
  }

  /// Notes what a search showed. Never blocks, never throws for want of room.
  void record(Impression impression) {
    long size = impression.size();
    if (queuedBytes.addAndGet(size) > MOST_QUEUED_BYTES) {
      queuedBytes.addAndGet(-size);
      dropped.increment();
      return;
    }
    waiting.put(impression.request(), impression);
    queue.add(new Task.Write(impression, size));
  }

  /// The impression of a request.
  Optional<Impression> find(String request) {
    Impression queued = waiting.get(request);
    if (queued != null) {
      return Optional.of(queued.without(lately::has));
    }
    lock.lock();
    try {
      return index.find(request);
    } catch (IOException e) {
      throw failed(e);
    } finally {
      lock.unlock();
    }
  }

  /// Removes the texts of documents, from the files too, before it returns.
  ///
  /// @throws FlowException where that failed
  void erase(Erasure erasure) {
    CompletableFuture<Optional<Exception>> done = new CompletableFuture<>();
    queue.add(new Task.Erase(erasure, done));
    done.join()
        .ifPresent(failure -> {
          throw new FlowException(
              ErrorCode.INTERNAL, "feedback: not erased: " + failure.getMessage(), failure);
        });
  }

  /// Waits until all that was recorded is in the files.
  void flush() {
    erase(Erasure.NONE);
  }

  /// How it stands.
  ///
  /// @param kept impressions that can be judged
  /// @param bytes of their files
  /// @param dropped since the start, for want of room or of a disk that takes them
  /// @param damaged lines of files that were there at the start and cannot be read
  record Standing(int kept, long bytes, long dropped, long damaged) {}

  Standing standing() {
    lock.lock();
    try {
      return new Standing(
          index.count() + waiting.size(), index.bytes(), (long) dropped.count(), index.damaged());
    } finally {
      lock.unlock();
    }
  }

  private void write() {
    List<Task> batch = new ArrayList<>();
    boolean stopped = false;
    while (!stopped) {
      batch.clear();
      try {
        Task first = queue.poll(1, TimeUnit.SECONDS);
        if (first != null) {
          batch.add(first);
          queue.drainTo(batch, BATCH);
        }
      } catch (InterruptedException _) {
        continue; // nobody has a reason to
      }
      stopped = batch.stream().anyMatch(Task.Stop.class::isInstance);
      lock.lock();
      try {
        work(batch);
      } finally {
        lock.unlock();
      }
    }
  }

  /// Erasing comes last: it covers what was queued beside it, too.
  private void work(List<Task> batch) {
    Erasure erasure = Erasure.NONE;
    for (Task task : batch) {
      switch (task) {
        case Task.Write(Impression impression, long size) -> {
          append(impression.without(lately::has));
          waiting.remove(impression.request(), impression);
          queuedBytes.addAndGet(-size);
        }
        case Task.Erase erase -> erasure = erasure.and(erase.erasure());
        case Task.Stop _ -> seal();
      }
    }
    @Nullable Exception failure = null;
    try {
      erased(erasure);
      tidy();
    } catch (IOException | RuntimeException e) {
      failure = e;
      failed("impressions are not tidied", e);
    }
    for (Task task : batch) {
      if (task instanceof Task.Erase(Erasure asked, var done)) {
        done.complete(asked.isEmpty() ? Optional.empty() : Optional.ofNullable(failure));
      }
    }
  }

  private void append(Impression impression) {
    try {
      ImpressionSegment segment = active;
      RandomAccessFile file = open;
      if (segment == null || file == null) {
        segment = active == null ? index.add() : active;
        active = segment;
        file = new RandomAccessFile(segment.file().toFile(), "rw");
        open = file;
        Durable.syncFolder(index.folder());
      }
      long offset = segment.size();
      int length = segment.append(file, impression);
      index.put(impression.request(), segment, offset, length);
      unsynced = true;
      failing = false;
      recorded.increment();
      if (segment.size() > options.impressionBytes() / SEGMENTS) {
        seal();
      }
    } catch (IOException | RuntimeException e) { // nothing may end the one thread that writes
      dropped.increment();
      failed("impressions cannot be kept, searches go on without", e);
    }
  }

  private void failed(String message, Exception failure) {
    if (!failing) {
      log.atError().addKeyValue("folder", index.folder()).setCause(failure).log(message);
    }
    failing = true;
  }

  private void seal() {
    close(open);
    open = null;
    active = null;
  }

  private void close(@Nullable RandomAccessFile file) {
    if (file != null) {
      try (file) {
        file.getFD().sync();
      } catch (IOException e) {
        failed("impressions cannot be synced", e);
      }
    }
  }

  private void tidy() throws IOException {
    long now = System.nanoTime();
    RandomAccessFile file = open;
    if (unsynced && file != null && now - syncedNanos > SYNC_NANOS) {
      syncedNanos = now;
      unsynced = false;
      file.getFD().sync();
    }
    Instant oldest = clock.instant().minus(options.impressionAge());
    index.rotate(options.impressionBytes(), oldest, Optional.ofNullable(active));
  }

  /// A segment whose texts cannot be overwritten is dropped, as all are where every document goes.
  private void erased(Erasure erasure) throws IOException {
    for (ImpressionSegment segment : erasure.all() ? index.segments() : index.showing(erasure)) {
      try {
        if (!erasure.all()) {
          segment.erase(erasure);
          continue;
        }
      } catch (IOException e) {
        log.atWarn()
            .addKeyValue("file", segment.file())
            .setCause(e)
            .log("impressions are dropped as a text in them cannot be erased");
      }
      if (segment.equals(active)) {
        seal();
      }
      index.drop(segment);
    }
    if (!erasure.isEmpty()) {
      Durable.syncFolder(index.folder());
    }
  }

  private static FlowException failed(IOException cause) {
    return new FlowException(
        ErrorCode.INTERNAL, "feedback: impressions cannot be read: " + cause.getMessage(), cause);
  }

  /// Writes what is queued.
  @Override
  public void close() {
    queue.add(new Task.Stop());
    try {
      writer.join();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
