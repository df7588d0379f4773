package io.attune.runtime.batching;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.process.ProcessPriority;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The platform threads that run a queue's batches, named `<queue>-<number>`; those for bulk alone,
/// where there are such, `<queue>-bulk-<number>`.
///
/// A worker outlives whatever its batch throws, errors included: the batch's items fail with it.
final class BatchWorkers<I, O> {
  private static final Logger LOG = LoggerFactory.getLogger(BatchWorkers.class);
  private static final Duration LAST_WAIT = Duration.ofSeconds(10);

  private final String name;
  private final Schedule<I, O> schedule;
  private final BatchRunner<I, O> runner;
  private final List<Thread> threads = new ArrayList<>();

  BatchWorkers(BatchOptions options, Schedule<I, O> schedule, BatchRunner<I, O> runner) {
    this.name = options.name();
    this.schedule = schedule;
    this.runner = runner;
    if (options.bulkYields() && ProcessPriority.isSupported()) {
      start(name + "-", options.workers(), () -> work(Serves.INTERACTIVE));
      start(
          name + "-bulk-",
          options.workers(),
          () -> {
            boolean _ = ProcessPriority.lower(options.bulkShare());
            work(Serves.BULK);
          });
    } else {
      start(name + "-", options.workers(), () -> work(Serves.ALL));
    }
  }

  private void start(String prefix, int count, Runnable work) {
    for (int i = 0; i < count; i++) {
      threads.add(Thread.ofPlatform().name(prefix + i).daemon().start(work));
    }
  }

  private void work(Serves serves) {
    boolean ended = false;
    boolean ran = false;
    while (!ended) {
      try {
        boolean before = ran;
        ran = false;
        @Nullable Batch<I, O> batch = schedule.take(serves, before);
        ended = batch == null;
        if (batch != null) {
          ran = true;
          start(batch);
        }
      } catch (InterruptedException _) {
        // meant for a batch, and it is over: only a drained schedule ends a worker
      }
    }
  }

  private void start(Batch<I, O> batch) {
    List<Item<I, O>> wanted = new ArrayList<>(batch.items().size());
    for (Item<I, O> item : batch.items()) {
      if (item.group().isWanted()) {
        wanted.add(item);
      } else {
        schedule.dropped(batch.key().priority(), 1, item.group().reason());
      }
    }
    if (!wanted.isEmpty()) {
      run(new Batch<>(batch.key(), wanted));
    }
  }

  @SuppressWarnings("CatchingUnchecked") // a border: whatever a runner throws fails its batch only
  private void run(Batch<I, O> batch) {
    BatchMetrics metrics = schedule.metrics(batch.key().priority());
    long started = System.nanoTime();
    metrics.started(batch, started);
    try {
      List<O> outputs = runner.run(batch.key(), batch.items().stream().map(Item::input).toList());
      metrics.ran(System.nanoTime() - started);
      if (outputs.size() != batch.items().size()) {
        throw new FlowException(
            ErrorCode.INTERNAL,
            "batch outputs: %d (expected: %d, one per item)"
                .formatted(outputs.size(), batch.items().size()));
      }
      for (int i = 0; i < outputs.size(); i++) {
        batch.items().get(i).complete(outputs.get(i));
      }
    } catch (Throwable failure) {
      metrics.failed(batch.items().size());
      batch.fail(failure);
    }
  }

  /// Waits for the workers to end.
  ///
  /// @return whether they did, within the time
  boolean join(Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    boolean interrupted = false;
    boolean ended = true;
    for (Thread thread : threads) {
      try {
        Duration left = Duration.ofNanos(Math.max(1, end - System.nanoTime()));
        ended &= !interrupted && thread.join(left);
      } catch (InterruptedException _) {
        interrupted = true;
        ended = false;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return ended;
  }

  void interruptAndJoin() {
    threads.forEach(Thread::interrupt);
    if (!join(LAST_WAIT)) {
      LOG.atWarn().addKeyValue("queue", name).log("a batch still runs after the queue was closed");
    }
  }
}
