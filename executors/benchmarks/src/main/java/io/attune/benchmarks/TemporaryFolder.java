package io.attune.benchmarks;

import io.attune.models.Durable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A folder that is gone, with all that is in it, once it is closed.
///
/// @param path where it is
public record TemporaryFolder(Path path) implements AutoCloseable {
  /// Makes one among the system's temporary files.
  public static TemporaryFolder create(String prefix) throws IOException {
    return new TemporaryFolder(Files.createTempDirectory(prefix));
  }

  @Override
  public void close() throws IOException {
    Durable.deleteTree(path);
  }
}
