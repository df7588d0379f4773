package io.attune.runtime.batching;

import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.NavigableSet;
import java.util.SequencedSet;
import java.util.TreeSet;

/// The waiting items of one key. Guarded by the queue's lock.
final class Lane<I, O> implements BatchPolicy.Waiting<Item<I, O>> {
  private final BatchKey key;
  private final BatchPolicy.Selector selector;
  private final SequencedSet<Item<I, O>> byArrival = new LinkedHashSet<>();
  private final NavigableSet<Item<I, O>> byCost =
      new TreeSet<>(
          Comparator.<Item<I, O>>comparingInt(Item::cost).thenComparingLong(Item::sequence));
  private long cost;
  private int idleWorkers;
  private boolean draining;

  Lane(BatchKey key, BatchPolicy.Selector selector) {
    this.key = key;
    this.selector = selector;
  }

  BatchKey key() {
    return key;
  }

  void add(Item<I, O> item) {
    byArrival.add(item);
    byCost.add(item);
    cost += item.cost();
  }

  boolean remove(Item<I, O> item) {
    if (!byArrival.remove(item)) {
      return false;
    }
    byCost.remove(item);
    cost -= item.cost();
    return true;
  }

  boolean isEmpty() {
    return byArrival.isEmpty();
  }

  BatchPolicy.Choice<Item<I, O>> choose(long nowNanos, int idle, boolean closing) {
    idleWorkers = idle;
    draining = closing;
    return selector.choose(this, nowNanos);
  }

  @Override
  public Item<I, O> oldest() {
    return byArrival.getFirst();
  }

  @Override
  public Item<I, O> newest() {
    return byArrival.getLast();
  }

  @Override
  public Collection<Item<I, O>> byArrival() {
    return byArrival;
  }

  @Override
  public NavigableSet<Item<I, O>> byCost() {
    return byCost;
  }

  @Override
  public long cost() {
    return cost;
  }

  @Override
  public int idleWorkers() {
    return idleWorkers;
  }

  @Override
  public boolean isDraining() {
    return draining;
  }
}
