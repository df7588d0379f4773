package io.attune.cli.rollout;

import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.models.testing.PlantedModels;
import io.attune.proto.jina.DataRequestProto;
import io.attune.proto.jina.JinaRPCGrpc;
import io.attune.proto.jina.JinaSingleDataRequestRPCGrpc;
import io.attune.proto.jina.StatusProto.StatusCode;
import io.attune.runtime.testing.Requests;
import io.grpc.Channel;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/// Clients that search all the time, over unary calls and over streams, and look whether each
/// answer's embedding is that of the version that the answer names.
///
/// The versions of odd number are planted in slot 0, those of even number in slot 1.
final class SearchingClients implements AutoCloseable {
  private static final int TEXTS = 50;

  final Queue<String> failed = new ConcurrentLinkedQueue<>();
  final Queue<String> mixed = new ConcurrentLinkedQueue<>();
  final Map<String, AtomicLong> answered = new ConcurrentHashMap<>();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean stopped;

  SearchingClients(Channel channel, int unary, int streams) {
    for (int i = 0; i < unary; i++) {
      int seed = i;
      threads.add(Thread.ofVirtual().start(() -> callOneByOne(channel, seed)));
    }
    for (int i = 0; i < streams; i++) {
      int seed = 100 + i;
      threads.add(Thread.ofVirtual().start(() -> stream(channel, seed)));
    }
  }

  long total() {
    return answered.values().stream().mapToLong(AtomicLong::get).sum();
  }

  long of(String version) {
    return answered.getOrDefault(version, new AtomicLong()).get();
  }

  private static void rest() {
    LockSupport.parkNanos(CheckedSearches.PAUSE.toNanos());
  }

  private static DataRequestProto request(String text) {
    return Requests.of("/search", DocumentArray.of(Document.ofText(text)));
  }

  private void callOneByOne(Channel channel, int seed) {
    var stub = JinaSingleDataRequestRPCGrpc.newBlockingStub(channel);
    for (int i = 0; !stopped; i++) {
      rest();
      String text = PlantedModels.text((seed + i) % TEXTS);
      try {
        check(text, stub.processSingleData(request(text)));
      } catch (RuntimeException failure) {
        failed.add(String.valueOf(failure));
      }
    }
  }

  private void stream(Channel channel, int seed) {
    Semaphore places = new Semaphore(4);
    Map<String, String> asked = new ConcurrentHashMap<>();
    AtomicReference<Throwable> broken = new AtomicReference<>();
    StreamObserver<DataRequestProto> requests =
        JinaRPCGrpc.newStub(channel)
            .call(
                new StreamObserver<>() {
                  @Override
                  public void onNext(DataRequestProto answer) {
                    check(String.valueOf(asked.remove(answer.getHeader().getRequestId())), answer);
                    places.release();
                  }

                  @Override
                  public void onError(Throwable failure) {
                    broken.set(failure);
                    failed.add("stream: " + failure);
                    places.release(1_000_000);
                  }

                  @Override
                  public void onCompleted() {}
                });
    for (int i = 0; !stopped && broken.get() == null; i++) {
      rest();
      String text = PlantedModels.text((seed + i) % TEXTS);
      DataRequestProto request = request(text);
      places.acquireUninterruptibly();
      asked.put(request.getHeader().getRequestId(), text);
      requests.onNext(request);
    }
    places.acquireUninterruptibly(4);
    requests.onCompleted();
  }

  private void check(String text, DataRequestProto answer) {
    if (answer.getHeader().getStatus().getCode() == StatusCode.ERROR) {
      failed.add(answer.getHeader().getStatus().getDescription());
      return;
    }
    String version =
        answer
            .getParameters()
            .getFieldsOrThrow("__results__")
            .getStructValue()
            .getFieldsOrThrow("encoder")
            .getStructValue()
            .getFieldsOrThrow("model")
            .getStringValue();
    Document document = Requests.documents(answer).getFirst();
    int slot = Integer.parseInt(version.substring(version.indexOf('@') + 1)) % 2 == 1 ? 0 : 1;
    float[] expected = PlantedModels.embedding(text, slot);
    float[] actual = document.embedding().orElseThrow().floats();
    double product = 0;
    for (int i = 0; i < expected.length; i++) {
      product += expected[i] * actual[i];
    }
    if (product < 0.999) {
      mixed.add("%s: %s, cosine %.3f".formatted(text, version, product));
    }
    answered.computeIfAbsent(version, _ -> new AtomicLong()).incrementAndGet();
  }

  @Override
  public void close() {
    stopped = true;
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
