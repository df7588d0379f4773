package io.attune.trainer.dataset;

import io.attune.models.Durable;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;

/// What clients sent and nobody came back for.
public final class Stale {
  private Stale() {}

  /// Removes what of a folder was not changed for that long.
  public static void remove(Path folder, Duration age) {
    Instant old = Instant.now().minus(age);
    try (Stream<Path> found = Files.isDirectory(folder) ? Files.list(folder) : Stream.empty()) {
      for (Path each : found.toList()) {
        if (Files.getLastModifiedTime(each).toInstant().isBefore(old)) {
          Durable.deleteTree(each);
        }
      }
    } catch (IOException e) {
      throw new FlowException(
          ErrorCode.INTERNAL, "runs: %s: %s".formatted(folder, e.getMessage()), e);
    }
  }
}
