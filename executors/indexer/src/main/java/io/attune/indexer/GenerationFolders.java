package io.attune.indexer;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Set;
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
