package io.attune.runtime.batching;

import static java.util.Objects.requireNonNull;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.Priority;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/// What waits, and who is next. One lock guards all of it; each kind of worker sleeps on a
/// condition of its own, so that what comes wakes none that may not take it.
///
/// Sharing between the priorities: interactive is served first, but every unit of cost it is served
/// while bulk waits adds `share / (1 - share)` to what is owed to bulk, and bulk goes first while
/// something is owed. Over any long stretch in which both wait, bulk so gets its share of the cost,
/// whatever the sizes of the batches. Nothing is owed once one of the two has nothing waiting.
///
/// Where bulk has workers of its own, as many as interactive, it takes what interactive leaves: a
/// batch while fewer run than there are cores for, and one beyond that while something is owed.
final class Schedule<I, O> implements AutoCloseable {
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Serves, Condition> changed = new EnumMap<>(Serves.class);
  private final String name;
  private final double owedPerCost;
  private final Backlog<I, O> interactive;
  private final Backlog<I, O> bulk;
  private final BatchMetrics interactiveMetrics;
  private final BatchMetrics bulkMetrics;
  private final int most;
  private final Map<Serves, Integer> idle = new EnumMap<>(Serves.class);
  private long sequence;
  private int running;
  private double owedToBulk;
  private boolean draining;
  private boolean hurrying;

  Schedule(BatchOptions options, BatchPolicy policy, MeterRegistry meters) {
    for (Serves each : Serves.values()) {
      changed.put(each, lock.newCondition());
    }
    name = options.name();
    most = options.workers();
    owedPerCost = options.bulkShare() / (1 - options.bulkShare());
    interactive =
        new Backlog<>(Priority.INTERACTIVE, policy, options.capacity(Priority.INTERACTIVE));
    bulk = new Backlog<>(Priority.BULK, policy, options.capacity(Priority.BULK));
    interactiveMetrics = new BatchMetrics(meters, name, interactive);
    bulkMetrics = new BatchMetrics(meters, name, bulk);
  }

  /// Queues the items of a group, all or none.
  List<Item<I, O>> offer(
      BatchKey key, List<I> inputs, ToIntFunction<? super I> cost, Group<O> group) {
    int[] costs = inputs.stream().mapToInt(cost).toArray();
    long added = 0;
    for (int each : costs) {
      if (each < 1) {
        throw new IllegalArgumentException("cost: " + each + " (expected: 1..)");
      }
      added += each;
    }
    List<Item<I, O>> items = new ArrayList<>(costs.length);
    lock.lock();
    try {
      if (draining) {
        throw new FlowException(
            ErrorCode.UNAVAILABLE, "queue " + name + ": closing (expected: open)");
      }
      long now = System.nanoTime();
      for (int i = 0; i < costs.length; i++) {
        items.add(new Item<>(inputs.get(i), costs[i], now, sequence++, group, i));
      }
      if (!backlog(key.priority()).offer(key, items, added)) {
        metrics(key.priority()).rejected(costs.length);
        throw full(key.priority(), added);
      }
      wake(Serves.ALL);
      wake(key.priority() == Priority.BULK ? Serves.BULK : Serves.INTERACTIVE);
      return items;
    } finally {
      lock.unlock();
    }
  }

  /// Drops what of a failed group still waits, and counts it by the reason.
  void drop(BatchKey key, List<Item<I, O>> items, Throwable reason) {
    lock.lock();
    try {
      int dropped = backlog(key.priority()).remove(key, items);
      dropped(key.priority(), dropped, reason);
      if (draining) {
        wakeAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /// Counts items that were dropped before they ran.
  void dropped(Priority priority, int count, Throwable reason) {
    metrics(priority).dropped(DropReason.of(reason), count);
  }

  /// Waits for the next batch of a worker; null when the queue is closing and nothing waits for it
  /// any more.
  ///
  /// @param ran whether the worker comes from a batch, which is over
  @Nullable Batch<I, O> take(Serves serves, boolean ran) throws InterruptedException {
    lock.lock();
    idle.merge(serves, 1, Integer::sum);
    try {
      running -= ran ? 1 : 0;
      boolean freed = ran;
      while (true) {
        long now = System.nanoTime();
        @Nullable Batch<I, O> batch = poll(serves, now);
        if (batch != null) {
          running++;
          return batch;
        }
        if (freed) {
          wake(Serves.BULK); // which may have its core
          freed = false;
        }
        if (draining && waiting(serves) == 0) {
          return null;
        }
        sleep(serves, now);
      }
    } finally {
      idle.merge(serves, -1, Integer::sum);
      lock.unlock();
    }
  }

  private @Nullable Batch<I, O> poll(Serves serves, long now) {
    boolean both = interactive.size() > 0 && bulk.size() > 0;
    if (!both) {
      owedToBulk = 0;
    }
    int workers = idle(serves);
    @Nullable Batch<I, O> batch =
        switch (serves) {
          case ALL -> pollEither(both, workers, now);
          case INTERACTIVE -> interactive.poll(now, workers, hurrying);
          case BULK ->
              mayTakeBulk()
                  ? bulk.poll(now, Math.clamp(most - running, 1, workers), hurrying)
                  : null;
        };
    if (batch != null && both) {
      boolean isBulk = batch.key().priority() == Priority.BULK;
      owedToBulk += isBulk ? -batch.cost() : batch.cost() * owedPerCost;
      if (owedToBulk > 0) {
        wake(Serves.BULK);
      }
    }
    return batch;
  }

  /// The next batch of the priority whose turn it is, or of the other one if that has none yet.
  private @Nullable Batch<I, O> pollEither(boolean both, int workers, long now) {
    Backlog<I, O> first = both && owedToBulk > 0 ? bulk : interactive;
    @Nullable Batch<I, O> batch = first.poll(now, workers, hurrying);
    if (batch == null) {
      batch = (first == bulk ? interactive : bulk).poll(now, workers, hurrying);
    }
    return batch;
  }

  private Condition condition(Serves serves) {
    return requireNonNull(changed.get(serves));
  }

  private void wake(Serves serves) {
    condition(serves).signalAll();
  }

  private void wakeAll() {
    changed.values().forEach(Condition::signalAll);
  }

  private int idle(Serves serves) {
    return idle.getOrDefault(serves, 0);
  }

  private boolean mayTakeBulk() {
    return running < most || owedToBulk > 0;
  }

  private int waiting(Serves serves) {
    return (serves == Serves.BULK ? 0 : interactive.size())
        + (serves == Serves.INTERACTIVE ? 0 : bulk.size());
  }

  @SuppressWarnings("WaitNotInLoop") // the loop is take()'s
  private void sleep(Serves serves, long now) throws InterruptedException {
    Condition mine = condition(serves);
    if (waiting(serves) == 0 || (serves == Serves.BULK && !mayTakeBulk())) {
      mine.await();
      return;
    }
    long nanos =
        switch (serves) {
          case ALL -> Math.min(interactive.readyAtNanos() - now, bulk.readyAtNanos() - now);
          case INTERACTIVE -> interactive.readyAtNanos() - now;
          case BULK -> bulk.readyAtNanos() - now;
        };
    mine.awaitNanos(nanos);
  }

  /// Lets no policy wait for more items from now on.
  void hurry() {
    lock.lock();
    try {
      hurrying = true;
      wakeAll();
    } finally {
      lock.unlock();
    }
  }

  /// Refuses new items from now on; workers end when nothing waits any more.
  void drain() {
    lock.lock();
    try {
      draining = true;
      hurrying = true;
      wakeAll();
    } finally {
      lock.unlock();
    }
  }

  /// Fails everything that still waits.
  void abandon() {
    FlowException closed =
        new FlowException(
            ErrorCode.UNAVAILABLE,
            "queue " + name + ": closed before the item ran (expected: open)");
    for (Item<I, O> item : waiting()) {
      item.group().fail(closed);
    }
  }

  private List<Item<I, O>> waiting() {
    lock.lock();
    try {
      List<Item<I, O>> items = interactive.items();
      items.addAll(bulk.items());
      return items;
    } finally {
      lock.unlock();
    }
  }

  long waitingCost(Priority priority) {
    return backlog(priority).cost();
  }

  BatchMetrics metrics(Priority priority) {
    return switch (priority) {
      case INTERACTIVE -> interactiveMetrics;
      case BULK -> bulkMetrics;
    };
  }

  @Override
  public void close() {
    interactiveMetrics.close();
    bulkMetrics.close();
  }

  private Backlog<I, O> backlog(Priority priority) {
    return switch (priority) {
      case INTERACTIVE -> interactive;
      case BULK -> bulk;
    };
  }

  private FlowException full(Priority priority, long added) {
    Backlog<I, O> backlog = backlog(priority);
    return new FlowException(
        ErrorCode.RESOURCE_EXHAUSTED,
        "queue %s: %d %s waiting, %d more (expected: at most %d; try again later)"
            .formatted(
                name,
                backlog.cost(),
                priority.name().toLowerCase(Locale.ROOT),
                added,
                backlog.capacity()));
  }
}
