package io.attune.runtime.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.attune.proto.jina.DataRequestProto;
import io.attune.runtime.Access;
import io.attune.runtime.Answer;
import io.attune.runtime.CallMetadata;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.Executor;
import io.attune.runtime.FlowException;
import io.attune.runtime.server.ExecutorServer;
import io.attune.runtime.server.ServerOptions;
import io.attune.runtime.testing.EchoExecutor;
import io.attune.runtime.testing.FailingExecutor;
import io.attune.runtime.testing.GatedExecutor;
import io.attune.runtime.testing.Requests;
import io.attune.runtime.testing.TestServer;
import io.grpc.Context;
import io.grpc.Metadata;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExecutorChannelTest {
  @Test
  void bytesThatNobodyReadsPassUnchanged() throws Exception {
    try (ExecutorServer server = onFreePort(new EchoExecutor());
        ExecutorChannel channel = ExecutorChannel.open("localhost:" + server.port())) {
      DataRequestProto.Builder request = Requests.of("/unbound").toBuilder();
      request.getDataBuilder().setDocsBytes(ByteString.copyFrom(new byte[100_000]));
      RawAnswer answer = channel.send(request.build().toByteString(), new Metadata()).get();
      assertThat(answer.error()).isFalse();
      assertThat(DataRequestProto.parseFrom(answer.message()).getData())
          .isEqualTo(request.getData());
    }
  }

  @Test
  void tellsAnExecutorsErrorFromARefusal() throws Exception {
    try (TestServer server = TestServer.of(new FailingExecutor());
        ExecutorChannel channel = ExecutorChannel.open(server.address())) {
      RawAnswer answer =
          channel.send(Requests.of("/INTERNAL").toByteString(), new Metadata()).get();
      assertThat(answer.error()).isTrue();
      assertThatThrownBy(() -> channel.call(Requests.of("/DATA_LOSS")))
          .asInstanceOf(InstanceOfAssertFactories.type(FlowException.class))
          .returns(ErrorCode.DATA_LOSS, FlowException::code)
          .returns("asked for DATA_LOSS", FlowException::getMessage);
      assertThatThrownBy(() -> channel.call(Requests.of("/RESOURCE_EXHAUSTED")))
          .asInstanceOf(InstanceOfAssertFactories.type(FlowException.class))
          .returns(ErrorCode.RESOURCE_EXHAUSTED, FlowException::code)
          .returns("asked for RESOURCE_EXHAUSTED", FlowException::getMessage);
    }
  }

  @Test
  void replicasTakeTurns() {
    AtomicInteger left = new AtomicInteger();
    AtomicInteger right = new AtomicInteger();
    try (TestServer a = TestServer.of(counting(left, null));
        TestServer b = TestServer.of(counting(right, null));
        ExecutorChannel channel = channel(ChannelOptions.DEFAULT, a, b)) {
      for (int i = 0; i < 10; i++) {
        channel.call(Requests.of("/count"));
      }
      assertThat(List.of(left.get(), right.get())).containsExactly(5, 5);
    }
  }

  @Test
  void triesAReplicaNotTriedBeforeWhereOneDoesNotHoldTheVersion() {
    AtomicInteger left = new AtomicInteger();
    AtomicInteger right = new AtomicInteger();
    try (TestServer a = TestServer.of(counting(left, ErrorCode.UNAVAILABLE));
        TestServer b = TestServer.of(counting(right, null));
        ExecutorChannel channel = channel(ChannelOptions.DEFAULT, a, b)) {
      for (int i = 0; i < 4; i++) {
        channel.call(Requests.of("/count"));
      }
      assertThat(right).hasValue(4);
      assertThat(left).as("at most one try of each call").hasValueBetween(1, 4);
    }
  }

  @ParameterizedTest
  @CsvSource({"1, -1, 4", "5, -1, 6", "2, 0, 1", "2, 5, 6"})
  void triesAsOftenAsJina(int replicas, int retries, int expected) {
    AtomicInteger calls = new AtomicInteger();
    List<TestServer> servers =
        IntStream.range(0, replicas)
            .mapToObj(i -> TestServer.of(counting(calls, ErrorCode.UNAVAILABLE)))
            .toList();
    try (ExecutorChannel channel =
        channel(ChannelOptions.DEFAULT.retries(retries), servers.toArray(TestServer[]::new))) {
      assertThatThrownBy(() -> channel.call(Requests.of("/count")))
          .hasMessageStartingWith("executor0: failed at inprocess://")
          .hasMessageContaining("after %d tries of [inprocess://".formatted(expected))
          .hasMessageEndingWith(": refused")
          .asInstanceOf(InstanceOfAssertFactories.type(FlowException.class))
          .returns(ErrorCode.UNAVAILABLE, FlowException::code);
      assertThat(calls).hasValue(expected);
    } finally {
      servers.forEach(TestServer::close);
    }
  }

  @ParameterizedTest
  @CsvSource({"INVALID_ARGUMENT", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "INTERNAL"})
  void doesNotTryAgainWhatWillNotChange(ErrorCode code) {
    AtomicInteger calls = new AtomicInteger();
    try (TestServer server = TestServer.of(counting(calls, code));
        ExecutorChannel channel = channel(ChannelOptions.DEFAULT, server)) {
      assertThatThrownBy(() -> channel.call(Requests.of("/count"))).hasMessage("refused");
      assertThat(calls).hasValue(1);
    }
  }

  @Test
  void aTryThatTakesTooLongGoesToAnotherReplica() {
    GatedExecutor stuck = new GatedExecutor();
    AtomicInteger calls = new AtomicInteger();
    try (TestServer a = TestServer.of(stuck);
        TestServer b = TestServer.of(counting(calls, null));
        ExecutorChannel channel = channel(ChannelOptions.DEFAULT.timeoutSendMillis(200), a, b)) {
      channel.call(Requests.of("/count"));
      assertThat(calls).hasValue(1);
      stuck.open(1);
    }
  }

  @Test
  void doesNotTryAgainWhenTheCallersDeadlineIsOver() throws Exception {
    GatedExecutor stuck = new GatedExecutor();
    ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    try (TestServer server = TestServer.of(stuck);
        ExecutorChannel channel = channel(ChannelOptions.DEFAULT, server)) {
      Context limited = Context.current().withDeadlineAfter(200, TimeUnit.MILLISECONDS, timer);
      assertThatThrownBy(() -> limited.call(() -> channel.call(Requests.of("/any"))))
          .asInstanceOf(InstanceOfAssertFactories.type(FlowException.class))
          .returns(ErrorCode.DEADLINE_EXCEEDED, FlowException::code);
      stuck.awaitArrivals(1);
      assertThat(stuck.arrivals()).isZero();
      stuck.open(1);
    } finally {
      timer.shutdownNow();
    }
  }

  @Test
  void cancellingReachesTheMethod() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    CountDownLatch cancelled = new CountDownLatch(1);
    Executor waiting =
        endpoints ->
            endpoints.read(
                "/wait",
                call -> {
                  call.context().addListener(_ -> cancelled.countDown(), Runnable::run);
                  arrived.countDown();
                  cancelled.await();
                  return Answer.unchanged();
                });
    try (TestServer server = TestServer.of(waiting);
        ExecutorChannel channel = channel(ChannelOptions.DEFAULT, server)) {
      CompletableFuture<RawAnswer> answer =
          channel.send(Requests.of("/wait").toByteString(), new Metadata());
      assertThat(arrived.await(30, TimeUnit.SECONDS)).isTrue();
      answer.cancel(true);
      assertThat(cancelled.await(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void reachesAnExecutorThatCameBack() {
    ExecutorServer first = onFreePort(new EchoExecutor());
    int port = first.port();
    try (ExecutorChannel channel = ExecutorChannel.open("127.0.0.1:" + port)) {
      channel.call(Requests.of("/echo", "a"));
      first.close();
      assertThatThrownBy(() -> channel.call(Requests.of("/echo", "a")))
          .hasMessageContaining("after 4 tries of [grpc://127.0.0.1:" + port + "]");
      try (ExecutorServer _ =
          ExecutorServer.start(
              new EchoExecutor(), TestServer.context("executor0"), ServerOptions.onPort(port))) {
        channel.awaitReady(Duration.ofSeconds(30));
        assertThat(Requests.documents(channel.call(Requests.of("/echo", "b")))).hasSize(1);
      }
    }
  }

  @Test
  void saysWhatIsNotReady() {
    int port;
    try (ExecutorServer server = onFreePort(new EchoExecutor())) {
      port = server.port();
    }
    try (ExecutorChannel channel = ExecutorChannel.open("127.0.0.1:" + port)) {
      assertThat(channel.serving()).isFalse();
      assertThatThrownBy(() -> channel.awaitReady(Duration.ofMillis(1)))
          .hasMessageMatching(
              ".*: not ready at grpc://127.0.0.1:%d within 1 ms \\(expected: SERVING\\)"
                  .formatted(port));
    }
  }

  @Test
  void discoversEndpointsWithTheirAccess() {
    try (TestServer server = TestServer.of(new EchoExecutor());
        ExecutorChannel channel = channel(ChannelOptions.DEFAULT, server)) {
      Discovery discovery = channel.discover();
      assertThat(discovery.access("/echo")).isEqualTo(Access.READ);
      assertThat(discovery.access("/index")).isEqualTo(Access.WRITE);
      assertThat(discovery.access("/clear")).isEqualTo(Access.ADMIN);
      assertThat(discovery.serves("/echo")).isTrue();
      assertThat(discovery.serves("/unknown")).isFalse();
    }
  }

  @Test
  void streamsInTheOrderAskedForWithBoundedRequestsUnderWay() throws Exception {
    GatedExecutor gated = new GatedExecutor();
    try (TestServer server = TestServer.of(gated);
        ExecutorChannel channel = channel(ChannelOptions.DEFAULT, server)) {
      List<DataRequestProto> requests =
          IntStream.range(0, 50).mapToObj(i -> Requests.of("/any", "text " + i)).toList();
      List<DataRequestProto> answers = Collections.synchronizedList(new ArrayList<>());
      CallMetadata ordered = new CallMetadata(List.of(), null, true, 0);
      Thread caller =
          Thread.ofVirtual()
              .start(() -> channel.stream(requests.iterator(), 3, ordered, answers::add));
      gated.awaitArrivals(3);
      assertThat(gated.arrivals()).isZero();
      gated.open(50);
      caller.join();
      assertThat(answers)
          .extracting(answer -> answer.getHeader().getRequestId())
          .isEqualTo(requests.stream().map(request -> request.getHeader().getRequestId()).toList());
    }
  }

  @Test
  void aStreamGoesOnAfterARequestThatFailed() {
    try (TestServer server = TestServer.of(new FailingExecutor());
        ExecutorChannel channel = channel(ChannelOptions.DEFAULT, server)) {
      List<DataRequestProto> answers = new ArrayList<>();
      channel.stream(
          List.of(Requests.of("/INVALID_ARGUMENT"), Requests.of("/_"), Requests.of("/bug"))
              .iterator(),
          1,
          CallMetadata.NONE,
          answers::add);
      assertThat(answers)
          .extracting(answer -> answer.getHeader().getStatus().getException().getName())
          .containsExactly("INVALID_ARGUMENT", "", "INTERNAL");
    }
  }

  @Test
  void aBrokenStreamIsAnError() {
    try (ExecutorChannel channel = ExecutorChannel.open("inprocess://nobody")) {
      assertThatThrownBy(() ->
              channel.stream(List.of(Requests.of("/a")).iterator(), 1, CallMetadata.NONE, _ -> {}))
          .hasMessageStartingWith("inprocess://nobody: inprocess://nobody: ");
    }
  }

  private static ExecutorServer onFreePort(Executor executor) {
    return ExecutorServer.start(executor, TestServer.context("executor0"), ServerOptions.onPort(0));
  }

  private static ExecutorChannel channel(ChannelOptions options, TestServer... servers) {
    List<Address> addresses =
        Arrays.stream(servers).map(server -> Address.parse(server.address())).toList();
    return ExecutorChannel.open("executor0", addresses, options);
  }

  private static Executor counting(AtomicInteger calls, @Nullable ErrorCode failure) {
    return endpoints ->
        endpoints.read(
            "/count",
            call -> {
              calls.incrementAndGet();
              if (failure != null) {
                throw new FlowException(failure, "refused");
              }
              return Answer.unchanged();
            });
  }
}
