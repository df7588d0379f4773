package io.attune.runtime.process;

import io.attune.runtime.FlowException;
import io.attune.runtime.error.Failures;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/// Work behind all other work.
public final class LowPriority {
  private LowPriority() {}

  /// Does it on a thread of its own at low priority, and waits. An interrupt is passed on, and its
  /// end waited for.
  ///
  /// @param name of the thread
  /// @throws io.attune.runtime.FlowException where the work fails, as [Failures#from] says
  public static <T> T call(String name, Callable<T> work) throws InterruptedException {
    FutureTask<T> task = lowered(work);
    Thread thread = Thread.ofPlatform().name(name).daemon().start(task);
    try {
      return task.get();
    } catch (InterruptedException e) {
      thread.interrupt();
      thread.join();
      throw e;
    } catch (ExecutionException e) {
      throw failure(e);
    }
  }

  /// The same for work that is over at once, such as the start of a process, which inherits the
  /// priority: its result is waited for, whoever interrupts.
  ///
  /// @param name of the thread
  /// @throws io.attune.runtime.FlowException where the work fails, as [Failures#from] says
  public static <T> T callAtOnce(String name, Callable<T> work) {
    FutureTask<T> task = lowered(work);
    Thread _ = Thread.ofPlatform().name(name).daemon().start(task);
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return task.get();
        } catch (InterruptedException _) {
          interrupted = true;
        } catch (ExecutionException e) {
          throw failure(e);
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static FlowException failure(ExecutionException e) {
    if (e.getCause() instanceof Error error) {
      throw error;
    }
    return Failures.from(e);
  }

  private static <T> FutureTask<T> lowered(Callable<T> work) {
    return new FutureTask<>(() -> {
      boolean _ = ProcessPriority.lower();
      return work.call();
    });
  }
}
