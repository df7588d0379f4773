package io.attune.gateway.rollout;

import io.attune.gateway.rollout.record.Records;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// Records of a process that is killed at its n-th write, before or after it is on disk: nothing is
/// read or written any more.
final class FailingRecords implements Records {
  private final Records records;
  private final int last;
  private final boolean written;
  private int writes;

  /// @param last which write is the last, from 1
  /// @param written whether it is on disk
  FailingRecords(Records records, int last, boolean written) {
    this.records = records;
    this.last = last;
    this.written = written;
  }

  synchronized boolean isDead() {
    return writes >= last;
  }

  private void requireAlive() throws IOException {
    if (isDead()) {
      throw new IOException("killed");
    }
  }

  @Override
  public synchronized Optional<Entry> read(String key) throws IOException {
    requireAlive();
    return records.read(key);
  }

  @Override
  public synchronized Optional<String> compareAndSet(String key, String seen, String text)
      throws IOException {
    begin();
    Optional<String> revision = records.compareAndSet(key, seen, text);
    writes++;
    requireAlive();
    return revision;
  }

  private void begin() throws IOException {
    requireAlive();
    if (writes + 1 == last && !written) {
      writes++;
      throw new IOException("killed before a write");
    }
  }

  @Override
  public synchronized void remove(String key) throws IOException {
    begin();
    records.remove(key);
    writes++;
    requireAlive();
  }

  @Override
  public synchronized List<String> keys(String folder) throws IOException {
    requireAlive();
    return records.keys(folder);
  }
}
