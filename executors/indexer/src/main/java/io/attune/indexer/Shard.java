package io.attune.indexer;

import io.attune.document.Document;
import io.attune.indexer.generation.Change;
import io.attune.indexer.generation.Content;
import io.attune.indexer.generation.Generation;
import io.attune.indexer.generation.VectorIndex;
import io.attune.indexer.generation.View;
import io.attune.indexer.log.IndexLog;
import io.attune.indexer.log.LogOperation;
import io.attune.indexer.log.LogOptions;
import io.attune.indexer.log.LogRecord;
import io.attune.indexer.log.LogStatistics;
import io.attune.indexer.log.PendingRecords;
import io.attune.indexer.log.Ticket;
import io.attune.proto.docarray.DocumentProto;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
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
/// Locks: `writing` orders a write's checks with its place in the log, so that the generation it
/// was checked against is the one it reaches; `committing` is held by one commit at a time. The
/// first is never taken inside the second.
public final class Shard implements AutoCloseable {
  private static final int REPLAY_BATCH = 1_000;
  private static final Logger log = LoggerFactory.getLogger(Shard.class);

  private final IndexerConfig config;
  private final IndexLog records;
  private final Generations generations;
  private final ScheduledThreadPoolExecutor commits;
  private final Object writing = new Object();
  private final Object committing = new Object();
  private volatile long applied;
  private volatile boolean closed;

  private Shard(IndexerConfig config, IndexLog records, Generations generations) {
    this.config = config;
    this.records = records;
    this.generations = generations;
    this.commits =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("index-commit-" + config.shard()).factory());
  }

  /// Opens the shard of a folder, made where it is missing, with everything that was acknowledged.
  ///
  /// @throws FlowException FAILED_PRECONDITION where another has it open or it was made with
  ///   another metric, dimension or shard count; DATA_LOSS where it is damaged
  public static Shard open(Path folder, IndexerConfig config, VectorIndex engine)
      throws IOException {
    Files.createDirectories(folder);
    IndexLog records =
        IndexLog.open(folder.resolve("log"), LogOptions.of(config.shard() + "/" + config.shards()));
    Generations generations = null;
    try {
      generations = new Generations(folder, engine, config.graph(), manifest(folder, config));
      Shard shard = new Shard(config, records, generations);
      shard.restore();
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

  private static Manifest manifest(Path folder, IndexerConfig config) throws IOException {
    Manifest found = Manifest.read(folder);
    if (found == null) {
      Manifest made =
          new Manifest(
              config.metric(),
              config.graph().quantized(),
              config.shard(),
              config.shards(),
              List.of());
      made.write(folder);
      return made;
    }
    require("metric", config.metric().label(), found.metric().label());
    require(
        "quantize",
        config.graph().quantized() ? "int8" : "none",
        found.quantized() ? "int8" : "none");
    require("shard", config.shard(), found.shard());
    require("shards", config.shards(), found.shards());
    for (Manifest.Entry entry : found.generations()) {
      if (config.dimension() != 0) {
        require("dimension", config.dimension(), entry.dimension());
      }
      if (!config.space().isEmpty()) {
        require("space", config.space(), entry.space());
      }
    }
    return found;
  }

  private static void require(String name, Object configured, Object kept) {
    if (!configured.equals(kept)) {
      throw new FlowException(
          ErrorCode.FAILED_PRECONDITION,
          "%s: %s (expected: %s, which the index was made with; to change it choose another workspace and index again)"
              .formatted(name, configured, kept));
    }
  }

  private void restore() throws IOException {
    generations.open(records.firstSequence());
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

  private void start() {
    records.start(this::apply);
    long interval = config.commitInterval().toNanos();
    var _ =
        commits.scheduleWithFixedDelay(
            this::commitInBackground, interval, interval, TimeUnit.NANOSECONDS);
  }

  private void applyUnchecked(List<LogRecord> batch) {
    try {
      apply(batch);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void apply(List<LogRecord> batch) throws IOException {
    if (batch.isEmpty()) {
      return;
    }
    List<Generations.Located> changes = new ArrayList<>(batch.size());
    for (LogRecord record : batch) {
      changes.add(located(record));
    }
    generations.apply(changes);
    applied = batch.getLast().sequence();
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
        Change.upsert(record.sequence(), record.id(), Content.of(document)),
        space(Document.from(document)).orElse(""));
  }

  /// The space of the first marked vector.
  private static Optional<String> space(Document document) {
    Optional<String> own = document.embeddingSpace();
    if (own.isPresent()) {
      return own;
    }
    for (Document chunk : document.chunks()) {
      Optional<String> below = space(chunk);
      if (below.isPresent()) {
        return below;
      }
    }
    return Optional.empty();
  }

  /// Stores documents, whatever is there under their ids; returns when they are durable and every
  /// later view shows them. Either all are stored or none.
  ///
  /// @param unmarkedSpace the space of vectors without a mark; empty for that of the configuration
  public void index(List<Document> documents, String unmarkedSpace) {
    List<LogOperation> operations = new ArrayList<>(documents.size());
    Ticket ticket;
    List<Vectors.Checked> checked = check(documents, unmarkedSpace);
    for (Document document : documents) {
      operations.add(LogOperation.put(document.toProto()));
    }
    synchronized (writing) {
      admit(documents, checked);
      ticket = records.append(operations);
    }
    ticket.awaitApplied();
  }

  /// Replaces the documents that are there under their ids, and answers the ids that are not.
  public List<String> update(List<Document> documents, String unmarkedSpace) {
    List<Vectors.Checked> checked = check(documents, unmarkedSpace);
    List<String> unknown = new ArrayList<>();
    Ticket ticket;
    synchronized (writing) {
      admit(documents, checked);
      ticket =
          records.append(pending -> {
            List<LogOperation> operations = new ArrayList<>();
            for (Document document : documents) {
              if (exists(document.id(), pending)) {
                operations.add(LogOperation.put(document.toProto()));
              } else {
                unknown.add(document.id());
              }
            }
            return operations;
          });
    }
    ticket.awaitApplied();
    return unknown;
  }

  /// Deletes documents, and answers the ids that are not there.
  public List<String> delete(List<String> ids) {
    List<String> unknown = new ArrayList<>();
    Ticket ticket =
        records.append(pending -> {
          List<LogOperation> operations = new ArrayList<>();
          for (String id : ids) {
            if (!id.isEmpty() && exists(id, pending)) {
              operations.add(LogOperation.delete(id));
            } else {
              unknown.add(id);
            }
          }
          return operations;
        });
    ticket.awaitApplied();
    return unknown;
  }

  /// Deletes all documents.
  public void clear() {
    records.append(List.of(LogOperation.clear())).awaitApplied();
  }

  private boolean exists(String id, PendingRecords pending) {
    LogRecord newest = pending.newest(id);
    if (newest != null) {
      return !newest.isDelete();
    }
    try {
      for (Generation generation : generations.all()) {
        try (View view = generation.view()) {
          if (view.contains(id)) {
            return true;
          }
        }
      }
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<Vectors.Checked> check(List<Document> documents, String unmarkedSpace) {
    Vectors vectors = vectors(unmarkedSpace);
    return documents.stream().map(vectors::document).toList();
  }

  /// The checks of vectors, for a request that may name the space of unmarked ones.
  Vectors vectors(String unmarkedSpace) {
    return new Vectors(config.metric(), unmarkedSpace.isEmpty() ? config.space() : unmarkedSpace);
  }

  /// Compares documents with the generations, and makes the first one.
  private void admit(List<Document> documents, List<Vectors.Checked> checked) {
    for (int i = 0; i < checked.size(); i++) {
      Vectors.Checked each = checked.get(i);
      String name = "document " + documents.get(i).id();
      Generation generation = generations.of(each.space());
      if (generation == null) {
        generation = open(each, name);
      }
      Vectors.requireDimension(name, each.vector().length, generation.spec().dimension());
    }
  }

  private Generation open(Vectors.Checked first, String name) {
    int dimension = config.dimension() == 0 ? first.vector().length : config.dimension();
    Vectors.requireDimension(name, first.vector().length, dimension);
    boolean otherSpace = !config.space().isEmpty() && !config.space().equals(first.space());
    try {
      if (otherSpace || !isEmpty()) {
        throw unknownSpace(name, first.space());
      }
      for (Generation generation : generations.all()) {
        generations.remove(generation.spec().space());
      }
      return generations.add(first.space(), dimension, records.lastSequence());
    } catch (IOException e) {
      throw new FlowException(
          ErrorCode.UNAVAILABLE, "index: no generation could be made: " + e.getMessage(), e);
    }
  }

  private boolean isEmpty() throws IOException {
    return generations.all().isEmpty()
        || (applied == records.lastSequence() && generations.documents() == 0);
  }

  private FlowException unknownSpace(String name, String space) {
    String held = generations.all().isEmpty() ? config.space() : generations.spaces();
    return FlowException.invalid(
        "%s: embedding of space %s (expected: %s, which the index holds)"
            .formatted(name, space, held));
  }

  /// The documents of a query's space, as they are now; empty while nothing was ever indexed.
  ///
  /// @throws FlowException where the index holds other spaces, or another dimension
  Optional<View> view(Vectors.Checked query, String name) throws IOException {
    Generation generation = generations.of(query.space());
    if (generation == null) {
      if (generations.all().isEmpty()
          && (config.space().isEmpty() || config.space().equals(query.space()))) {
        return Optional.empty();
      }
      throw unknownSpace(name, query.space());
    }
    Vectors.requireDimension(name, query.vector().length, generation.spec().dimension());
    return Optional.of(generation.view());
  }

  /// Refuses a query of another dimension than its space's.
  void requireDimension(Vectors.Checked query, String name) {
    Generation generation = generations.of(query.space());
    if (generation != null) {
      Vectors.requireDimension(name, query.vector().length, generation.spec().dimension());
    }
  }

  /// The generations that are there.
  List<Generation> generations() {
    return generations.all();
  }

  /// The last sequence that every view shows.
  public long applied() {
    return applied;
  }

  /// What the log holds and has done.
  public LogStatistics statistics() {
    return records.statistics();
  }

  private void commitInBackground() {
    try {
      commit();
    } catch (IOException | RuntimeException e) {
      log.atError().setCause(e).log("index commit failed; the log keeps what it would have held");
    }
  }

  /// Makes the index durable without the log, and lets the log shrink.
  public void commit() throws IOException {
    synchronized (committing) {
      commitGenerations();
      if (!generations.all().isEmpty()) {
        records.truncateBefore(generations.committed() + 1);
      }
    }
  }

  private void commitGenerations() throws IOException {
    long position = applied;
    for (Generation generation : generations.all()) {
      if (generation.committed() < position) {
        generation.commit(position);
      }
    }
  }

  /// Answers what was accepted, commits, and releases the folder. Idempotent.
  @Override
  public void close() throws IOException {
    synchronized (writing) {
      if (closed) {
        return;
      }
      closed = true;
    }
    commits.shutdown();
    try (generations;
        records) {
      awaitCommits();
      records.close();
      // the log's folder is released: from here on it is only read again by a restart
      if (records.statistics().stopReason().isEmpty()) {
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
