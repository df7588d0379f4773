package io.attune.runtime.channel;

import com.google.protobuf.ByteString;
import io.attune.runtime.CallMetadata;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.error.Failures;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// One call with its tries, which follow one another; the fields are handed from try to try.
final class RetriedCall {
  /// What says that the replica did not take the request, so that another one may.
  private static final Set<ErrorCode> TRIED_AGAIN =
      EnumSet.of(ErrorCode.UNAVAILABLE, ErrorCode.DEADLINE_EXCEEDED, ErrorCode.NOT_FOUND);

  private static final long FIRST_PAUSE_MILLIS = 20;
  private static final long LONGEST_PAUSE_MILLIS = 1000;

  private final String name;
  private final List<Replica> replicas;
  private final ChannelOptions options;
  private final MethodDescriptor<ByteString, ByteString> method;
  private final ByteString request;
  private final Metadata headers;
  private final Context context = Context.current();
  private final Answer answer = new Answer();
  private final BitSet tried = new BitSet();
  private int next;
  private int tries;
  private boolean isBroken;

  /// @param turn the replica to begin with
  RetriedCall(
      String name,
      List<Replica> replicas,
      ChannelOptions options,
      MethodDescriptor<ByteString, ByteString> method,
      ByteString request,
      Metadata headers,
      int turn) {
    this.name = name;
    this.replicas = replicas;
    this.options = options;
    this.method = method;
    this.request = request;
    this.headers = headers;
    this.next = Math.floorMod(turn, replicas.size());
  }

  CompletableFuture<RawAnswer> start() {
    attempt();
    return answer;
  }

  private void attempt() {
    tries++;
    Replica replica = pick();
    Delivery delivery = new Delivery();
    CallOptions callOptions =
        CallOptions.DEFAULT.withExecutor(Runnable::run).withStreamTracerFactory(delivery);
    if (options.timeoutSend() != null) {
      callOptions =
          callOptions.withDeadlineAfter(options.timeoutSend().toNanos(), TimeUnit.NANOSECONDS);
    }
    Context before = context.attach();
    try {
      ClientCall<ByteString, ByteString> call = replica.channel().newCall(method, callOptions);
      Metadata sent = new Metadata();
      sent.merge(headers);
      call.start(new Try(replica, delivery), sent);
      answer.calling(call);
      call.request(
          2); // as for every unary call: the second finds out that there is one answer only
      call.sendMessage(request);
      call.halfClose();
    } finally {
      context.detach(before);
    }
  }

  private Replica pick() {
    int untried = tried.nextClearBit(next);
    if (untried >= replicas.size()) {
      untried = tried.nextClearBit(0);
    }
    int picked = untried < replicas.size() ? untried : next;
    tried.set(picked);
    next = (picked + 1) % replicas.size();
    return replicas.get(picked);
  }

  private void failed(Replica replica, FlowException failure, Status status) {
    boolean again =
        TRIED_AGAIN.contains(failure.code())
            && tries < options.tries(replicas.size())
            && !answer.isDone()
            && wanted();
    if (!again) {
      answer.completeExceptionally(last(replica, failure, status));
      return;
    }
    if (failure.code() == ErrorCode.UNAVAILABLE) {
      replica.channel().resetConnectBackoff();
    }
    if (tries < replicas.size()) {
      attempt();
    } else {
      pause().execute(this::attempt);
    }
  }

  private boolean wanted() {
    Deadline deadline = context.getDeadline();
    return !context.isCancelled() && (deadline == null || !deadline.isExpired());
  }

  private Executor pause() {
    int round = Math.min(10, tries - replicas.size());
    long longest = Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << round);
    long millis = ThreadLocalRandom.current().nextLong(longest / 2, longest + 1);
    return CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS, Runnable::run);
  }

  private FlowException last(Replica replica, FlowException failure, Status status) {
    if (!TRIED_AGAIN.contains(failure.code())) {
      return failure;
    }
    String addresses =
        replicas.stream().map(each -> each.address().toString()).collect(Collectors.joining(", "));
    String message =
        "%s: failed at %s after %d tries of [%s]: %s"
            .formatted(name, replica.address(), tries, addresses, failure.getMessage());
    Throwable cause = status.getCause() == null ? failure : status.getCause();
    return new FlowException(
        failure.code(), message, isBroken ? new BrokenConnectionException(message, cause) : cause);
  }

  /// One try.
  private final class Try extends ClientCall.Listener<ByteString> {
    private final Replica replica;
    private final Delivery delivery;
    private @Nullable ByteString message;

    Try(Replica replica, Delivery delivery) {
      this.replica = replica;
      this.delivery = delivery;
    }

    @Override
    public void onMessage(ByteString received) {
      message = received;
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      if (!status.isOk()) {
        FlowException failure = Failures.from(status, status.asRuntimeException(trailers));
        isBroken |= failure.code() == ErrorCode.UNAVAILABLE && delivery.isUnanswered();
        failed(replica, failure, status);
      } else if (message == null) {
        answer.completeExceptionally(
            new FlowException(ErrorCode.DATA_LOSS, name + ": OK without an answer"));
      } else {
        answer.complete(new RawAnswer(message, "true".equals(trailers.get(CallMetadata.IS_ERROR))));
      }
    }
  }

  /// The answer to come; cancelling it cancels the try under way.
  private static final class Answer extends CompletableFuture<RawAnswer> {
    private volatile @Nullable ClientCall<?, ?> call;

    void calling(ClientCall<?, ?> started) {
      call = started;
      if (isCancelled()) {
        started.cancel("cancelled by the caller", null);
      }
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
      boolean cancelled = super.cancel(mayInterruptIfRunning);
      ClientCall<?, ?> started = call;
      if (cancelled && started != null) {
        started.cancel("cancelled by the caller", null);
      }
      return cancelled;
    }
  }
}
