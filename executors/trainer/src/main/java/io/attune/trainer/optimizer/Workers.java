package io.attune.trainer.optimizer;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/// Threads that share numbered tasks with their caller.
final class Workers implements AutoCloseable {
  private final int helpers;
  private final ExecutorService pool;

  /// @param threads how many threads work, the caller's included
  Workers(int threads) {
    this.helpers = threads - 1;
    this.pool =
        Executors.newFixedThreadPool(
            Math.max(1, helpers),
            Thread.ofPlatform().name("attune-optimizer-", 0).daemon().factory());
  }

  /// Runs tasks 0 to `count - 1`, in no order, and returns when all are done.
  void run(int count, IntConsumer task) {
    AtomicInteger next = new AtomicInteger();
    Runnable work =
        () -> {
          for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
            task.accept(i);
          }
        };
    List<Future<?>> running = new ArrayList<>();
    for (int i = 0; i < helpers; i++) {
      running.add(pool.submit(work));
    }
    try {
      work.run();
    } finally {
      running.forEach(Workers::await);
    }
  }

  /// Waits even when interrupted, as the task works on memory that its caller owns.
  private static void await(Future<?> future) {
    boolean interrupted = false;
    while (true) {
      try {
        future.get();
        break;
      } catch (InterruptedException _) {
        interrupted = true;
      } catch (ExecutionException e) {
        throw new IllegalStateException(e.getCause());
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    pool.close();
  }
}
