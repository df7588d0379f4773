package io.attune.runtime.batching;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.Priority;
import io.grpc.Context;
import io.grpc.Deadline;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/// A bounded queue in front of something that runs batches: the only way into a model.
///
/// Items are submitted in groups and queued by [BatchKey]; a [BatchPolicy] makes batches of one
/// key's items; platform threads of the queue's own run them. A full queue refuses at once with
/// RESOURCE_EXHAUSTED. Items whose deadline has passed or whose caller has left are dropped before
/// they run, and counted. Interactive items go first; while both priorities wait, bulk gets its
/// share of the work; where it yields ([BatchOptions#bulkYields]), also while it runs. A failed
/// batch fails the groups of its items, and nothing else.
///
/// Thread-safe. [Schedule] holds the one lock; answers are completed outside it.
///
/// @param <I> what goes in
/// @param <O> what comes out
public final class BatchQueue<I, O> implements AutoCloseable {
  private final ToIntFunction<? super I> cost;
  private final Schedule<I, O> schedule;
  private final BatchWorkers<I, O> workers;
  private final BatchOptions options;

  /// A queue with its workers started.
  ///
  /// @param options how it is sized
  /// @param policy how batches are made
  /// @param cost what an item costs, 1 or greater
  /// @param runner runs the batches
  /// @param meters where the queue's meters go, named in [BatchMeter]
  public BatchQueue(
      BatchOptions options,
      BatchPolicy policy,
      ToIntFunction<? super I> cost,
      BatchRunner<I, O> runner,
      MeterRegistry meters) {
    this.options = options;
    this.cost = cost;
    this.schedule = new Schedule<>(options, policy, meters);
    this.workers = new BatchWorkers<>(options, schedule, runner);
  }

  /// Queues items that are answered together, all or none of them.
  ///
  /// Completing the answer exceptionally, or cancelling it, drops what still waits. Stages that
  /// depend on the answer run on a worker unless they are async: keep those short.
  ///
  /// @param key what the items share with others they may be batched with
  /// @param items the inputs; an empty list is answered at once
  /// @param deadline when the items are worth nothing any more; null for never
  /// @param context its cancellation drops the items
  /// @return the outputs, in the order of the items
  /// @throws FlowException RESOURCE_EXHAUSTED where the queue is full, UNAVAILABLE where it is
  ///   closing
  @SuppressWarnings("FutureReturnValueIgnored") // the stage that cleans up has nobody to tell
  public CompletableFuture<List<O>> submit(
      BatchKey key, List<I> items, @Nullable Deadline deadline, Context context) {
    Group<O> group = new Group<>(items.size(), deadline, context);
    if (items.isEmpty()) {
      group.answer().complete(List.of());
      return group.answer();
    }
    if (!group.isWanted()) {
      schedule.dropped(key.priority(), items.size(), group.reason());
      return group.answer();
    }
    List<Item<I, O>> queued = schedule.offer(key, items, cost, group);
    Context.CancellationListener left = group::cancel;
    CompletableFuture<List<O>> answer = group.answer();
    answer.whenComplete((outputs, failure) -> {
      context.removeListener(left);
      if (failure != null) {
        schedule.drop(key, queued, failure);
      }
    });
    context.addListener(left, Runnable::run);
    if (answer.isDone()) {
      context.removeListener(left);
    }
    return answer;
  }

  /// Runs items and waits for their outputs; for threads that may block, virtual ones above all.
  ///
  /// @return the outputs, in the order of the items
  /// @throws FlowException as [#submit], and DEADLINE_EXCEEDED or CANCELLED where nobody waits any
  ///   more, and whatever the batch failed with; what is not a FlowException by itself is INTERNAL
  public List<O> run(BatchKey key, List<I> items, @Nullable Deadline deadline, Context context) {
    CompletableFuture<List<O>> answer = submit(key, items, deadline, context);
    try {
      if (deadline == null) {
        return answer.get();
      }
      return answer.get(
          Math.max(0, deadline.timeRemaining(TimeUnit.NANOSECONDS)), TimeUnit.NANOSECONDS);
    } catch (TimeoutException _) {
      FlowException late = Group.late();
      answer.completeExceptionally(late);
      throw late;
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
      answer.cancel(false);
      throw new FlowException(ErrorCode.CANCELLED, "call: interrupted", interrupt);
    } catch (CancellationException cancelled) {
      throw new FlowException(ErrorCode.CANCELLED, "call: cancelled", cancelled);
    } catch (ExecutionException failed) {
      throw failure(failed);
    }
  }

  /// The sum of the costs of the waiting items of a priority.
  public long waitingCost(Priority priority) {
    return schedule.waitingCost(priority);
  }

  /// Waits for no larger batches from now on: what waits runs, and so does what still comes. For a
  /// server that stops, before it knows that no request it accepted is still on its way here.
  public void hurry() {
    schedule.hurry();
  }

  /// Refuses new items, lets the waiting ones finish within the options' grace period, then cancels
  /// those that are left. Returns when the workers have ended.
  @Override
  public void close() {
    close(options.grace());
  }

  /// Closes with another grace period; closing again does nothing.
  public void close(Duration grace) {
    schedule.drain();
    try {
      if (!workers.join(grace)) {
        schedule.abandon();
        workers.interruptAndJoin();
      }
    } finally {
      schedule.close();
    }
  }

  private static FlowException failure(ExecutionException failed) {
    @Nullable Throwable cause = failed.getCause();
    if (cause instanceof FlowException flow) {
      return flow;
    }
    return new FlowException(
        ErrorCode.INTERNAL, "batch: " + (cause == null ? failed : cause).getMessage(), failed);
  }
}
