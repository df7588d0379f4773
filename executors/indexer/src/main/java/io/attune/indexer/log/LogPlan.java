package io.attune.indexer.log;

import java.util.List;

/// Decides what to write from the newest state; runs alone, under the log's append lock.
@FunctionalInterface
public interface LogPlan {
  /// The operations to record, in order; an empty list records nothing.
  ///
  /// @param pending the records that are appended and not yet applied. What it does not know of an
  ///   id stands in the index.
  List<LogOperation> operations(PendingRecords pending);
}
