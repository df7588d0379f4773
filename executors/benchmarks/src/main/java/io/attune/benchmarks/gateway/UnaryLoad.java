package io.attune.benchmarks.gateway;

import io.attune.proto.jina.DataRequestProto;
import io.attune.proto.jina.JinaSingleDataRequestRPCGrpc;
import io.attune.proto.jina.JinaSingleDataRequestRPCGrpc.JinaSingleDataRequestRPCBlockingStub;
import io.attune.proto.jina.JinaSingleDataRequestRPCGrpc.JinaSingleDataRequestRPCStub;
import io.attune.proto.jina.StatusProto;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.error.Failures;
import io.grpc.Channel;
import io.grpc.stub.StreamObserver;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Calls of `process_single_data` with one request, again and again.
final class UnaryLoad implements StreamObserver<DataRequestProto> {
  private final JinaSingleDataRequestRPCStub stub;
  private final DataRequestProto request;
  private final AtomicInteger toSend;
  private final CountDownLatch unanswered;
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  private UnaryLoad(Channel channel, DataRequestProto request, int calls) {
    this.stub = JinaSingleDataRequestRPCGrpc.newStub(channel);
    this.request = request;
    this.toSend = new AtomicInteger(calls);
    this.unanswered = new CountDownLatch(calls);
  }

  /// One call.
  static DataRequestProto call(Channel channel, DataRequestProto request) {
    return checked(
        JinaSingleDataRequestRPCGrpc.newBlockingStub(channel).processSingleData(request));
  }

  /// Calls one after the other.
  ///
  /// @return the median time of a call, in microseconds
  static double medianMicros(Channel channel, DataRequestProto request, int calls) {
    JinaSingleDataRequestRPCBlockingStub stub =
        JinaSingleDataRequestRPCGrpc.newBlockingStub(channel);
    long[] nanos = new long[calls];
    for (int i = 0; i < calls; i++) {
      long start = System.nanoTime();
      checked(stub.processSingleData(request));
      nanos[i] = System.nanoTime() - start;
    }
    Arrays.sort(nanos);
    return nanos[calls / 2] / 1e3;
  }

  /// Calls with some in flight all the time.
  ///
  /// @return answers per second
  static double perSecond(Channel channel, DataRequestProto request, int calls, int inFlight)
      throws InterruptedException {
    UnaryLoad load = new UnaryLoad(channel, request, calls);
    long start = System.nanoTime();
    for (int i = 0; i < inFlight; i++) {
      load.send();
    }
    load.unanswered.await();
    long time = System.nanoTime() - start;
    Throwable failed = load.failure.get();
    if (failed != null) {
      throw Failures.from(failed);
    }
    return calls * 1e9 / time;
  }

  private void send() {
    if (toSend.getAndDecrement() > 0) {
      stub.processSingleData(request, this);
    }
  }

  @Override
  public void onNext(DataRequestProto answer) {
    checked(answer);
  }

  @Override
  public void onError(Throwable cause) {
    failure.compareAndSet(null, cause);
    unanswered.countDown();
    send();
  }

  @Override
  public void onCompleted() {
    unanswered.countDown();
    send();
  }

  private static DataRequestProto checked(DataRequestProto answer) {
    StatusProto status = answer.getHeader().getStatus();
    if (status.getCode() == StatusProto.StatusCode.ERROR || answer.getRoutesCount() == 0) {
      throw new FlowException(
          ErrorCode.INTERNAL, "answer: " + answer.getHeader() + " (expected: one with routes)");
    }
    return answer;
  }
}
