package io.attune.benchmarks.encode;

import io.attune.benchmarks.Requests;
import io.attune.document.Document;
import io.attune.proto.jina.DataRequestProto;
import io.attune.proto.jina.JinaRPCGrpc;
import io.attune.proto.jina.StatusProto;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.grpc.Channel;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/// Sends texts over several streams, one text to a request and one request in flight to a stream.
final class StreamLoad {
  private final JinaRPCGrpc.JinaRPCStub stub;
  private final String endpoint;
  private final List<String> texts;
  private final AtomicInteger next = new AtomicInteger();

  private StreamLoad(Channel channel, String endpoint, List<String> texts) {
    this.stub = JinaRPCGrpc.newStub(channel);
    this.endpoint = endpoint;
    this.texts = texts;
  }

  /// Sends all texts, and returns when all are answered with an embedding.
  ///
  /// @return texts per second
  static double run(Channel channel, String endpoint, List<String> texts, int streams) {
    StreamLoad load = new StreamLoad(channel, endpoint, texts);
    long start = System.nanoTime();
    CompletableFuture<?>[] ends = new CompletableFuture<?>[streams];
    for (int i = 0; i < streams; i++) {
      ends[i] = load.stream();
    }
    CompletableFuture.allOf(ends).join();
    return texts.size() * 1e9 / (System.nanoTime() - start);
  }

  private CompletableFuture<Void> stream() {
    Stream stream = new Stream();
    stream.requests = stub.call(stream);
    stream.send();
    return stream.end;
  }

  private final class Stream implements StreamObserver<DataRequestProto> {
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private StreamObserver<DataRequestProto> requests = new None();

    private void send() {
      int index = next.getAndIncrement();
      if (index >= texts.size()) {
        requests.onCompleted();
        return;
      }
      requests.onNext(Requests.of(endpoint, List.of(Document.ofText(texts.get(index)))));
    }

    @Override
    public void onNext(DataRequestProto answer) {
      boolean failed =
          answer.getHeader().getStatus().getCode() == StatusProto.StatusCode.ERROR
              || !answer.getData().getDocs().getDocs(0).hasEmbedding();
      if (failed) {
        end.completeExceptionally(
            new FlowException(ErrorCode.INTERNAL, answer.getHeader().getStatus().toString()));
        requests.onCompleted();
      } else {
        send();
      }
    }

    @Override
    public void onError(Throwable failure) {
      end.completeExceptionally(failure);
    }

    @Override
    public void onCompleted() {
      end.complete(null);
    }
  }

  /// Stands in until the stream is open.
  private static final class None implements StreamObserver<DataRequestProto> {
    @Override
    public void onNext(DataRequestProto request) {}

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onCompleted() {}
  }
}
