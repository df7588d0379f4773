package io.attune.runtime.batching;

import com.google.protobuf.Value;
import io.attune.runtime.FlowException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Batches items of near-equal cost, for runners that pad every item to the dearest of its batch.
///
/// The oldest item is always in the batch, so none starves. Around its cost the batch grows, each
/// time by the neighbour that adds less padding, until the padded cost would pass the budget or the
/// padding would pass its limit. Never waits; while several workers are idle, it leaves each a
/// part.
///
/// A parameter `batch_size` of the key, a whole number, bounds the number of items further.
///
/// @param budget the greatest padded cost of a batch, items times the dearest, 1 or greater; one
///   dearer item runs alone
/// @param maxItems the most items in a batch, 1 or greater
/// @param maxPadding the greatest part of the padded cost that is padding, 0..1
public record NearEqualCost(long budget, int maxItems, double maxPadding) implements BatchPolicy {
  public NearEqualCost {
    if (budget < 1) {
      throw FlowException.invalid("batch budget: " + budget + " (expected: 1..)");
    }
    if (maxItems < 1) {
      throw FlowException.invalid("batch items: " + maxItems + " (expected: 1..)");
    }
    if (!(maxPadding >= 0 && maxPadding <= 1)) {
      throw FlowException.invalid("batch padding: " + maxPadding + " (expected: 0..1)");
    }
  }

  @Override
  public Selector selector(BatchKey key) {
    Value asked = key.parameters().getFieldsMap().get("batch_size");
    int most = asked == null ? maxItems : Math.clamp((long) asked.getNumberValue(), 1, maxItems);
    return new Selector() {
      @Override
      public <E extends Entry> Choice<E> choose(Waiting<E> waiting, long nowNanos) {
        long part = Math.ceilDiv(waiting.cost(), waiting.idleWorkers());
        return Choice.of(grow(waiting, Math.min(budget, part), most));
      }
    };
  }

  private <E extends Entry> List<E> grow(Waiting<E> waiting, long most, int mostItems) {
    E anchor = waiting.oldest();
    List<E> batch = new ArrayList<>();
    batch.add(anchor);
    Iterator<E> cheaper = waiting.byCost().headSet(anchor, false).descendingIterator();
    Iterator<E> dearer = waiting.byCost().tailSet(anchor, false).iterator();
    @Nullable E below = next(cheaper);
    @Nullable E above = next(dearer);
    long real = anchor.cost();
    long dearest = anchor.cost();
    while (batch.size() < mostItems) {
      int items = batch.size() + 1;
      if (below != null && !fits(items, dearest, real + below.cost(), most)) {
        below = null;
      }
      if (above != null && !fits(items, above.cost(), real + above.cost(), most)) {
        above = null;
      }
      @Nullable E taken = nearer(below, above, dearest, batch.size());
      if (taken == null) {
        break;
      }
      batch.add(taken);
      real += taken.cost();
      dearest = Math.max(dearest, taken.cost());
      if (taken.equals(above)) {
        above = next(dearer);
      } else {
        below = next(cheaper);
      }
    }
    return batch;
  }

  /// The neighbour that adds less padding, if there is one.
  private static <E extends Entry> @Nullable E nearer(
      @Nullable E below, @Nullable E above, long dearest, int items) {
    if (below == null || above == null) {
      return below == null ? above : below;
    }
    return (above.cost() - dearest) * items < dearest - below.cost() ? above : below;
  }

  private boolean fits(int items, long dearest, long real, long most) {
    long padded = items * dearest;
    return padded <= most && padded - real <= maxPadding * padded;
  }

  private static <E> @Nullable E next(Iterator<E> iterator) {
    return iterator.hasNext() ? iterator.next() : null;
  }
}
