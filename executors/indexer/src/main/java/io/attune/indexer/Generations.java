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
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
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
  private static final String FOLDER = "generations";

  private final Path folder;
  private final VectorIndex engine;
  private final GraphOptions graph;
  private volatile Manifest manifest;
  private volatile Map<String, Generation> bySpace = Map.of();

  Generations(Path folder, VectorIndex engine, GraphOptions graph, Manifest manifest) {
    this.folder = folder;
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
      Path place = folder.resolve(FOLDER).resolve(entry.folder());
      try {
        opened.put(entry.space(), engine.open(place, spec));
      } catch (FlowException e) {
        if (e.code() != ErrorCode.DATA_LOSS || firstLogged > entry.since() + 1) {
          throw e;
        }
        delete(place);
        opened.put(entry.space(), engine.create(place, spec));
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

  /// Makes a generation, and lists it when it is durable.
  Generation add(String space, int dimension, long since) throws IOException {
    String name = nextName();
    Path place = folder.resolve(FOLDER).resolve(name);
    Files.createDirectories(place);
    Generation generation = engine.create(place, spec(space, dimension));
    generation.commit(since);
    Manifest.sync(folder.resolve(FOLDER));
    Manifest.sync(folder);
    List<Manifest.Entry> entries = new ArrayList<>(manifest.generations());
    entries.add(new Manifest.Entry(name, dimension, since, space));
    replace(entries);
    Map<String, Generation> changed = new LinkedHashMap<>(bySpace);
    changed.put(space, generation);
    bySpace = changed;
    return generation;
  }

  /// Unlists a generation, closes it and deletes its files.
  void remove(String space) throws IOException {
    Map<String, Generation> changed = new LinkedHashMap<>(bySpace);
    Generation removed = changed.remove(space);
    replace(manifest.generations().stream().filter(entry -> !entry.space().equals(space)).toList());
    bySpace = changed;
    if (removed != null) {
      removed.close();
    }
    deleteUnlisted();
  }

  private void replace(List<Manifest.Entry> entries) throws IOException {
    Manifest changed = manifest.withGenerations(entries);
    changed.write(folder);
    manifest = changed;
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
    Path place = folder.resolve(FOLDER);
    if (!Files.isDirectory(place)) {
      return;
    }
    List<String> listed =
        manifest.generations().stream().map(Manifest.Entry::folder).collect(Collectors.toList());
    try (var folders = Files.list(place)) {
      for (Path each : folders.toList()) {
        if (!listed.contains(each.getFileName().toString())) {
          delete(each);
        }
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.delete(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  @Override
  public void close() throws IOException {
    IOException failure = null;
    for (Generation generation : all()) {
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
