package io.attune.runtime.batching;

/// Which batches a worker runs.
enum Serves {
  /// All: interactive ones first.
  ALL,
  /// Interactive ones alone, which start beside bulk ones that are under way.
  INTERACTIVE,
  /// Bulk ones alone: while fewer batches run than the queue has workers, or bulk is owed some.
  BULK
}
