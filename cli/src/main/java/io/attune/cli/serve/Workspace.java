package io.attune.cli.serve;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The folder a job keeps its state in: the caller's, which stays, or one of its own, which is
/// removed when it is closed.
public final class Workspace implements AutoCloseable {
  private final Path path;
  private final boolean temporary;

  private Workspace(Path path, boolean temporary) {
    this.path = path;
    this.temporary = temporary;
  }

  public static Workspace of(@Nullable Path kept) throws IOException {
    return kept == null
        ? new Workspace(Files.createTempDirectory("attune-flow-"), true)
        : new Workspace(Files.createDirectories(kept).toAbsolutePath(), false);
  }

  public Path path() {
    return path;
  }

  @Override
  public void close() throws IOException {
    if (!temporary) {
      return;
    }
    try (Stream<Path> files = Files.walk(path)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (NoSuchFileException _) {
      // somebody else removed it
    }
  }
}
