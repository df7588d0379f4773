package io.attune.benchmarks.rollout;

import com.google.protobuf.Struct;
import io.attune.benchmarks.Requests;
import io.attune.document.Document;
import io.attune.proto.jina.DataRequestProto;
import io.attune.proto.jina.JinaSingleDataRequestRPCGrpc;
import io.attune.proto.jina.JinaSingleDataRequestRPCGrpc.JinaSingleDataRequestRPCStub;
import io.attune.runtime.FlowException;
import io.attune.runtime.error.Failures;
import io.grpc.Channel;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntPredicate;

/// Searches with one question each: as many as are answered, or so many a second whatever becomes
/// of those before, each timed from when it was due.
final class Searches {
  private static final int LIMIT = 10;

  private final JinaSingleDataRequestRPCStub stub;
  private final List<DataRequestProto> requests = new ArrayList<>();
  private final Queue<Answered> answered = new ConcurrentLinkedQueue<>();
  private final Queue<FlowException> failed = new ConcurrentLinkedQueue<>();

  /// A search that was answered.
  private record Answered(long dueNanos, long nanos) {}

  Searches(Channel channel, List<String> questions) {
    stub = JinaSingleDataRequestRPCGrpc.newStub(channel);
    Struct parameters = Struct.newBuilder().putFields("limit", Requests.number(LIMIT)).build();
    for (String question : questions) {
      requests.add(Requests.of("/search", List.of(Document.ofText(question)), parameters));
    }
  }

  /// Ends the benchmark where a search failed.
  ///
  /// @throws IllegalStateException with how many, caused by the first
  void requireNoneFailed() {
    if (!failed.isEmpty()) {
      throw new IllegalStateException(
          "searches: %d failed (expected: none)".formatted(failed.size()), failed.peek());
    }
  }

  /// Searches with some in flight all the time.
  ///
  /// @return answers per second
  double saturate(double seconds, int inFlight) throws InterruptedException {
    long start = System.nanoTime();
    long end = start + (long) (seconds * 1e9);
    int sent = take(_ -> System.nanoTime() < end, inFlight);
    return sent * 1e9 / (System.nanoTime() - start);
  }

  /// Searches so often, with some in flight all the time.
  void take(int count, int inFlight) throws InterruptedException {
    int _ = take(sent -> sent < count, inFlight);
  }

  /// @param goesOn whether to search again after so many
  private int take(IntPredicate goesOn, int inFlight) throws InterruptedException {
    Semaphore free = new Semaphore(inFlight);
    int sent = 0;
    while (goesOn.test(sent)) {
      free.acquire();
      send(sent++, System.nanoTime(), free::release);
    }
    free.acquire(inFlight);
    return sent;
  }

  /// Searches at a steady rate on a thread of its own, until it is closed.
  final class Steady implements AutoCloseable {
    private final Thread thread;
    private volatile boolean stopping;

    Steady(double perSecond) {
      thread = Thread.ofPlatform().name("searches").daemon().start(() -> send(perSecond));
    }

    private void send(double perSecond) {
      long start = System.nanoTime();
      for (int i = 0; !stopping; i++) {
        long due = start + (long) (i / perSecond * 1e9);
        long left = due - System.nanoTime();
        while (left > 0) {
          LockSupport.parkNanos(left);
          left = due - System.nanoTime();
        }
        Searches.this.send(i, due, () -> {});
      }
    }

    @Override
    public void close() {
      stopping = true;
      try {
        thread.join();
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void send(int number, long due, Runnable then) {
    stub.processSingleData(
        requests.get(number % requests.size()),
        new StreamObserver<>() {
          private Optional<FlowException> failure = Optional.empty();

          @Override
          public void onNext(DataRequestProto answer) {
            failure = Failures.in(answer.getHeader().getStatus());
          }

          @Override
          public void onError(Throwable cause) {
            failed.add(Failures.from(cause));
            then.run();
          }

          @Override
          public void onCompleted() {
            failure.ifPresentOrElse(
                failed::add, () -> answered.add(new Answered(due, System.nanoTime() - due)));
            then.run();
          }
        });
  }

  /// The 99th percentile of the searches that were due in a period, in milliseconds.
  ///
  /// @param from of [System#nanoTime]
  double p99(long from, long until) {
    long[] times =
        answered.stream()
            .filter(each -> each.dueNanos() - from >= 0 && each.dueNanos() - until < 0)
            .mapToLong(Answered::nanos)
            .toArray();
    if (times.length == 0) {
      throw new IllegalStateException("searches: none in the period (expected: some)");
    }
    Arrays.sort(times);
    return times[(int) Math.ceil(times.length * 0.99) - 1] / 1e6;
  }
}
