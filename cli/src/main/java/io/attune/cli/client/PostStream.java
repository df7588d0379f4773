package io.attune.cli.client;

import io.attune.proto.jina.DataRequestProto;
import io.attune.proto.jina.JinaRPCGrpc.JinaRPCStub;
import io.attune.proto.jina.StatusProto;
import io.attune.proto.jina.StatusProto.StatusCode;
import io.attune.runtime.CallMetadata;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/// One stream of requests: keeps a bounded number in flight, and hands the answers to the caller's
/// thread in the order of the requests. A request that the Flow refuses because it is overloaded is
/// sent again, later; the answers to those after it wait for it here.
///
/// The Flow works on the requests of a stream at the same time. So that of two documents of one id
/// the later one stays, a request is held back while one that has an id of it is in flight, and
/// with it all that come after.
final class PostStream {
  private static final int IN_FLIGHT = 16;
  private static final int OVERLOAD_RETRIES = 8;

  private final String address;
  private final AnswerConsumer answers;

  /// What the stream brings: an answer, a [Throwable] that ended it, or [#COMPLETED].
  private final BlockingQueue<Object> events = new LinkedBlockingQueue<>();

  private static final Object COMPLETED = new Object();

  /// In the order in which they were sent last, which is that of the answers that come.
  private final Deque<Sent> sent = new ArrayDeque<>();

  /// In the order of the requests: those whose answer the caller has not heard.
  private final Deque<Sent> unheard = new ArrayDeque<>();

  /// The ids of the documents that were sent and not answered.
  private final Set<String> inFlight = new HashSet<>();

  private @Nullable Sent held;

  PostStream(String address, AnswerConsumer answers) {
    this.address = address;
    this.answers = answers;
  }

  void run(JinaRPCStub stub, Iterator<DataRequestProto> requests) {
    Metadata headers = new Metadata();
    headers.put(CallMetadata.RESULTS_IN_ORDER, "true");
    StreamObserver<DataRequestProto> out =
        stub.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
            .call(new Events());
    try {
      while (requests.hasNext() || held != null || !unheard.isEmpty()) {
        fill(requests, out);
        take(nextAnswer(), out);
        handOver();
      }
      out.onCompleted();
    } catch (RuntimeException failure) {
      out.onError(Status.CANCELLED.withCause(failure).asRuntimeException());
      throw failure;
    }
  }

  /// Sends what may be sent now: no further request once one has to wait for an id.
  private void fill(Iterator<DataRequestProto> requests, StreamObserver<DataRequestProto> out) {
    while (unheard.size() < IN_FLIGHT && (held != null || requests.hasNext())) {
      Sent next = held == null ? new Sent(requests.next()) : held;
      if (!Collections.disjoint(inFlight, next.ids)) {
        held = next;
        return;
      }
      held = null;
      inFlight.addAll(next.ids);
      unheard.add(next);
      next.sentNanos = System.nanoTime();
      send(next, out);
    }
  }

  private void send(Sent request, StreamObserver<DataRequestProto> out) {
    sent.add(request);
    out.onNext(request.request);
  }

  /// Gives an answer to its request, or sends that again.
  private void take(DataRequestProto answer, StreamObserver<DataRequestProto> out) {
    Sent request = sent.remove();
    if (isToBeSentAgain(request, answer)) {
      request.tries++;
      send(request, out);
      return;
    }
    request.answer =
        new FlowAnswer(
            request.request, answer, Duration.ofNanos(System.nanoTime() - request.sentNanos));
    inFlight.removeAll(request.ids);
  }

  private void handOver() {
    while (!unheard.isEmpty()) {
      FlowAnswer answer = unheard.getFirst().answer;
      if (answer == null) {
        return;
      }
      unheard.remove();
      answers.accept(answer);
    }
  }

  private DataRequestProto nextAnswer() {
    Object event;
    try {
      event = events.take();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new FlowException(ErrorCode.CANCELLED, "interrupted while waiting for an answer");
    }
    if (event instanceof DataRequestProto answer) {
      return answer;
    }
    if (event instanceof StatusRuntimeException failure) {
      throw FlowClient.failureOf(failure, address);
    }
    throw new FlowException(
        ErrorCode.UNAVAILABLE,
        address + " ended the stream before every request was answered",
        event instanceof Throwable failure ? failure : null);
  }

  /// Whether the Flow was overloaded; then waits a while.
  ///
  /// @throws FlowException for an answer that is a failure for good
  private static boolean isToBeSentAgain(Sent request, DataRequestProto answer) {
    StatusProto status = answer.getHeader().getStatus();
    if (status.getCode() == StatusCode.SUCCESS) {
      return false;
    }
    ErrorCode code = ErrorCode.named(status.getException().getName()).orElse(ErrorCode.INTERNAL);
    if (code != ErrorCode.RESOURCE_EXHAUSTED || request.tries >= OVERLOAD_RETRIES) {
      throw new FlowException(code, status.getDescription());
    }
    try {
      Thread.sleep(Duration.ofMillis(20L << request.tries));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new FlowException(ErrorCode.CANCELLED, "interrupted while waiting to send again");
    }
    return true;
  }

  /// A request, and what became of it.
  private static final class Sent {
    private final DataRequestProto request;
    private final Set<String> ids = new HashSet<>();
    private long sentNanos;
    private int tries;
    private @Nullable FlowAnswer answer;

    Sent(DataRequestProto request) {
      this.request = request;
      request.getData().getDocs().getDocsList().forEach(document -> ids.add(document.getId()));
      ids.remove(""); // stands for no id
    }
  }

  private final class Events implements StreamObserver<DataRequestProto> {
    @Override
    public void onNext(DataRequestProto answer) {
      events.add(answer);
    }

    @Override
    public void onError(Throwable failure) {
      events.add(failure);
    }

    @Override
    public void onCompleted() {
      events.add(COMPLETED);
    }
  }
}
