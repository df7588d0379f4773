package io.attune.cli.client;

import io.attune.proto.jina.DataRequestProto;
import io.attune.proto.jina.JinaRPCGrpc.JinaRPCStub;
import io.attune.proto.jina.StatusProto;
import io.attune.proto.jina.StatusProto.StatusCode;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/// One stream of requests: keeps a bounded number in flight, and hands the answers to the caller's
/// thread. A request that the Flow refuses because it is overloaded is sent again, later.
final class PostStream {
  private static final int IN_FLIGHT = 16;
  private static final int OVERLOAD_RETRIES = 8;
  private static final Metadata.Key<String> IN_ORDER =
      Metadata.Key.of("__results_in_order__", Metadata.ASCII_STRING_MARSHALLER);

  private final String address;
  private final AnswerConsumer answers;

  /// What the stream brings: an answer, a [Throwable] that ended it, or [#COMPLETED].
  private final BlockingQueue<Object> events = new LinkedBlockingQueue<>();

  private static final Object COMPLETED = new Object();

  PostStream(String address, AnswerConsumer answers) {
    this.address = address;
    this.answers = answers;
  }

  void run(JinaRPCStub stub, Iterator<DataRequestProto> requests) {
    Deque<Sent> sent = new ArrayDeque<>();
    Metadata headers = new Metadata();
    headers.put(IN_ORDER, "true");
    StreamObserver<DataRequestProto> out =
        stub.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
            .call(new Events());
    try {
      while (requests.hasNext() || !sent.isEmpty()) {
        while (requests.hasNext() && sent.size() < IN_FLIGHT) {
          DataRequestProto request = requests.next();
          sent.add(new Sent(request, System.nanoTime(), 0));
          out.onNext(request);
        }
        DataRequestProto answer = nextAnswer();
        Sent request = sent.remove();
        Sent again = retried(request, answer);
        if (again == null) {
          answers.accept(
              new FlowAnswer(
                  request.request(),
                  answer,
                  Duration.ofNanos(System.nanoTime() - request.sentNanos())));
        } else {
          sent.add(again);
          out.onNext(again.request());
        }
      }
      out.onCompleted();
    } catch (RuntimeException failure) {
      out.onError(Status.CANCELLED.withCause(failure).asRuntimeException());
      throw failure;
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

  /// The request to send again, or null where the answer is good.
  private @Nullable Sent retried(Sent request, DataRequestProto answer) {
    StatusProto status = answer.getHeader().getStatus();
    if (status.getCode() == StatusCode.SUCCESS) {
      return null;
    }
    ErrorCode code = ErrorCode.named(status.getException().getName()).orElse(ErrorCode.INTERNAL);
    if (code == ErrorCode.RESOURCE_EXHAUSTED && request.tries() < OVERLOAD_RETRIES) {
      try {
        Thread.sleep(Duration.ofMillis(20L << request.tries()));
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
        throw new FlowException(ErrorCode.CANCELLED, "interrupted while waiting to send again");
      }
      return new Sent(request.request(), request.sentNanos(), request.tries() + 1);
    }
    throw new FlowException(code, status.getDescription());
  }

  private record Sent(DataRequestProto request, long sentNanos, int tries) {}

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
