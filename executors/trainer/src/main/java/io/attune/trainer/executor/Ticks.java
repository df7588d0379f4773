package io.attune.trainer.executor;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Calls what has to be looked after, once a second, in a thread of its own.
final class Ticks implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Ticks.class);

  private final List<Runnable> tasks;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;
  private String told = "";

  private Ticks(List<Runnable> tasks) {
    this.tasks = tasks;
    this.thread = Thread.ofVirtual().name("trainer ticks").unstarted(this::run);
  }

  static Ticks start(List<Runnable> tasks) {
    Ticks ticks = new Ticks(tasks);
    if (!tasks.isEmpty()) {
      ticks.thread.start();
    }
    return ticks;
  }

  private void run() {
    try {
      while (!closed.await(1, TimeUnit.SECONDS)) {
        tasks.forEach(this::attempt);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /// The next tick tries again; what fails in the same way is told once.
  private void attempt(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      if (!e.toString().equals(told)) {
        told = e.toString();
        log.atWarn().setCause(e).log("what runs by itself failed");
      }
    }
  }

  /// Waits for the task that is running.
  @Override
  public void close() {
    closed.countDown();
    try {
      if (!tasks.isEmpty()) {
        thread.join();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
