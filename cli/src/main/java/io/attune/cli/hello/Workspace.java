package io.attune.cli.hello;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The folder a job keeps its state in: the caller's, which stays, or one of its own, which is
/// removed at the end, also when the process is told to stop.
final class Workspace implements AutoCloseable {
  private final Path path;
  private final boolean temporary;
  private final Thread hook = new Thread(this::remove, "remove-workspace");

  private Workspace(Path path, boolean temporary) {
    this.path = path;
    this.temporary = temporary;
    if (temporary) {
      Runtime.getRuntime().addShutdownHook(hook);
    }
  }

  static Workspace of(@Nullable Path kept) throws IOException {
    return kept == null
        ? new Workspace(Files.createTempDirectory("attune-hello-"), true)
        : new Workspace(Files.createDirectories(kept).toAbsolutePath(), false);
  }

  Path path() {
    return path;
  }

  @Override
  public void close() {
    if (temporary) {
      remove();
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException _) {
        // the process is ending and the hook runs or ran
      }
    }
  }

  private void remove() {
    try (Stream<Path> files = Files.walk(path)) {
      List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
      for (Path file : deepestFirst) {
        Files.deleteIfExists(file);
      }
    } catch (NoSuchFileException _) {
      // removed already
    } catch (IOException failure) {
      throw new UncheckedIOException("cannot remove " + path, failure);
    }
  }
}
