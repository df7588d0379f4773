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
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A shard's generations by space, and the manifest that lists them.
///
/// Changes of the set are made by one thread at a time; looking at it is safe meanwhile.
final class Generations implements AutoCloseable {
  private final Path folder;
  private final GenerationFolders folders;
  private final VectorIndex engine;
  private final GraphOptions graph;
  private volatile Manifest manifest;
  private volatile Map<String, Generation> bySpace = Map.of();
  private List<Generation> retired = List.of();

  Generations(Path folder, VectorIndex engine, GraphOptions graph, Manifest manifest) {
    this.folder = folder;
    this.folders = new GenerationFolders(folder);
    this.engine = engine;
    this.graph = graph;
    this.manifest = manifest;
  }

  /// Opens the generations of the manifest. One that is damaged is made anew where the log still
  /// reaches back to its beginning.
  ///
  /// @param firstLogged the oldest sequence that the log holds
  void open(long firstLogged) throws IOException {
    Map<String, Generation> opened = new LinkedHashMap<>();
    bySpace = opened;
    for (Manifest.Entry entry : manifest.generations()) {
      GenerationSpec spec = spec(entry.space(), entry.dimension());
      Path place = folders.of(entry.folder());
      try {
        opened.put(entry.space(), engine.open(place, spec));
      } catch (FlowException e) {
        if (e.code() != ErrorCode.DATA_LOSS || firstLogged > entry.since() + 1) {
          throw e;
        }
        GenerationFolders.delete(place);
        Generation made = engine.create(place, spec);
        opened.put(entry.space(), made);
        made.commit(entry.since());
      }
    }
    deleteUnlisted();
  }

  private GenerationSpec spec(String space, int dimension) {
    return new GenerationSpec(space, dimension, manifest.metric(), graph);
  }

  /// The generation of a space; null where there is none.
  @Nullable Generation of(String space) {
    return bySpace.get(space);
  }

  List<Generation> all() {
    return List.copyOf(bySpace.values());
  }

  /// The spaces, for messages.
  String spaces() {
    return bySpace.isEmpty() ? "none" : String.join(", ", bySpace.keySet());
  }

  /// The sequence up to which records may be of spaces that are gone.
  long since() {
    return manifest.generations().stream().mapToLong(Manifest.Entry::since).max().orElse(0);
  }

  /// The position from which on the log is needed.
  long committed() {
    return all().stream().mapToLong(Generation::committed).min().orElse(0);
  }

  /// Makes a generation beside the others.
  Generation add(String space, int dimension, long since) throws IOException {
    return begin(space, dimension, since, manifest.generations());
  }

  /// Makes a generation in place of all others, whose documents are gone. They stay open until the
  /// next replacement, for those who look at them now.
  Generation replace(String space, int dimension, long since) throws IOException {
    closeAll(retired);
    retired = List.of();
    deleteUnlisted();
    List<Generation> former = all();
    Generation generation = begin(space, dimension, since, List.of());
    retired = former;
    return generation;
  }

  /// Makes a generation, and lists it when it is durable: with one write of the manifest, so that a
  /// crash leaves the former list or the new one.
  private Generation begin(String space, int dimension, long since, List<Manifest.Entry> kept)
      throws IOException {
    String name = nextName();
    Path place = folders.of(name);
    Files.createDirectories(place);
    Generation generation = engine.create(place, spec(space, dimension));
    try {
      generation.commit(since);
      folders.sync();
      List<Manifest.Entry> entries = new ArrayList<>(kept);
      entries.add(new Manifest.Entry(name, dimension, since, space));
      Manifest changed = manifest.withGenerations(entries);
      changed.write(folder);
      manifest = changed;
    } catch (IOException | RuntimeException e) {
      generation.close();
      throw e;
    }
    Map<String, Generation> changed = new LinkedHashMap<>(bySpace);
    changed.keySet().removeIf(held -> kept.stream().noneMatch(entry -> entry.space().equals(held)));
    changed.put(space, generation);
    bySpace = changed;
    return generation;
  }

  private String nextName() {
    return String.valueOf(
        manifest.generations().stream()
                .mapToInt(entry -> Integer.parseInt(entry.folder()))
                .max()
                .orElse(0)
            + 1);
  }

  /// Hands changes to the generations they are for: documents to that of their space, deletes to
  /// all.
  void apply(List<Located> changes) throws IOException {
    Map<Generation, List<Change>> byGeneration = new HashMap<>();
    for (Located located : changes) {
      Generation target = located.space() == null ? null : of(located.space());
      if (target == null && located.space() != null) {
        if (located.change().sequence() > since()) {
          throw new FlowException(
              ErrorCode.DATA_LOSS,
              "log: record %d is of space %s (expected: %s)"
                  .formatted(located.change().sequence(), located.space(), spaces()));
        }
        continue;
      }
      for (Generation generation : target == null ? all() : List.of(target)) {
        byGeneration.computeIfAbsent(generation, _ -> new ArrayList<>()).add(located.change());
      }
    }
    for (Map.Entry<Generation, List<Change>> entry : byGeneration.entrySet()) {
      entry.getKey().apply(entry.getValue());
    }
  }

  /// A change and the space of its vectors.
  ///
  /// @param space null for a delete
  record Located(Change change, @Nullable String space) {}

  /// How many documents all generations hold.
  long documents() throws IOException {
    long documents = 0;
    for (Generation generation : all()) {
      try (View view = generation.view()) {
        documents += view.documents();
      }
    }
    return documents;
  }

  private void deleteUnlisted() throws IOException {
    folders.retain(
        manifest.generations().stream().map(Manifest.Entry::folder).collect(Collectors.toSet()));
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
