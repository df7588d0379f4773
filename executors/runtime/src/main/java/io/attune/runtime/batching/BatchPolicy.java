package io.attune.runtime.batching;

import java.util.Collection;
import java.util.List;
import java.util.NavigableSet;

/// Decides which waiting items of one key make the next batch, and whether it may start yet.
///
/// Called under the queue's lock: a selector is quick, and calls nothing but what it is given.
public interface BatchPolicy {
  /// A selector for the items of one key; it may keep state until no item of the key waits.
  Selector selector(BatchKey key);

  /// Chooses the batches of one key.
  interface Selector {
    /// Chooses the next batch.
    ///
    /// @param waiting the items, at least one
    /// @param nowNanos the time, on the clock of [Entry#arrivalNanos()]
    <E extends Entry> Choice<E> choose(Waiting<E> waiting, long nowNanos);
  }

  /// An item as a policy sees it.
  interface Entry {
    /// What the item costs, in the queue's unit; 1 or greater.
    int cost();

    /// When it came.
    long arrivalNanos();

    /// Its place in the order of arrival over the whole queue.
    long sequence();
  }

  /// The waiting items of one key.
  interface Waiting<E extends Entry> {
    /// The first to have come.
    E oldest();

    /// The last to have come.
    E newest();

    /// The items in the order they came.
    Collection<E> byArrival();

    /// The items from cheap to dear, ties in the order they came.
    NavigableSet<E> byCost();

    /// The sum of their costs.
    long cost();

    /// The number of workers with nothing to do, the asking one among them.
    int idleWorkers();

    /// Whether the queue is closing: nothing more will come, so nothing is worth waiting for.
    boolean isDraining();
  }

  /// A policy's answer: a batch, or the time before which there is none.
  ///
  /// @param batch the items to run together; empty for none yet
  /// @param notBeforeNanos when to ask again where the batch is empty
  record Choice<E extends Entry>(List<E> batch, long notBeforeNanos) {
    /// A batch to start now.
    static <E extends Entry> Choice<E> of(List<E> batch) {
      return new Choice<>(batch, 0);
    }

    /// No batch before a time, unless more items come.
    static <E extends Entry> Choice<E> notBefore(long nanos) {
      return new Choice<>(List.of(), nanos);
    }
  }
}
