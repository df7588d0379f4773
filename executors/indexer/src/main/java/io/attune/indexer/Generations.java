package io.attune.indexer;

import io.attune.indexer.generation.Change;
import io.attune.indexer.generation.Generation;
import io.attune.indexer.generation.GenerationSpec;
import io.attune.indexer.generation.GraphOptions;
import io.attune.indexer.generation.VectorIndex;
import io.attune.indexer.generation.View;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A shard's generations by space, as its manifest lists them.
///
/// The set is changed, and the log applied, by one thread at a time, which holds the manifest's
/// monitor; looking at it is safe meanwhile. Inside that a generation's own monitor is taken, by
/// whoever applies changes to it.
final class Generations implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Generations.class);

  private final ManifestFile manifest;
  private final GenerationFolders folders;
  private final VectorIndex engine;
  private final GraphOptions graph;

  /// Held for reading while a view is opened, for writing while what is gone is closed.
  private final ReentrantReadWriteLock looking = new ReentrantReadWriteLock();

  private volatile Map<String, Generation> bySpace = Map.of();
  private List<Generation> retired = List.of();

  Generations(ManifestFile manifest, VectorIndex engine, GraphOptions graph) {
    this.manifest = manifest;
    this.folders = new GenerationFolders(manifest.folder());
    this.engine = engine;
    this.graph = graph;
  }

  /// What is done while nothing else changes the set or applies the log.
  interface Action {
    void run() throws IOException;
  }

  /// Does something while nobody else changes the set or applies the log.
  void exclusively(Action action) throws IOException {
    synchronized (manifest) {
      action.run();
    }
  }

  /// Opens the generations of the manifest. One that is damaged is made anew: where the log still
  /// reaches back to its beginning, or where another can be copied.
  ///
  /// @param firstLogged the oldest sequence that the log holds
  void open(long firstLogged) throws IOException {
    Map<String, Generation> opened = new LinkedHashMap<>();
    bySpace = opened;
    List<Manifest.Entry> damaged = new ArrayList<>();
    FlowException damage = null;
    for (Manifest.Entry entry : manifest.generations()) {
      try {
        opened.put(
            entry.space(),
            engine.open(folders.of(entry.folder()), spec(entry.space(), entry.dimension())));
      } catch (FlowException e) {
        if (e.code() != ErrorCode.DATA_LOSS) {
          throw e;
        }
        damage = e;
        damaged.add(entry);
      }
    }
    for (Manifest.Entry entry : damaged) {
      restore(entry, damage, firstLogged, opened);
    }
    deleteUnlisted();
  }

  private void restore(
      Manifest.Entry entry,
      @Nullable FlowException damage,
      long firstLogged,
      Map<String, Generation> opened)
      throws IOException {
    boolean isLogged = firstLogged <= entry.since() + 1 && manifest.generations().size() == 1;
    boolean isCopied =
        manifest.generations().stream()
            .anyMatch(other -> other.isBuilt() && opened.containsKey(other.space()));
    if (!isLogged && !isCopied) {
      throw Objects.requireNonNull(damage);
    }
    log.atWarn()
        .addKeyValue("space", entry.space())
        .setCause(damage)
        .log("a damaged generation is made anew");
    Path place = folders.of(entry.folder());
    GenerationFolders.delete(place);
    if (!isLogged) {
      manifest.empty(entry.space());
    }
    Generation made = engine.create(place, spec(entry.space(), entry.dimension()));
    opened.put(entry.space(), made);
    made.keepTombstones(!isLogged);
    made.commit(Math.max(entry.since(), firstLogged - 1));
  }

  private GenerationSpec spec(String space, int dimension) {
    return new GenerationSpec(space, dimension, manifest.now().metric(), graph);
  }

  /// The manifest that lists them, with what is noted there.
  ManifestFile manifest() {
    return manifest;
  }

  /// The generation of a space; null where there is none.
  @Nullable Generation of(String space) {
    return bySpace.get(space);
  }

  List<Generation> all() {
    return List.copyOf(bySpace.values());
  }

  /// Opens a view of the generation of a space, which then stays whatever becomes of the
  /// generation; null where there is none.
  @Nullable View view(String space) throws IOException {
    looking.readLock().lock();
    try {
      Generation generation = of(space);
      return generation == null ? null : generation.view();
    } finally {
      looking.readLock().unlock();
    }
  }

  /// The generation that answers where no space is named; null while there is none.
  @Nullable Generation live() {
    Generation live = bySpace.get(manifest.now().live());
    return live != null || bySpace.isEmpty() ? live : bySpace.values().iterator().next();
  }

  /// Whether the generation of a space is the one that answers where no space is named.
  boolean isLive(String space) {
    Generation live = live();
    return live != null && live.spec().space().equals(space);
  }

  /// Lets the generation of a space answer where none is named.
  void live(String space) throws IOException {
    manifest.change(held -> held.withLive(space));
  }

  /// The disk that the generation of a space takes, in bytes; 0 without one.
  long bytes(String space) throws IOException {
    Optional<Manifest.Entry> entry = manifest.generation(space);
    return entry.isPresent() ? folders.bytes(entry.get().folder()) : 0;
  }

  /// The spaces, for messages.
  String spaces() {
    return bySpace.isEmpty() ? "none" : String.join(", ", bySpace.keySet());
  }

  /// The position from which on the log is needed.
  long committed() {
    return all().stream().mapToLong(Generation::committed).min().orElse(0);
  }

  /// Makes a generation beside the others, empty and of all records up to a sequence.
  ///
  /// @param isBuilt whether it thereby holds all documents; else it keeps tombstones, and others
  ///   are copied into it
  Generation add(String space, int dimension, long since, boolean isBuilt) throws IOException {
    synchronized (manifest) {
      return begin(space, dimension, since, isBuilt, manifest.now());
    }
  }

  /// Makes a generation in place of all others, whose documents are gone. They stay open until the
  /// next replacement, for those who look at them now.
  Generation replace(String space, int dimension, long since) throws IOException {
    synchronized (manifest) {
      closeRetired();
      List<Generation> former = all();
      Generation generation =
          begin(
              space,
              dimension,
              since,
              true,
              manifest.now().withGenerations(List.of()).withGone(since).withLive(""));
      retired = former;
      return generation;
    }
  }

  /// Does without a generation. Its folder goes with the next [#closeRetired], until when it can be
  /// looked at.
  ///
  /// @param gone the last sequence of the log: up to it records may be of its space
  void remove(String space, long gone) throws IOException {
    synchronized (manifest) {
      Generation removed = of(space);
      if (removed == null) {
        return;
      }
      manifest.change(held ->
          held.withGenerations(
                  held.generations().stream()
                      .filter(entry -> !entry.space().equals(space))
                      .toList())
              .withGone(gone));
      Map<String, Generation> changed = new LinkedHashMap<>(bySpace);
      changed.remove(space);
      bySpace = changed;
      List<Generation> closing = new ArrayList<>(retired);
      closing.add(removed);
      retired = closing;
    }
  }

  /// Closes the generations that are gone, and frees their disk.
  void closeRetired() throws IOException {
    synchronized (manifest) {
      if (!retired.isEmpty()) {
        List<Generation> closing = retired;
        retired = List.of();
        looking.writeLock().lock();
        try {
          closeAll(closing);
        } finally {
          looking.writeLock().unlock();
        }
        deleteUnlisted();
      }
    }
  }

  /// Makes a generation, and lists it when it is durable: with one write of the manifest, so that a
  /// crash leaves the former list or the new one.
  private Generation begin(String space, int dimension, long since, boolean isBuilt, Manifest kept)
      throws IOException {
    String name = folders.unused(listed());
    Path place = folders.of(name);
    Files.createDirectories(place);
    Generation generation = engine.create(place, spec(space, dimension));
    try {
      generation.keepTombstones(!isBuilt);
      generation.commit(since);
      folders.sync();
      List<Manifest.Entry> entries = new ArrayList<>(kept.generations());
      if (entries.size() == 1) {
        entries.replaceAll(alone -> alone.withMissing(KeptMissing.NONE));
      }
      long logged = isBuilt ? since : Manifest.Entry.COPIED;
      entries.add(new Manifest.Entry(name, dimension, logged, isBuilt, space, KeptMissing.NONE));
      manifest.change(_ -> kept.withGenerations(entries));
    } catch (IOException | RuntimeException e) {
      generation.close();
      throw e;
    }
    Map<String, Generation> changed = new LinkedHashMap<>(bySpace);
    changed
        .keySet()
        .removeIf(
            held -> kept.generations().stream().noneMatch(entry -> entry.space().equals(held)));
    changed.put(space, generation);
    bySpace = changed;
    return generation;
  }

  /// Hands changes to the generations they are for: documents to that of their space, deletes to
  /// all. A restart begins with the oldest that any generation lacks: what another has committed
  /// does not reach it again, for a `/clear` would take what came behind it and was embedded.
  void apply(List<Located> changes) throws IOException {
    Map<Generation, List<Change>> byGeneration = new LinkedHashMap<>();
    for (Located located : changes) {
      Generation target = located.space() == null ? null : of(located.space());
      if (target == null && located.space() != null) {
        if (located.change().sequence() > manifest.now().gone()) {
          throw new FlowException(
              ErrorCode.DATA_LOSS,
              "log: record %d is of space %s (expected: %s)"
                  .formatted(located.change().sequence(), located.space(), spaces()));
        }
        continue;
      }
      for (Generation generation : target == null ? all() : List.of(target)) {
        if (located.change().sequence() > generation.committed()) {
          byGeneration.computeIfAbsent(generation, _ -> new ArrayList<>()).add(located.change());
        }
      }
    }
    for (Map.Entry<Generation, List<Change>> entry : byGeneration.entrySet()) {
      apply(entry.getKey(), entry.getValue());
    }
  }

  /// Applies changes to one generation.
  void apply(Generation generation, List<Change> changes) throws IOException {
    synchronized (generation) {
      generation.apply(changes);
    }
  }

  /// Lets a generation that failed start over from its last commit.
  ///
  /// @param replay applies everything behind that again
  void recover(Generation generation, Generation.Replay replay) throws IOException {
    synchronized (generation) {
      generation.recover(replay);
    }
  }

  /// Why the first generation that failed did; null where none has.
  @Nullable Throwable failure() {
    for (Generation generation : bySpace.values()) {
      Throwable failure = generation.failure();
      if (failure != null) {
        return failure;
      }
    }
    return null;
  }

  /// Whether a document of an id and sequence would count in a generation.
  boolean accepts(Generation generation, String id, long sequence) throws IOException {
    synchronized (generation) {
      return generation.accepts(id, sequence);
    }
  }

  /// Starts or stops keeping tombstones in a generation.
  void keepTombstones(Generation generation, boolean keep) throws IOException {
    synchronized (generation) {
      generation.keepTombstones(keep);
    }
  }

  /// How many documents the live generation holds.
  long documents() throws IOException {
    Generation live = live();
    if (live == null) {
      return 0;
    }
    try (View view = view(live.spec().space())) {
      return view == null ? documents() : view.documents();
    }
  }

  private void deleteUnlisted() throws IOException {
    folders.retain(listed());
  }

  private Set<String> listed() {
    return manifest.generations().stream().map(Manifest.Entry::folder).collect(Collectors.toSet());
  }

  @Override
  public void close() throws IOException {
    List<Generation> open = new ArrayList<>(all());
    open.addAll(retired);
    closeAll(open);
    deleteUnlisted();
  }

  private static void closeAll(List<Generation> generations) throws IOException {
    IOException failure = null;
    for (Generation generation : generations) {
      try {
        generation.close();
      } catch (IOException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
