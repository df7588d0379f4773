package io.attune.indexer;

import io.attune.indexer.generation.Change;
import io.attune.indexer.generation.Content;
import io.attune.indexer.generation.Generation;
import io.attune.indexer.log.IndexLog;
import io.attune.indexer.log.LogApplier;
import io.attune.indexer.log.LogRecord;
import io.attune.indexer.log.RecentRecords;
import io.attune.proto.docarray.DocumentProto;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes the log's records into the generations: at start those that the last commits lack, and
/// then each group as it is synced. One thread applies at a time.
final class Applier implements LogApplier {
  private static final Logger log = LoggerFactory.getLogger(Applier.class);
  private static final int REPLAY_BATCH = 1_000;

  /// How long searches that tried to recover in vain wait at least, and how many times as long as
  /// it took.
  private static final long RETRY_NANOS = 1_000_000_000;

  private static final int RETRY_PAUSE = 10;

  private final Generations generations;
  private volatile long applied;

  /// When a search may try again to recover, by the clock of [System#nanoTime].
  private volatile long retryNanos = System.nanoTime();

  private volatile @Nullable RecentRecords recent;

  Applier(Generations generations) {
    this.generations = generations;
  }

  /// The last sequence that every view shows.
  long applied() {
    return applied;
  }

  /// Opens the generations as their last commits left them, and applies the log from there.
  void restore(IndexLog records) throws IOException {
    generations.open(records.firstSequence());
    if (generations.all().size() > 1) {
      for (Generation each : generations.all()) {
        generations.keepTombstones(each, true);
      }
    }
    long position =
        generations.all().isEmpty() ? records.firstSequence() - 1 : generations.committed();
    applied = replay(records, position);
  }

  /// Applies the log again to a generation that failed, from its last commit on. Nothing is done
  /// where none has.
  ///
  /// Of two generations one may hold what its follower copied, which is in no log: there only a
  /// restart helps, with which followers begin anew.
  ///
  /// @throws FlowException UNAVAILABLE where there are two
  /// @throws IOException where it fails again, such as on a disk that is still full
  void recover(IndexLog records) throws IOException {
    if (generations.failure() == null) {
      return;
    }
    generations.exclusively(() -> {
      Throwable failure = generations.failure();
      if (failure == null) {
        return; // somebody else was first
      }
      if (generations.all().size() > 1) {
        throw new FlowException(
            ErrorCode.UNAVAILABLE,
            "index: stopped by a failure: %s (expected: a restart, while there are two spaces)"
                .formatted(failure.getMessage()),
            failure);
      }
      Generation generation = generations.all().getFirst();
      generations.recover(
          generation, () -> applied = Math.max(applied, replay(records, generation.committed())));
      log.atInfo()
          .addKeyValue("space", generation.spec().space())
          .addKeyValue("failure", String.valueOf(failure.getMessage()))
          .log("index recovered from a failure");
      retryNanos = System.nanoTime();
    });
  }

  /// Recovers so that a search sees all that was acknowledged, and answers whether it does now.
  /// While that fails it is tried now and then only, and searches show what they showed.
  synchronized boolean recoverForSearch(IndexLog records) {
    long begin = System.nanoTime();
    if (begin - retryNanos < 0) {
      return false;
    }
    try {
      recover(records);
      return true;
    } catch (IOException | FlowException e) {
      long end = System.nanoTime();
      retryNanos = end + Math.max(RETRY_NANOS, RETRY_PAUSE * (end - begin));
      log.atWarn().setCause(e).log("searches lack what was written since the index failed");
      return false;
    }
  }

  /// Applies all durable records behind a position, and answers the last.
  private long replay(IndexLog records, long after) throws IOException {
    List<LogRecord> batch = new ArrayList<>();
    try {
      long last =
          records.replay(
              after + 1,
              record -> {
                batch.add(record);
                if (batch.size() == REPLAY_BATCH) {
                  applyUnchecked(batch);
                  batch.clear();
                }
              });
      applyUnchecked(batch);
      return last;
    } catch (UncheckedIOException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  @Override
  public boolean recovers() {
    return generations.failure() != null && generations.all().size() == 1;
  }

  private void applyUnchecked(List<LogRecord> batch) {
    try {
      generations.exclusively(() -> generations.apply(located(batch)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void apply(List<LogRecord> batch) throws IOException {
    if (batch.isEmpty()) {
      return;
    }
    List<Located> changes = located(batch);
    generations.exclusively(() -> {
      generations.apply(changes);
      applied = batch.getLast().sequence();
      RecentRecords wanted = recent;
      if (wanted != null) {
        wanted.add(batch);
      }
    });
  }

  /// Keeps the newest records in memory from now on, for those who follow the log. Only between two
  /// groups of records.
  RecentRecords keepRecent(long mostBytes) {
    RecentRecords made = new RecentRecords(mostBytes, applied);
    recent = made;
    return made;
  }

  /// Keeps no records in memory any more.
  void forgetRecent() {
    recent = null;
  }

  private static List<Located> located(List<LogRecord> batch) {
    List<Located> changes = new ArrayList<>(batch.size());
    for (LogRecord record : batch) {
      changes.add(located(record));
    }
    return changes;
  }

  private static Located located(LogRecord record) {
    DocumentProto document = record.document();
    if (record.isClear()) {
      return new Located(Change.clear(record.sequence()), null);
    }
    if (document == null) {
      return new Located(Change.delete(record.sequence(), record.id()), null);
    }
    return new Located(
        Change.upsert(record.sequence(), record.id(), Content.of(document)), Spaces.of(document));
  }
}
