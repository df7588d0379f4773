package io.attune.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.proto.jina.DataRequestProto;
import io.attune.proto.jina.StatusProto;
import io.attune.runtime.Answer;
import io.attune.runtime.Call;
import io.attune.runtime.CallMetadata;
import io.attune.runtime.Executor;
import io.attune.runtime.channel.ExecutorChannel;
import io.attune.runtime.server.ExecutorServer;
import io.attune.runtime.server.ServerOptions;
import io.attune.runtime.testing.GatedExecutor;
import io.attune.runtime.testing.Requests;
import io.attune.runtime.testing.TestServer;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// Tests callers who leave, deadlines, executors that die, and a gateway that stops.
class FailingPeersTest {
  private final BlockingQueue<Call> arrived = new LinkedBlockingQueue<>();
  private final CountDownLatch cancelled = new CountDownLatch(1);

  /// Works until nobody waits for it any more.
  private final Executor endless = endpoints -> endpoints.read("/default", this::work);

  private Answer work(Call call) throws InterruptedException {
    CountDownLatch left = new CountDownLatch(1);
    Context.CancellationListener listener = _ -> left.countDown();
    call.context().addListener(listener, Runnable::run);
    arrived.add(call);
    left.await();
    cancelled.countDown();
    return Answer.unchanged();
  }

  @Test
  void cancellingAUnaryCallReachesTheExecutor() throws Exception {
    try (TestFlow flow = TestFlow.of(endless)) {
      Future<DataRequestProto> call = flow.later().processSingleData(Requests.of("/any", "a"));
      assertArrived();
      call.cancel(true);
      assertCancelled();
    }
  }

  @Test
  void cancellingAStreamReachesTheExecutor() throws Exception {
    try (TestFlow flow = TestFlow.of(endless)) {
      StreamObserver<DataRequestProto> stream = flow.stream().call(new Ignoring());
      stream.onNext(Requests.of("/any", "a"));
      assertArrived();
      ((ClientCallStreamObserver<DataRequestProto>) stream).cancel("enough", null);
      assertCancelled();
    }
  }

  @Test
  void hangingUpOnTheWebPortReachesTheExecutor() throws Exception {
    try (TestFlow flow = TestFlow.of(endless)) {
      Socket socket = new Socket(InetAddress.getLoopbackAddress(), flow.flow().webPort());
      String request =
          "POST /post HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      assertArrived();
      socket.close();
      assertCancelled();
    }
  }

  @Test
  void theCallersDeadlineHoldsForTheExecutor() throws Exception {
    try (TestFlow flow = TestFlow.of(endless)) {
      assertThatThrownBy(() ->
              flow.single()
                  .withDeadlineAfter(Duration.ofMillis(500))
                  .processSingleData(Requests.of("/any", "a")))
          .satisfies(failure -> assertThat(code(failure)).isEqualTo(Status.Code.DEADLINE_EXCEEDED));
      assertThat(assertArrived().deadline()).isNotNull();
      assertCancelled();
    }
  }

  @Test
  void timeoutSendIsTheDeadlineOfEachCallToAnExecutor() throws Exception {
    String yaml =
        TestFlow.PORTS + "executors: [{name: one, uses: Test, retries: 0, timeout_send: 50}]";
    try (TestFlow flow = TestFlow.start(yaml, endless)) {
      assertThatThrownBy(() -> flow.single().processSingleData(Requests.of("/any", "a")))
          .hasMessageContaining("one: failed at inprocess://")
          .satisfies(failure -> assertThat(code(failure)).isEqualTo(Status.Code.DEADLINE_EXCEEDED));
      assertThat(flow.post("/post", "{}").code()).isEqualTo(504);
      assertThat(streamed(flow).getException().getName()).isEqualTo("DEADLINE_EXCEEDED");
    }
  }

  @Test
  void anExecutorThatDiesMidRequestIsUnavailable() throws Exception {
    GatedExecutor gated = new GatedExecutor();
    try (ExecutorServer server = onPort(gated);
        CutProxy proxy = new CutProxy(server.port());
        TestFlow flow = TestFlow.start(external(proxy, 0), gated)) {
      Future<DataRequestProto> unary = flow.later().processSingleData(Requests.of("/any", "a"));
      CompletableFuture<StatusProto> streamed = CompletableFuture.supplyAsync(() -> streamed(flow));
      CompletableFuture<Integer> posted = CompletableFuture.supplyAsync(() -> posted(flow));
      gated.awaitArrivals(3);
      proxy.die();

      assertThatThrownBy(() -> unary.get(30, TimeUnit.SECONDS))
          .cause()
          .hasMessageContaining("one: failed at grpc://127.0.0.1:" + proxy.port())
          .satisfies(failure -> assertThat(code(failure)).isEqualTo(Status.Code.UNAVAILABLE));
      assertThat(streamed.get(30, TimeUnit.SECONDS).getException().getName())
          .isEqualTo("UNAVAILABLE");
      assertThat(posted.get(30, TimeUnit.SECONDS)).isEqualTo(503);
      assertThat(flow.get("/dry_run").json().get("code").intValue()).isEqualTo(1);
      gated.open(100);
    }
  }

  @Test
  void aRequestThatWasCutOffIsTriedAgain() throws Exception {
    GatedExecutor gated = new GatedExecutor();
    try (ExecutorServer server = onPort(gated);
        CutProxy proxy = new CutProxy(server.port());
        TestFlow flow = TestFlow.start(external(proxy, -1), gated)) {
      Future<DataRequestProto> answer = flow.later().processSingleData(Requests.of("/any", "a"));
      gated.awaitArrivals(1);
      proxy.cut();
      gated.awaitArrivals(1);
      gated.open(2);
      assertThat(Requests.documents(answer.get(30, TimeUnit.SECONDS))).hasSize(1);
    }
  }

  @Test
  void stoppingAnswersWhatWasAcceptedAndRefusesTheRest() throws Exception {
    GatedExecutor gated = new GatedExecutor();
    try (TestFlow flow = TestFlow.of(gated)) {
      Future<DataRequestProto> unary = flow.later().processSingleData(Requests.of("/any", "a"));
      CompletableFuture<StatusProto> streamed = CompletableFuture.supplyAsync(() -> streamed(flow));
      CompletableFuture<Integer> posted = CompletableFuture.supplyAsync(() -> posted(flow));
      gated.awaitArrivals(3);
      Thread stop = Thread.ofVirtual().start(flow.flow()::close);
      while (flow.post("/post", "{").code() != 503) {
        Thread.onSpinWait();
      }
      assertThat(gated.closed()).isFalse();
      gated.open(3);

      assertThat(Requests.documents(unary.get(30, TimeUnit.SECONDS))).hasSize(1);
      assertThat(streamed.get(30, TimeUnit.SECONDS)).isEqualTo(StatusProto.getDefaultInstance());
      assertThat(posted.get(30, TimeUnit.SECONDS)).isEqualTo(200);
      stop.join();
      assertThat(gated.closed()).isTrue();
    }
  }

  private Call assertArrived() throws InterruptedException {
    Call call = arrived.poll(30, TimeUnit.SECONDS);
    if (call == null) {
      throw new AssertionError("no call arrived within 30 s");
    }
    return call;
  }

  private void assertCancelled() throws InterruptedException {
    assertThat(cancelled.await(30, TimeUnit.SECONDS)).isTrue();
  }

  private static ExecutorServer onPort(Executor executor) {
    return ExecutorServer.start(
        executor,
        TestServer.context("one"),
        ServerOptions.onPort(0).host("127.0.0.1").grace(Duration.ZERO));
  }

  private static String external(CutProxy proxy, int retries) {
    return TestFlow.PORTS
        + "executors: [{name: one, external: true, host: 127.0.0.1, port: %d, retries: %d}]"
            .formatted(proxy.port(), retries);
  }

  /// The status of the one answer on a stream of one request.
  private static StatusProto streamed(TestFlow flow) {
    List<StatusProto> statuses = new ArrayList<>();
    try (ExecutorChannel channel = ExecutorChannel.open("127.0.0.1:" + flow.flow().grpcPort())) {
      channel.stream(
          List.of(Requests.of("/any", "a")).iterator(),
          1,
          CallMetadata.NONE,
          answer -> statuses.add(answer.getHeader().getStatus()));
    }
    return statuses.getFirst();
  }

  private static int posted(TestFlow flow) {
    try {
      return flow.post("/post", "{\"execEndpoint\": \"/any\"}").code();
    } catch (Exception failure) {
      throw new AssertionError(failure);
    }
  }

  private static Status.Code code(Throwable failure) {
    return ((StatusRuntimeException) failure).getStatus().getCode();
  }

  private static final class Ignoring implements StreamObserver<DataRequestProto> {
    @Override
    public void onNext(DataRequestProto answer) {}

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onCompleted() {}
  }
}
