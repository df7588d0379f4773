package io.attune.runtime.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.proto.jina.DataRequestProto;
import io.attune.runtime.Answer;
import io.attune.runtime.CallMetadata;
import io.attune.runtime.Executor;
import io.attune.runtime.FlowException;
import io.attune.runtime.testing.GatedExecutor;
import io.attune.runtime.testing.Requests;
import io.attune.runtime.testing.TestServer;
import io.grpc.Metadata;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RequestStreamTest {
  @Test
  void answersComeAsTheyAreReady() throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    try (TestServer server = TestServer.of(waitingAt("/slow", gate))) {
      Caller caller = Caller.to(server, new Metadata(), Integer.MAX_VALUE);
      caller.send(Requests.of("/slow", "slow"), Requests.of("/fast", "fast"));
      assertThat(caller.next()).isEqualTo("fast");
      gate.countDown();
      assertThat(caller.next()).isEqualTo("slow");
      caller.requests().onCompleted();
      caller.end.get(30, TimeUnit.SECONDS);
    }
  }

  @Test
  void answersComeInTheOrderOfRequestsWhereAskedFor() throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    CountDownLatch fastIsDone = new CountDownLatch(1);
    Executor executor =
        endpoints ->
            endpoints
                .read(
                    "/slow",
                    call -> {
                      gate.await();
                      return Answer.unchanged();
                    })
                .read(
                    "/fast",
                    call -> {
                      fastIsDone.countDown();
                      return Answer.unchanged();
                    });
    try (TestServer server = TestServer.of(executor)) {
      Caller caller = Caller.to(server, header(CallMetadata.RESULTS_IN_ORDER, "true"), 100);
      caller.send(Requests.of("/slow", "slow"), Requests.of("/fast", "fast"));
      assertThat(fastIsDone.await(30, TimeUnit.SECONDS)).isTrue();
      gate.countDown();
      assertThat(List.of(caller.next(), caller.next())).containsExactly("slow", "fast");
      caller.requests().onCompleted();
      caller.end.get(30, TimeUnit.SECONDS);
    }
  }

  @Test
  void noMoreRequestsAreUnderWayThanTheCallerAsksFor() throws Exception {
    assertBounded(options -> options, header(CallMetadata.PREFETCH, "2"), 2);
  }

  @Test
  void noMoreRequestsAreUnderWayThanTheServerAllows() throws Exception {
    assertBounded(
        options -> options.mostRequestsPerStream(3), header(CallMetadata.PREFETCH, "100"), 3);
  }

  private static void assertBounded(
      UnaryOperator<ServerOptions> options, Metadata headers, int expected) throws Exception {
    GatedExecutor gated = new GatedExecutor();
    try (TestServer server = TestServer.of(gated, TestServer.context("executor0"), options)) {
      Caller caller = Caller.to(server, headers, Integer.MAX_VALUE);
      for (int i = 0; i < 10; i++) {
        caller.send(Requests.of("/any", "text"));
      }
      caller.requests().onCompleted();
      gated.awaitArrivals(expected);
      assertThat(gated.arrivals()).isZero();
      gated.open(1);
      gated.awaitArrivals(1);
      gated.open(9);
      caller.end.get(30, TimeUnit.SECONDS);
      assertThat(caller.answers).hasSize(10);
    }
  }

  @Test
  void aCallerThatDoesNotReadIsNotRead() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    Semaphore called = new Semaphore(0);
    Executor counting =
        endpoints ->
            endpoints.read(
                "/count",
                call -> {
                  calls.incrementAndGet();
                  called.release();
                  return Answer.unchanged();
                });
    try (TestServer server =
        TestServer.of(
            counting,
            TestServer.context("executor0"),
            options -> options.mostRequestsPerStream(2))) {
      Caller caller = Caller.to(server, new Metadata(), 0);
      for (int i = 0; i < 20; i++) {
        caller.send(Requests.of("/count", "text"));
      }
      caller.requests().onCompleted();
      assertThat(called.tryAcquire(2, 30, TimeUnit.SECONDS)).isTrue();
      assertThat(calls).hasValue(2);
      caller.requests().request(20);
      caller.end.get(30, TimeUnit.SECONDS);
      assertThat(caller.answers).hasSize(20);
    }
  }

  @Test
  void thereIsExactlyOneAnswerToEachRequest() throws Exception {
    Executor flaky =
        endpoints ->
            endpoints.read(
                "/flaky",
                call -> {
                  if (call.requestId().charAt(0) < '8') {
                    throw FlowException.invalid("unlucky");
                  }
                  return Answer.unchanged();
                });
    try (TestServer server = TestServer.of(flaky)) {
      for (boolean ordered : new boolean[] {false, true}) {
        Metadata headers = header(CallMetadata.RESULTS_IN_ORDER, String.valueOf(ordered));
        Caller caller = Caller.to(server, headers, Integer.MAX_VALUE);
        List<DataRequestProto> sent =
            IntStream.range(0, 2000).mapToObj(i -> Requests.of("/flaky", "text")).toList();
        caller.send(sent.toArray(DataRequestProto[]::new));
        caller.requests().onCompleted();
        caller.end.get(60, TimeUnit.SECONDS);
        assertThat(caller.answers)
            .extracting(answer -> answer.getHeader().getRequestId())
            .containsExactlyInAnyOrderElementsOf(
                sent.stream().map(request -> request.getHeader().getRequestId()).toList());
        assertThat(caller.answers)
            .allSatisfy(answer ->
                assertThat(answer.getHeader().hasStatus())
                    .isEqualTo(answer.getHeader().getRequestId().charAt(0) < '8'));
      }
    }
  }

  @Test
  void cancellingReachesEveryMethodUnderWay() throws Exception {
    Semaphore arrived = new Semaphore(0);
    Semaphore cancelled = new Semaphore(0);
    Executor waiting =
        endpoints ->
            endpoints.read(
                "/wait",
                call -> {
                  CountDownLatch mine = new CountDownLatch(1);
                  call.context().addListener(_ -> mine.countDown(), Runnable::run);
                  arrived.release();
                  mine.await();
                  cancelled.release();
                  return Answer.unchanged();
                });
    try (TestServer server = TestServer.of(waiting)) {
      Caller caller = Caller.to(server, new Metadata(), Integer.MAX_VALUE);
      caller.send(Requests.of("/wait"), Requests.of("/wait"));
      assertThat(arrived.tryAcquire(2, 30, TimeUnit.SECONDS)).isTrue();
      caller.requests().cancel("enough", null);
      assertThat(cancelled.tryAcquire(2, 30, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void overloadIsAnAnswerOnAStream() throws Exception {
    GatedExecutor gated = new GatedExecutor();
    try (TestServer server =
        TestServer.of(gated, TestServer.context("executor0"), options -> options.mostRequests(1))) {
      Caller caller = Caller.to(server, new Metadata(), Integer.MAX_VALUE);
      caller.send(Requests.of("/first", "first"));
      gated.awaitArrivals(1);
      caller.send(Requests.of("/second", "second"));
      assertThat(caller.next()).isEqualTo("second");
      assertThat(caller.answers.getFirst().getHeader().getStatus().getDescription())
          .isEqualTo("executor0: 1 requests under way (expected: fewer)");
      gated.open(1);
      assertThat(caller.next()).isEqualTo("first");
      caller.requests().onCompleted();
      caller.end.get(30, TimeUnit.SECONDS);
    }
  }

  private static Executor waitingAt(String endpoint, CountDownLatch gate) {
    return endpoints ->
        endpoints
            .read(
                endpoint,
                call -> {
                  gate.await();
                  return Answer.unchanged();
                })
            .read("/fast", call -> Answer.unchanged());
  }

  private static Metadata header(Metadata.Key<String> key, String value) {
    Metadata headers = new Metadata();
    headers.put(key, value);
    return headers;
  }

  /// A caller that keeps what it is answered.
  private static final class Caller
      implements ClientResponseObserver<DataRequestProto, DataRequestProto> {
    private final int firstRequest;
    private final List<DataRequestProto> answers = new ArrayList<>();
    private final Semaphore unread = new Semaphore(0);
    private final CompletableFuture<@Nullable Void> end = new CompletableFuture<>();
    private final CompletableFuture<ClientCallStreamObserver<DataRequestProto>> requests =
        new CompletableFuture<>();
    private int read;

    private Caller(int firstRequest) {
      this.firstRequest = firstRequest;
    }

    static Caller to(TestServer server, Metadata headers, int firstRequest) {
      Caller caller = new Caller(firstRequest);
      StreamObserver<DataRequestProto> _ =
          server.stream()
              .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
              .call(caller);
      return caller;
    }

    ClientCallStreamObserver<DataRequestProto> requests() {
      return requests.join();
    }

    void send(DataRequestProto... sent) {
      for (DataRequestProto request : sent) {
        requests().onNext(request);
      }
    }

    /// The text of the next answer.
    String next() throws InterruptedException {
      assertThat(unread.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
      synchronized (answers) {
        return Requests.documents(answers.get(read++)).getFirst().text();
      }
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<DataRequestProto> sender) {
      sender.disableAutoRequestWithInitial(firstRequest);
      requests.complete(sender);
    }

    @Override
    public void onNext(DataRequestProto answer) {
      synchronized (answers) {
        answers.add(answer);
      }
      unread.release();
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
}
