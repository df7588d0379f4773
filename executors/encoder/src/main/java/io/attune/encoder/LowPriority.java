package io.attune.encoder;

import io.attune.models.process.ProcessPriority;
import io.attune.runtime.error.Failures;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/// Work behind all other work.
final class LowPriority {
  private LowPriority() {}

  /// Does it on a thread of its own at low priority, and waits. An interrupt is passed on, and its
  /// end waited for.
  static <T> T call(String name, Supplier<T> work) throws InterruptedException {
    FutureTask<T> task =
        new FutureTask<>(() -> {
          boolean _ = ProcessPriority.lower();
          return work.get();
        });
    Thread thread = Thread.ofPlatform().name(name).daemon().start(task);
    try {
      return task.get();
    } catch (InterruptedException e) {
      thread.interrupt();
      thread.join();
      throw e;
    } catch (ExecutionException e) {
      throw Failures.from(e);
    }
  }
}
