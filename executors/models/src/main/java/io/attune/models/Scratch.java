package io.attune.models;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/// Hidden folders for files on their way into a store; what a killed process left is removed a day
/// later, by whoever comes next.
final class Scratch {
  private static final Duration ABANDONED = Duration.ofDays(1);

  private Scratch() {}

  /// Makes an empty folder that begins with the prefix and removes abandoned ones beside it.
  static Path create(Path parent, String prefix) throws IOException {
    Path folder = parent.resolve(prefix + UUID.randomUUID());
    Files.createDirectories(folder);
    sweep(parent, prefix, Instant.now().minus(ABANDONED));
    return folder;
  }

  private static void sweep(Path parent, String prefix, Instant oldest) throws IOException {
    List<Path> folders;
    try (Stream<Path> children = Files.list(parent)) {
      folders = children.filter(c -> c.getFileName().toString().startsWith(prefix)).toList();
    }
    for (Path folder : folders) {
      if (newest(folder).isBefore(oldest)) {
        Durable.deleteTree(folder);
      }
    }
  }

  private static Instant newest(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      Instant newest = Files.getLastModifiedTime(folder).toInstant();
      for (Path file : files.toList()) {
        FileTime time = Files.getLastModifiedTime(file);
        newest = time.toInstant().isAfter(newest) ? time.toInstant() : newest;
      }
      return newest;
    } catch (NoSuchFileException _) {
      return Instant.now(); // published or removed meanwhile
    }
  }
}
