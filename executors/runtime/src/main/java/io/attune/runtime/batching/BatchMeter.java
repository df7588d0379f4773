package io.attune.runtime.batching;

/// The names of the queue's meters; on a Prometheus page `attune_queue_wait_seconds` and so on.
public enum BatchMeter {
  /// Gauge: items that wait.
  WAITING_ITEMS("attune.queue.items"),
  /// Gauge: what the waiting items cost, in the queue's unit (an encoder's is tokens).
  WAITING_COST("attune.queue.cost"),
  /// Timer: how long items waited until their batch started.
  WAIT("attune.queue.wait"),
  /// Counter: items refused because the queue was full.
  REJECTED("attune.queue.rejected"),
  /// Counter: items dropped before they ran; tag `reason`: `deadline`, `cancelled`, or `failed`
  /// where another item of the same call failed.
  DROPPED("attune.queue.dropped"),
  /// Summary: items per batch.
  ITEMS("attune.batch.items"),
  /// Summary: cost per batch, without padding.
  COST("attune.batch.cost"),
  /// Timer: how long batches ran.
  RUN("attune.batch.run"),
  /// Counter: items whose batch failed.
  FAILED("attune.batch.failed");

  private final String key;

  BatchMeter(String key) {
    this.key = key;
  }

  /// The meter's name.
  public String key() {
    return key;
  }
}
