package io.attune.indexer;

import io.attune.indexer.generation.Generation;
import io.attune.indexer.generation.View;
import io.attune.proto.attune.MoveRequest;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/// Whether the disk has room for another generation. That is looked at before one is begun, as a
/// disk that fills up while one is copied refuses writes, too.
///
/// The new one is taken to need what the files of the live one take now, with vectors of its own
/// dimension:
///
///     files + vectors x (new dimension - old dimension) x bytes of a value
///
/// where a value has 4 bytes, and 5 where the graph is walked on 8-bit vectors. As much again has to
/// be free, up to what is merged at once, as segments stay until the one that they are merged into
/// is there; and one file of the log, which is kept meanwhile. What other shards on the same disk
/// need is not counted.
final class DiskRoom {
  private static final String UNITS = "kMGT";

  /// What Lucene merges into one segment at most.
  private static final long MOST_MERGED = 5L << 30;

  private final Generations generations;
  private final Disk disk;
  private final long logBytes;

  /// The disk that shards lie on.
  @FunctionalInterface
  interface Disk {
    /// That of the file system.
    Disk SYSTEM = folder -> Files.getFileStore(folder).getUsableSpace();

    /// The bytes that may still be written where a folder is.
    long free(Path folder) throws IOException;
  }

  /// @param logBytes the size of a file of the log
  DiskRoom(Generations generations, Disk disk, long logBytes) {
    this.generations = generations;
    this.disk = disk;
    this.logBytes = logBytes;
  }

  /// Makes sure that a rollout's new generation fits beside the live one.
  ///
  /// @throws FlowException RESOURCE_EXHAUSTED where it does not
  void require(Generation live, MoveRequest command) throws IOException {
    long bytes = estimate(live, command.getDimension());
    long needed = bytes + Math.min(bytes, MOST_MERGED) + logBytes;
    long free = disk.free(generations.manifest().folder());
    if (free < needed) {
      throw new FlowException(
          ErrorCode.RESOURCE_EXHAUSTED,
          "disk: %s free (expected: about %s, for a generation of %s beside the live one; free some, or take a larger disk)"
              .formatted(text(free), text(needed), text(bytes)));
    }
  }

  /// What a generation of another dimension is taken to need.
  long estimate(Generation live, int dimension) throws IOException {
    try (View view = live.view()) { // from here on everything is in files
      int valueBytes = Float.BYTES + (live.spec().graph().quantized() ? 1 : 0);
      long longer = view.vectors() * (dimension - live.spec().dimension()) * valueBytes;
      return Math.max(0, generations.bytes(live.spec().space()) + longer);
    }
  }

  /// Such as `1.2 GB`.
  private static String text(long bytes) {
    double value = bytes / 1e3;
    int unit = 0;
    while (value >= 999.95 && unit < UNITS.length() - 1) {
      value /= 1e3;
      unit++;
    }
    return String.format(Locale.ROOT, "%.1f %sB", value, UNITS.charAt(unit));
  }
}
