package io.attune.runtime.batching;

import java.util.List;

/// The items that run together.
///
/// @param key what they share
/// @param items the items, at least one
record Batch<I, O>(BatchKey key, List<Item<I, O>> items) {
  long cost() {
    long cost = 0;
    for (Item<I, O> item : items) {
      cost += item.cost();
    }
    return cost;
  }

  void fail(Throwable failure) {
    for (Item<I, O> item : items) {
      item.group().fail(failure);
    }
  }
}
