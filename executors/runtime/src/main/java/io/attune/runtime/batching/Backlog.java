package io.attune.runtime.batching;

import io.attune.runtime.Priority;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The waiting items of one priority, a lane per key. Guarded by the queue's lock, except for the
/// counts, which metrics read at any time.
///
/// Lanes take turns, so that no key starves another. A lane goes when its last item does.
final class Backlog<I, O> {
  private final Priority priority;
  private final BatchPolicy policy;
  private final long capacity;
  private final Map<BatchKey, Lane<I, O>> lanes = new LinkedHashMap<>();
  private volatile long cost;
  private volatile int size;
  private long readyAtNanos;

  Backlog(Priority priority, BatchPolicy policy, long capacity) {
    this.priority = priority;
    this.policy = policy;
    this.capacity = capacity;
  }

  Priority priority() {
    return priority;
  }

  long capacity() {
    return capacity;
  }

  /// The sum of the costs of the waiting items.
  long cost() {
    return cost;
  }

  /// The number of waiting items.
  int size() {
    return size;
  }

  /// Takes items that were submitted together, all or none. What is greater than the whole capacity
  /// is taken when nothing else waits: it could never run otherwise.
  boolean offer(BatchKey key, List<Item<I, O>> items, long added) {
    if (size > 0 && added > capacity - cost) {
      return false;
    }
    Lane<I, O> lane =
        lanes.computeIfAbsent(key, absent -> new Lane<>(absent, policy.selector(absent)));
    items.forEach(lane::add);
    counted(added, items.size());
    return true;
  }

  /// Removes what of these items still waits, and says how many that were.
  int remove(BatchKey key, List<Item<I, O>> items) {
    @Nullable Lane<I, O> lane = lanes.get(key);
    if (lane == null) {
      return 0;
    }
    int removed = 0;
    for (Item<I, O> item : items) {
      if (lane.remove(item)) {
        counted(-item.cost(), -1);
        removed++;
      }
    }
    if (lane.isEmpty()) {
      lanes.remove(key);
    }
    return removed;
  }

  /// Takes the next batch, of the first lane whose policy has one; null for none before
  /// [#readyAtNanos()].
  @Nullable Batch<I, O> poll(long nowNanos, int idleWorkers, boolean draining) {
    readyAtNanos = nowNanos + Long.MAX_VALUE / 2;
    for (Iterator<Lane<I, O>> each = lanes.values().iterator(); each.hasNext(); ) {
      Lane<I, O> lane = each.next();
      BatchPolicy.Choice<Item<I, O>> choice = lane.choose(nowNanos, idleWorkers, draining);
      if (choice.batch().isEmpty()) {
        readyAtNanos =
            choice.notBeforeNanos() - readyAtNanos < 0 ? choice.notBeforeNanos() : readyAtNanos;
        continue;
      }
      each.remove();
      for (Item<I, O> item : choice.batch()) {
        lane.remove(item);
        counted(-item.cost(), -1);
      }
      if (!lane.isEmpty()) {
        lanes.put(lane.key(), lane);
      }
      return new Batch<>(lane.key(), choice.batch());
    }
    return null;
  }

  /// When the next batch may be ready, after [#poll] had none.
  long readyAtNanos() {
    return readyAtNanos;
  }

  /// All waiting items.
  List<Item<I, O>> items() {
    List<Item<I, O>> items = new ArrayList<>();
    lanes.values().forEach(lane -> items.addAll(lane.byArrival()));
    return items;
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // written under the queue's lock only
  private void counted(long addedCost, int addedItems) {
    cost += addedCost;
    size += addedItems;
  }
}
