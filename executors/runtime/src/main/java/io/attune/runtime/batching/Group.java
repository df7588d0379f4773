package io.attune.runtime.batching;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.grpc.Context;
import io.grpc.Deadline;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// The items that were submitted together, and the answer they make together.
///
/// Outputs are written by workers, each at its own place; the count of those that are missing
/// publishes them to the thread that completes the answer.
final class Group<O> {
  private final @Nullable Object[] outputs;
  private final AtomicInteger missing;
  private final @Nullable Deadline deadline;
  private final Context context;
  private final CompletableFuture<List<O>> answer = new CompletableFuture<>();

  Group(int size, @Nullable Deadline deadline, Context context) {
    this.outputs = new Object[size];
    this.missing = new AtomicInteger(size);
    this.deadline = deadline;
    this.context = context;
  }

  CompletableFuture<List<O>> answer() {
    return answer;
  }

  /// Whether running an item of this group can still serve somebody; fails the group if its
  /// deadline has passed or its caller has left.
  boolean isWanted() {
    if (deadline != null && deadline.isExpired()) {
      expire();
    } else if (context.isCancelled()) {
      cancel(context);
    }
    return !answer.isDone();
  }

  /// Why the group failed, after [#isWanted()] said no.
  Throwable reason() {
    return answer.isCancelled()
        ? new CancellationException("answer cancelled")
        : answer.exceptionNow();
  }

  void expire() {
    fail(late());
  }

  /// The failure of a group whose deadline has passed.
  static FlowException late() {
    return new FlowException(
        ErrorCode.DEADLINE_EXCEEDED,
        "deadline: passed before the answer was there (expected: a later one)");
  }

  void cancel(Context cancelled) {
    @Nullable Throwable cause = cancelled.cancellationCause();
    if (cause instanceof TimeoutException) {
      expire();
    } else {
      fail(new FlowException(ErrorCode.CANCELLED, "call: cancelled by its caller", cause));
    }
  }

  void fail(Throwable failure) {
    answer.completeExceptionally(failure);
  }

  @SuppressWarnings("unchecked") // only outputs of type O are put in, and all of them are there
  void complete(int index, O output) {
    outputs[index] = output;
    if (missing.decrementAndGet() == 0) {
      answer.complete(Collections.unmodifiableList((List<O>) Arrays.asList(outputs)));
    }
  }
}
