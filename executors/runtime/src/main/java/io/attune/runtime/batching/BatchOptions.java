package io.attune.runtime.batching;

import io.attune.runtime.FlowException;
import io.attune.runtime.Priority;
import java.time.Duration;

/// How a [BatchQueue] is sized.
///
/// The unit of cost is the queue's own: tokens for an encoder, documents elsewhere.
///
/// @param name the queue's name, in thread names, metrics and messages
/// @param workers the number of platform threads that run batches, 1..1024
/// @param interactiveCapacity the greatest cost of interactive items that wait, 1 or greater
/// @param bulkCapacity the greatest cost of bulk items that wait, 1 or greater; its own bound, so
///   that ingest never makes searches be refused
/// @param bulkShare the part of the work that bulk gets while interactive items wait too, at least
///   0 and less than 1; interactive gets the rest
/// @param bulkYields whether bulk batches run on as many threads of their own, which the operating
///   system holds back while interactive batches run, so that none of those waits for the end of a
///   bulk batch; on Linux, elsewhere all workers run both
/// @param grace how long [BatchQueue#close()] lets waiting items finish before it cancels them
public record BatchOptions(
    String name,
    int workers,
    long interactiveCapacity,
    long bulkCapacity,
    double bulkShare,
    boolean bulkYields,
    Duration grace) {
  public BatchOptions {
    require(workers >= 1 && workers <= 1024, "workers", workers, "1..1024");
    require(interactiveCapacity >= 1, "interactive_capacity", interactiveCapacity, "1..");
    require(bulkCapacity >= 1, "bulk_capacity", bulkCapacity, "1..");
    require(bulkShare >= 0 && bulkShare < 1, "bulk_share", bulkShare, "0..1, less than 1");
    require(!grace.isNegative(), "grace", grace, "0 s or longer");
  }

  /// Capacities of 4,096 each, a fifth for bulk, 30 seconds of grace.
  public static BatchOptions of(String name, int workers) {
    return new BatchOptions(name, workers, 4096, 4096, 0.2, false, Duration.ofSeconds(30));
  }

  /// The same with other capacities.
  public BatchOptions withCapacity(long interactive, long bulk) {
    return new BatchOptions(name, workers, interactive, bulk, bulkShare, bulkYields, grace);
  }

  /// The same with another share for bulk.
  public BatchOptions withBulkShare(double share) {
    return new BatchOptions(
        name, workers, interactiveCapacity, bulkCapacity, share, bulkYields, grace);
  }

  /// The same with another grace period.
  public BatchOptions withGrace(Duration period) {
    return new BatchOptions(
        name, workers, interactiveCapacity, bulkCapacity, bulkShare, bulkYields, period);
  }

  /// The same with bulk batches that yield while they run.
  public BatchOptions withYieldingBulk() {
    return new BatchOptions(
        name, workers, interactiveCapacity, bulkCapacity, bulkShare, true, grace);
  }

  long capacity(Priority priority) {
    return switch (priority) {
      case INTERACTIVE -> interactiveCapacity;
      case BULK -> bulkCapacity;
    };
  }

  private static void require(boolean holds, String name, Object value, String expected) {
    if (!holds) {
      throw FlowException.invalid("%s: %s (expected: %s)".formatted(name, value, expected));
    }
  }
}
