package io.attune.indexer.log;

import java.io.IOException;
import java.util.Random;

/// A log on a simulated disk that can be filled and emptied.
public final class FillingDisk {
  private final SimulatedDisk disk = new SimulatedDisk(new Random(7));

  /// Opens the log.
  ///
  /// @param shard the shard as the indexer names it, such as `0/1`
  public IndexLog open(String shard) throws IOException {
    return IndexLog.open(disk, LogOptions.of(shard).withMinFreeBytes(0), () -> {});
  }

  /// Leaves room for as many bytes more.
  public void fill(long left) {
    long used = 0;
    for (String name : disk.list()) {
      used += disk.bytes(name).length;
    }
    disk.capacity = used + left;
  }

  /// Makes room for everything.
  public void empty() {
    disk.capacity = Long.MAX_VALUE;
  }
}
