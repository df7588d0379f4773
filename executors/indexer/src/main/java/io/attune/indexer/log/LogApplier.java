package io.attune.indexer.log;

import java.io.IOException;
import java.util.List;

/// Takes synced records into the index.
@FunctionalInterface
public interface LogApplier {
  /// Applies the records of one group commit, which are synced, consecutive and in order. When it
  /// returns, every search that starts later must see them.
  ///
  /// Runs on the log's own thread, never twice at once. A failure stops writes until restart: the
  /// records are durable, and the next start replays them.
  void apply(List<LogRecord> records) throws IOException;
}
