package io.attune.indexer.log;

import java.io.IOException;
import java.util.List;

/// Takes synced records into the index.
@FunctionalInterface
public interface LogApplier {
  /// Applies the records of one group commit, which are synced, consecutive and in order. When it
  /// returns, every search that starts later must see them.
  ///
  /// Runs on the log's own thread, never twice at once. The records are durable: after a failure
  /// they are replayed by the next start, until which writes are stopped, or by the index itself.
  void apply(List<LogRecord> records) throws IOException;

  /// Whether the index, after the failure of [#apply], replays the log by itself before it takes
  /// further records.
  default boolean recovers() {
    return false;
  }
}
