package io.attune.indexer;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The folders that a shard's generations lie in, by name.
final class GenerationFolders {
  /// The folder, in that of the shard, in which they lie.
  static final String PARENT = "generations";

  private final Path shard;
  private final Path parent;

  GenerationFolders(Path shard) {
    this.shard = shard;
    this.parent = shard.resolve(PARENT);
  }

  Path of(String name) {
    return parent.resolve(name);
  }

  /// Makes the list of folders durable.
  void sync() throws IOException {
    Manifest.sync(parent);
    Manifest.sync(shard);
  }

  /// The size of a folder's files; of those that go meanwhile nothing.
  long bytes(String name) throws IOException {
    if (!Files.isDirectory(of(name))) {
      return 0;
    }
    long bytes = 0;
    try (var files = Files.list(of(name))) {
      for (Path file : files.toList()) {
        bytes += Math.max(0, file.toFile().length());
      }
    }
    return bytes;
  }

  /// A name that no folder has, nor any that is listed: numbers, counted up.
  String unused(Set<String> listed) throws IOException {
    Stream<String> present = Stream.empty();
    if (Files.isDirectory(parent)) {
      try (var folders = Files.list(parent)) {
        present = folders.map(each -> each.getFileName().toString()).toList().stream();
      }
    }
    int greatest =
        Stream.concat(present, listed.stream())
            .filter(name -> name.matches("\\d{1,9}"))
            .mapToInt(Integer::parseInt)
            .max()
            .orElse(0);
    return String.valueOf(greatest + 1);
  }

  /// Deletes the folders of other names.
  void retain(Set<String> names) throws IOException {
    if (!Files.isDirectory(parent)) {
      return;
    }
    try (var folders = Files.list(parent)) {
      for (Path each : folders.toList()) {
        if (!names.contains(each.getFileName().toString())) {
          delete(each);
        }
      }
    }
  }

  /// Deletes a folder with all it holds.
  static void delete(Path folder) throws IOException {
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
}
