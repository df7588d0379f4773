package io.attune.trainer.data.collation;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.trainer.data.sampler.Epoch;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/// The steps of an epoch in their order, read and tokenised on a thread of its own ahead of the
/// training step that takes them.
///
/// ```java
/// try (BatchFeed steps = BatchFeed.start(sampler.epoch(epoch), firstStep, collator)) {
///   while (steps.hasNext()) { train(steps.next()); }
/// }
/// ```
///
/// What goes wrong on the thread is thrown by `next` or `hasNext` where the step would have been.
/// To be used by one thread. All fields that change are guarded by `this`.
public final class BatchFeed implements Iterator<EncodedStep>, AutoCloseable {
  private static final int AHEAD = 2;

  private final Queue<EncodedStep> ready = new ArrayDeque<>();
  private final int ahead;
  private final Thread thread;
  private @Nullable Throwable failure;
  private boolean ended;
  private boolean closed;

  private BatchFeed(Epoch epoch, int firstStep, Collator collator, int ahead) {
    this.ahead = ahead;
    this.thread =
        Thread.ofPlatform()
            .daemon()
            .name("attune-batches-" + epoch.number())
            .unstarted(() -> run(epoch, firstStep, collator));
  }

  /// Starts an epoch, two steps ahead.
  ///
  /// @param firstStep the first step to give, from 0
  public static BatchFeed start(Epoch epoch, int firstStep, Collator collator) {
    return start(epoch, firstStep, collator, AHEAD);
  }

  /// Starts an epoch.
  ///
  /// @param ahead how many steps may be ready before they are taken, 1 or more
  public static BatchFeed start(Epoch epoch, int firstStep, Collator collator, int ahead) {
    if (ahead < 1) {
      throw FlowException.invalid("ahead: " + ahead + " (expected: 1 or more)");
    }
    BatchFeed feed = new BatchFeed(epoch, firstStep, collator, ahead);
    feed.thread.start();
    return feed;
  }

  private void run(Epoch epoch, int firstStep, Collator collator) {
    try {
      for (int step = firstStep; step < epoch.size(); step++) {
        if (!put(collator.encode(step, epoch.batch(step)))) {
          return;
        }
      }
      end(null);
    } catch (Throwable e) { // carried to the thread that waits
      end(e);
    }
  }

  private synchronized boolean put(EncodedStep step) throws InterruptedException {
    while (ready.size() == ahead && !closed) {
      wait();
    }
    if (!closed) {
      ready.add(step);
      notifyAll();
    }
    return !closed;
  }

  private synchronized void end(@Nullable Throwable problem) {
    failure = problem;
    ended = true;
    notifyAll();
  }

  /// Waits until the next step is ready, or there is none.
  @Override
  public synchronized boolean hasNext() {
    try {
      while (ready.isEmpty() && !ended && !closed) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FlowException(ErrorCode.CANCELLED, "interrupted while waiting for a batch", e);
    }
    if (ready.isEmpty() && failure != null) {
      throw carried(failure);
    }
    return !ready.isEmpty();
  }

  @Override
  public synchronized EncodedStep next() {
    EncodedStep step = hasNext() ? ready.poll() : null;
    if (step == null) {
      throw new NoSuchElementException("no more steps");
    }
    notifyAll();
    return step;
  }

  private static FlowException carried(Throwable problem) {
    if (problem instanceof Error error) {
      throw error;
    }
    if (problem instanceof FlowException known) {
      return new FlowException(known.code(), String.valueOf(known.getMessage()), known);
    }
    return new FlowException(ErrorCode.INTERNAL, "making a batch: " + problem, problem);
  }

  /// Ends the thread and waits until it has ended; steps not taken are dropped.
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      ready.clear();
      notifyAll();
    }
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
