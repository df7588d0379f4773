package io.attune.runtime.batching;

import io.attune.runtime.FlowException;
import java.util.ArrayList;
import java.util.List;

/// Takes what is there, in the order it came, as soon as a worker is idle: the default.
///
/// @param maxItems the most items in a batch, 1 or greater
/// @param maxCost the greatest cost of a batch, 1 or greater; one dearer item runs alone
public record ArrivalOrder(int maxItems, long maxCost) implements BatchPolicy {
  public ArrivalOrder {
    if (maxItems < 1) {
      throw FlowException.invalid("batch items: " + maxItems + " (expected: 1..)");
    }
    if (maxCost < 1) {
      throw FlowException.invalid("batch cost: " + maxCost + " (expected: 1..)");
    }
  }

  @Override
  public Selector selector(BatchKey key) {
    return new Selector() {
      @Override
      public <E extends Entry> Choice<E> choose(Waiting<E> waiting, long nowNanos) {
        return Choice.of(first(waiting, maxItems, maxCost, Long.MAX_VALUE));
      }
    };
  }

  /// The oldest items up to a sequence, a number and a cost; at least one.
  static <E extends BatchPolicy.Entry> List<E> first(
      BatchPolicy.Waiting<E> waiting, int maxItems, long maxCost, long throughSequence) {
    List<E> batch = new ArrayList<>();
    long cost = 0;
    for (E entry : waiting.byArrival()) {
      cost += entry.cost();
      boolean fits = cost <= maxCost && entry.sequence() <= throughSequence;
      if (!batch.isEmpty() && !fits) {
        break;
      }
      batch.add(entry);
      if (batch.size() == maxItems) {
        break;
      }
    }
    return batch;
  }
}
