package io.attune.indexer.log;

import org.jspecify.annotations.Nullable;

/// The records that are appended and not yet applied to the index.
@FunctionalInterface
public interface PendingRecords {
  /// The newest pending record of an id, which may be one that clears all; null where the index
  /// itself holds the newest state.
  @Nullable LogRecord newest(String id);
}
