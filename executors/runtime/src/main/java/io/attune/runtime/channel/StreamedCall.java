package io.attune.runtime.channel;

import io.attune.proto.jina.DataRequestProto;
import io.attune.proto.jina.JinaRPCGrpc;
import io.attune.runtime.CallMetadata;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.error.Failures;
import io.grpc.Metadata;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.MetadataUtils;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One stream of requests from a caller that waits for its end.
///
/// The caller's thread sends, and waits where too many requests are without answer or the transport
/// takes no more. Answers come on gRPC's threads, one at a time.
final class StreamedCall implements ClientResponseObserver<DataRequestProto, DataRequestProto> {
  private final String name;
  private final Replica replica;
  private final CallMetadata metadata;
  private final Consumer<DataRequestProto> answers;
  private final Semaphore places;
  private final Object readiness = new Object();
  private final CompletableFuture<@Nullable Void> end = new CompletableFuture<>();
  private final AtomicLong answered = new AtomicLong();
  private @Nullable ClientCallStreamObserver<DataRequestProto> requests;

  StreamedCall(
      String name,
      Replica replica,
      int inFlight,
      CallMetadata metadata,
      Consumer<DataRequestProto> answers) {
    if (inFlight < 1) {
      throw FlowException.invalid("prefetch: %d (expected: 1..)".formatted(inFlight));
    }
    this.name = name;
    this.replica = replica;
    this.metadata = metadata;
    this.answers = answers;
    this.places = new Semaphore(inFlight);
  }

  void run(Iterator<DataRequestProto> source) {
    Metadata headers = new Metadata();
    metadata.writeTo(headers);
    ClientCallStreamObserver<DataRequestProto> sender =
        (ClientCallStreamObserver<DataRequestProto>)
            JinaRPCGrpc.newStub(replica.channel())
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                .call(this);
    long sent = 0;
    try {
      while (source.hasNext()) {
        DataRequestProto request = source.next();
        places.acquire();
        awaitReady(sender);
        if (end.isDone()) {
          break;
        }
        sender.onNext(request);
        sent++;
      }
      if (!end.isDone()) {
        sender.onCompleted();
      }
      end.get();
      if (answered.get() != sent) {
        throw new FlowException(
            ErrorCode.DATA_LOSS,
            "%s: %d answers to %d requests (expected: one each)"
                .formatted(name, answered.get(), sent));
      }
    } catch (ExecutionException failure) {
      FlowException flow = Failures.from(failure);
      throw new FlowException(
          flow.code(), "%s: %s: %s".formatted(name, replica.address(), flow.getMessage()), flow);
    } catch (InterruptedException interrupted) {
      sender.cancel("interrupted", interrupted);
      Thread.currentThread().interrupt();
      throw Failures.from(interrupted);
    } catch (RuntimeException failure) {
      sender.cancel("the source of requests failed", failure);
      throw failure;
    }
  }

  private void awaitReady(ClientCallStreamObserver<DataRequestProto> sender)
      throws InterruptedException {
    synchronized (readiness) {
      while (!sender.isReady() && !end.isDone()) {
        readiness.wait();
      }
    }
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<DataRequestProto> sender) {
    requests = sender;
    sender.setOnReadyHandler(this::wake);
  }

  @Override
  public void onNext(DataRequestProto answer) {
    try {
      answers.accept(answer);
    } catch (RuntimeException failure) {
      end.completeExceptionally(failure);
      ClientCallStreamObserver<DataRequestProto> sender = requests;
      if (sender != null) {
        sender.cancel("the reader of answers failed", failure);
      }
    }
    answered.incrementAndGet();
    places.release();
  }

  @Override
  public void onError(Throwable failure) {
    end.completeExceptionally(failure);
    places.release();
    wake();
  }

  @Override
  public void onCompleted() {
    end.complete(null);
    places.release();
    wake();
  }

  private void wake() {
    synchronized (readiness) {
      readiness.notifyAll();
    }
  }
}
