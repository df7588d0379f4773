package io.attune.models;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// A version of a model that is being written; closed without being published, it leaves nothing.
public final class Staging implements AutoCloseable {
  private static final int ATTEMPTS = 10_000;

  private final ModelStore store;
  private final String name;
  private final Path home;
  private final Path folder;

  private Staging(ModelStore store, String name, Path folder) {
    this.store = store;
    this.name = name;
    this.home = store.folder(name);
    this.folder = folder;
  }

  static Staging create(ModelStore store, String name) {
    Path home = store.folder(name);
    try {
      return new Staging(store, name, Scratch.create(home, ".staging-"));
    } catch (IOException e) {
      throw ModelStore.failed(home, e);
    }
  }

  /// Where the files of the version are written; plain files only, no folders.
  public Path folder() {
    return folder;
  }

  /// The SHA-256 of every file written so far.
  public Map<String, String> hashes() {
    Map<String, String> hashes = new TreeMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (!name.equals(Artifact.FILE)) {
          hashes.put(name, Sha256.of(file));
        }
      }
    } catch (IOException e) {
      throw ModelStore.failed(folder, e);
    }
    return hashes;
  }

  /// Publishes the files as the model's next version. Name, version and hashes of the artifact are
  /// filled in here.
  ///
  /// @return the version, readable by everybody from now on
  public StoredModel publish(Artifact artifact) {
    Artifact complete = artifact.withFiles(hashes());
    try {
      syncFiles();
      int version = newest() + 1;
      for (int attempt = 0; attempt < ATTEMPTS; attempt++, version++) {
        Artifact numbered = complete.named(name, version);
        Durable.write(folder, Artifact.FILE, numbered.toYaml());
        Path place = home.resolve(Integer.toString(version));
        if (claim(place)) {
          Durable.syncFolder(home);
          return new StoredModel(place, numbered);
        }
      }
    } catch (IOException e) {
      throw ModelStore.failed(home, e);
    }
    throw new FlowException(
        ErrorCode.RESOURCE_EXHAUSTED, "model store: " + home + ": no free version found");
  }

  /// Moves the folder to its place; renaming over a folder with files in it fails, whoever put it
  /// there and on whichever machine.
  private boolean claim(Path place) throws IOException {
    if (Files.exists(place)) {
      return false;
    }
    try {
      Files.move(folder, place, StandardCopyOption.ATOMIC_MOVE);
      return true;
    } catch (AtomicMoveNotSupportedException e) {
      throw e;
    } catch (FileSystemException e) {
      if (Files.exists(place)) {
        return false;
      }
      throw e;
    }
  }

  private int newest() {
    List<Integer> versions = store.versions(name);
    return versions.isEmpty() ? 0 : versions.getLast();
  }

  private void syncFiles() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Durable.sync(file);
      }
    }
    Durable.syncFolder(folder);
  }

  /// Removes what was not published.
  @Override
  public void close() {
    try {
      Durable.deleteTree(folder);
    } catch (IOException e) {
      throw ModelStore.failed(folder, e);
    }
  }
}
