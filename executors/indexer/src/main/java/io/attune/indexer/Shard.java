package io.attune.indexer;

import io.attune.document.Document;
import io.attune.indexer.generation.Generation;
import io.attune.indexer.generation.VectorIndex;
import io.attune.indexer.log.IndexLog;
import io.attune.indexer.log.LogOptions;
import io.attune.indexer.log.LogStatistics;
import io.attune.indexer.reembed.Embedders;
import io.attune.indexer.reembed.EncoderEmbedder;
import io.attune.runtime.FlowException;
import io.attune.runtime.channel.Address;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One shard of an index on disk: the log, the generations that follow it, and the thread that
/// commits them.
///
/// A write is checked, appended to the log, synced with its neighbours, applied to the generations
/// in the log's order, and then answered; views that are opened later show it. In the background
/// the generations are committed with the position that was applied before the commit began, and
/// only then the log lets go of what they hold. A restart opens the last commits and applies the
/// log from there.
///
/// Locks: that of [Writes]; `committing` is held by one commit at a time, and inside it at most
/// what [Generations] takes.
public final class Shard implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Shard.class);
  private static final Duration AFTER_RESTART = Duration.ofSeconds(1);

  private final IndexerConfig config;
  private final IndexLog records;
  private final Generations generations;
  private final ScheduledThreadPoolExecutor commits;
  private final Applier applier;
  private final Admission admission;
  private final Writes writes;
  private final Followers followers;
  private final Rollouts rollouts;
  private final Object committing = new Object();
  private final AtomicBoolean closed = new AtomicBoolean();

  private Shard(IndexerConfig config, IndexLog records, Generations generations, Growth growth) {
    this.config = config;
    this.records = records;
    this.generations = generations;
    Object writing = new Object();
    this.applier = new Applier(generations);
    this.followers =
        new Followers(
            generations,
            records,
            applier,
            growth.embedders(),
            this::commit,
            growth.pace(),
            writing);
    this.admission = new Admission(config, records, generations, applier, followers);
    this.writes = new Writes(records, generations, applier, admission, followers, writing);
    this.rollouts =
        new Rollouts(
            config,
            generations,
            followers,
            leaving(writing),
            new DiskRoom(generations, growth.disk(), config.logSegmentBytes()));
    this.commits =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("index-commit-" + config.shard()).factory());
  }

  private RolloutSteps.Leaving leaving(Object writing) {
    return new RolloutSteps.Leaving() {
      @Override
      public long refuse(String space) {
        synchronized (writing) {
          return admission.refuse(space);
        }
      }

      @Override
      public void admit(String space) {
        synchronized (writing) {
          admission.stays(space);
        }
      }
    };
  }

  /// How a shard gets generations of other spaces.
  ///
  /// @param embedders where documents get vectors of them
  /// @param pace how patient those are who follow the log for it
  /// @param disk where it must fit
  record Growth(Embedders embedders, Follower.Pace pace, DiskRoom.Disk disk) {
    /// No encoder is known.
    static final Growth NONE = at(List.of());

    /// Encoders at addresses.
    static Growth at(List<Address> encoders) {
      return new Growth(EncoderEmbedder.at(encoders), Follower.Pace.DEFAULT, DiskRoom.Disk.SYSTEM);
    }
  }

  /// Opens the shard of a folder, made where it is missing, with everything that was acknowledged.
  ///
  /// @throws FlowException FAILED_PRECONDITION where another has it open or it was made with
  ///   another metric, dimension or shard count; DATA_LOSS where it is damaged
  public static Shard open(Path folder, IndexerConfig config, VectorIndex engine)
      throws IOException {
    return open(folder, config, engine, Growth.NONE);
  }

  /// Opens the shard of a folder that can take other spaces.
  static Shard open(Path folder, IndexerConfig config, VectorIndex engine, Growth growth)
      throws IOException {
    Files.createDirectories(folder);
    LogOptions options =
        LogOptions.of(config.shard() + "/" + config.shards())
            .withSegmentBytes(config.logSegmentBytes());
    return open(folder, config, engine, growth, IndexLog.open(folder.resolve("log"), options));
  }

  /// Opens the shard of a folder with its log, which it closes.
  static Shard open(Path folder, IndexerConfig config, VectorIndex engine, IndexLog records)
      throws IOException {
    return open(folder, config, engine, Growth.NONE, records);
  }

  private static Shard open(
      Path folder, IndexerConfig config, VectorIndex engine, Growth growth, IndexLog records)
      throws IOException {
    Generations generations = null;
    try {
      Manifest.requireUnlessNew(folder, records.lastSequence() > 0);
      generations =
          new Generations(
              new ManifestFile(folder, Manifest.open(folder, config)), engine, config.graph());
      Shard shard = new Shard(config, records, generations, growth);
      shard.applier.restore(records);
      shard.start();
      return shard;
    } catch (IOException | RuntimeException e) {
      closeAfter(e, generations);
      closeAfter(e, records);
      throw e;
    }
  }

  private static void closeAfter(Exception failure, @Nullable AutoCloseable resource) {
    try {
      if (resource != null) {
        resource.close();
      }
    } catch (Exception e) {
      failure.addSuppressed(e);
    }
  }

  /// Starts to take writes and to commit. What a restart applied from the log is committed soon, so
  /// that the log of an index that is killed again and again does not grow.
  private void start() throws IOException {
    records.start(applier);
    Rollout rollout = generations.manifest().rollout();
    if (rollout != null && generations.all().size() > 1) {
      followers.resume(rollout.command());
    }
    long interval = config.commitInterval().toNanos();
    boolean behind = generations.committed() < applier.applied();
    long first = behind ? Math.min(interval, AFTER_RESTART.toNanos()) : interval;
    var _ =
        commits.scheduleWithFixedDelay(
            this::commitInBackground, first, interval, TimeUnit.NANOSECONDS);
  }

  /// Stores documents, whatever is there under their ids; returns when they are durable and every
  /// later view shows them. Either all are stored or none. Vectors without a mark are marked.
  ///
  /// @param unmarkedSpace the space of vectors without a mark; empty for that of the configuration
  public void index(List<Document> documents, String unmarkedSpace) {
    writes.index(documents, unmarkedSpace);
  }

  /// Replaces the documents that are there under their ids, and answers the ids that are not.
  public List<String> update(List<Document> documents, String unmarkedSpace) {
    return writes.update(documents, unmarkedSpace);
  }

  /// Deletes documents, and answers the ids that are not there.
  public List<String> delete(List<String> ids) {
    return writes.delete(ids);
  }

  /// Deletes all documents.
  public void clear() {
    writes.clear();
  }

  /// Which vectors the index takes and compares.
  Admission admission() {
    return admission;
  }

  /// The generations that are there.
  List<Generation> generations() {
    return generations.all();
  }

  /// The generations by space, and what is known of them.
  Generations spaces() {
    return generations;
  }

  /// Its part in rollouts.
  Rollouts rollouts() {
    return rollouts;
  }

  /// Those who bring generations up to the log.
  Followers followers() {
    return followers;
  }

  /// How many documents there are.
  long documents() throws IOException {
    return generations.documents();
  }

  /// The last sequence that every view shows.
  public long applied() {
    return applier.applied();
  }

  /// What the log holds and has done.
  public LogStatistics statistics() {
    return records.statistics();
  }

  private void commitInBackground() {
    List<Generation> quiet = generations.all().stream().filter(this::isQuiet).toList();
    try {
      commit();
    } catch (IOException | RuntimeException e) {
      log.atError().setCause(e).log("index commit failed; the log keeps what it would have held");
      return;
    }
    quiet.forEach(Shard::compact);
  }

  /// Whether nothing was written since the last commit, and nothing is copied into it.
  private boolean isQuiet(Generation generation) {
    return isCommitted(generation, applier.applied())
        && generations.manifest().isBuilt(generation.spec().space());
  }

  private static void compact(Generation generation) {
    try {
      generation.compact();
    } catch (IOException | RuntimeException e) {
      log.atWarn()
          .addKeyValue("space", generation.spec().space())
          .setCause(e)
          .log("index stays in parts; searches are right, and take longer");
    }
  }

  private static boolean isCommitted(Generation generation, long position) {
    return generation.committed() >= position && !generation.hasUncommitted();
  }

  /// Makes the index durable without the log, and lets the log shrink.
  public void commit() throws IOException {
    synchronized (committing) {
      generations.closeRetired();
      applier.recover(records);
      commitGenerations();
      if (!generations.all().isEmpty()) {
        records.truncateBefore(generations.committed() + 1);
      }
    }
  }

  private void commitGenerations() throws IOException {
    for (Generation generation : generations.all()) {
      commitOne(generation, followers.position(generation));
    }
  }

  /// Commits a generation, of which a follower has applied everything up to a position.
  private void commit(Generation generation, long position) throws IOException {
    synchronized (committing) {
      if (generations.all().contains(generation)) {
        commitOne(generation, position);
      }
    }
  }

  /// Commits where there is anything to; never a position before the last one, as the log may have
  /// let go of what is between.
  private void commitOne(Generation generation, long position) throws IOException {
    followers.keepMissing(generation);
    if (!isCommitted(generation, position)) {
      generation.commit(Math.max(position, generation.committed()));
    }
  }

  /// Answers what was accepted, commits, and releases the folder. Idempotent.
  @Override
  public void close() throws IOException {
    close(true);
  }

  /// @param isCommitted false to leave the commits of before as they are, as a kill does
  void close(boolean isCommitted) throws IOException {
    if (closed.getAndSet(true)) {
      return;
    }
    commits.shutdown();
    try (generations;
        records) {
      rollouts.close();
      followers.close();
      awaitCommits();
      records.close();
      // the log's folder is released: from here on it is only read again by a restart
      if (isCommitted
          && generations.failure() == null
          && records.statistics().stopReason().isEmpty()) {
        commitGenerations();
      }
    }
  }

  private void awaitCommits() {
    try {
      commits.awaitTermination(1, TimeUnit.MINUTES);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
