package io.attune.runtime.batching;

import io.attune.runtime.FlowException;
import java.time.Duration;

/// Jina's dynamic batching: waits until enough items are there or the oldest has waited long
/// enough, then flushes everything that waits.
///
/// A flush is cut into batches of at most the preferred size, the last one smaller where they do
/// not divide, or is one batch with `flushAll`. A single item dearer than the preferred size runs
/// alone. A closing queue flushes at once.
///
/// @param preferredBatchSize the cost that starts a flush and bounds a batch
///   (`preferred_batch_size` in documents, or in units of the custom metric), 1 or greater
/// @param timeout how long the oldest item waits at most (`timeout`, Jina's default 10 s)
/// @param flushAll whether a flush is one batch (`flush_all`)
public record SizeOrTimeout(int preferredBatchSize, Duration timeout, boolean flushAll)
    implements BatchPolicy {
  public SizeOrTimeout {
    if (preferredBatchSize < 1) {
      throw FlowException.invalid(
          "preferred_batch_size: " + preferredBatchSize + " (expected: 1..)");
    }
    if (timeout.isNegative() || timeout.compareTo(Duration.ofDays(1)) > 0) {
      throw FlowException.invalid(
          "timeout: " + timeout.toMillis() + " ms (expected: 0..86400000 ms)");
    }
  }

  @Override
  public Selector selector(BatchKey key) {
    return new FlushSelector();
  }

  private final class FlushSelector implements Selector {
    /// Items up to this sequence belong to the flush under way.
    private long flushThrough = Long.MIN_VALUE;

    @Override
    public <E extends Entry> Choice<E> choose(Waiting<E> waiting, long nowNanos) {
      E oldest = waiting.oldest();
      if (oldest.sequence() > flushThrough) {
        long due = oldest.arrivalNanos() + timeout.toNanos();
        boolean full = waiting.cost() >= preferredBatchSize;
        if (!full && nowNanos - due < 0 && !waiting.isDraining()) {
          return Choice.notBefore(due);
        }
        flushThrough = waiting.newest().sequence();
      }
      long maxCost = flushAll ? Long.MAX_VALUE : preferredBatchSize;
      return Choice.of(ArrivalOrder.first(waiting, Integer.MAX_VALUE, maxCost, flushThrough));
    }
  }
}
