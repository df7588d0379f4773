package io.attune.indexer;

import io.attune.indexer.generation.Change;
import io.attune.indexer.generation.Content;
import io.attune.indexer.generation.Generation;
import io.attune.indexer.log.IndexLog;
import io.attune.indexer.log.LogApplier;
import io.attune.indexer.log.LogRecord;
import io.attune.indexer.log.RecentRecords;
import io.attune.proto.docarray.DocumentProto;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Takes the log's records into the generations: at start those that the last commits lack, and
/// then each group as it is synced. One thread applies at a time.
final class Applier implements LogApplier {
  private static final int REPLAY_BATCH = 1_000;

  private final Generations generations;
  private volatile long applied;
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
    List<LogRecord> batch = new ArrayList<>();
    records.replay(
        position + 1,
        record -> {
          batch.add(record);
          if (batch.size() == REPLAY_BATCH) {
            applyUnchecked(batch);
            batch.clear();
          }
        });
    applyUnchecked(batch);
    applied = records.syncedSequence();
  }

  private void applyUnchecked(List<LogRecord> batch) {
    try {
      apply(batch);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void apply(List<LogRecord> batch) throws IOException {
    if (batch.isEmpty()) {
      return;
    }
    List<Generations.Located> changes = new ArrayList<>(batch.size());
    for (LogRecord record : batch) {
      changes.add(located(record));
    }
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

  private static Generations.Located located(LogRecord record) {
    DocumentProto document = record.document();
    if (record.isClear()) {
      return new Generations.Located(Change.clear(record.sequence()), null);
    }
    if (document == null) {
      return new Generations.Located(Change.delete(record.sequence(), record.id()), null);
    }
    return new Generations.Located(
        Change.upsert(record.sequence(), record.id(), Content.of(document)), Spaces.of(document));
  }
}
