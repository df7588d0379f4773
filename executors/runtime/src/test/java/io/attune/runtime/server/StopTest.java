package io.attune.runtime.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.proto.jina.DataRequestProto;
import io.attune.runtime.CallMetadata;
import io.attune.runtime.FlowException;
import io.attune.runtime.channel.Address;
import io.attune.runtime.channel.ChannelOptions;
import io.attune.runtime.channel.ExecutorChannel;
import io.attune.runtime.channel.RawAnswer;
import io.attune.runtime.testing.EchoExecutor;
import io.attune.runtime.testing.GatedExecutor;
import io.attune.runtime.testing.Requests;
import io.attune.runtime.testing.TestServer;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.StreamObserver;
import java.io.BufferedReader;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StopTest {
  @Test
  void acceptedRequestsAreAnsweredBetweenNotServingAndClosing() throws Exception {
    GatedExecutor gated = new GatedExecutor();
    TestServer server = TestServer.of(gated);
    Iterator<HealthCheckResponse> health =
        HealthGrpc.newBlockingStub(server.channel()).watch(HealthCheckRequest.getDefaultInstance());
    assertThat(health.next().getStatus()).isEqualTo(ServingStatus.SERVING);
    try (ExecutorChannel channel = ExecutorChannel.open(server.address())) {
      CompletableFuture<RawAnswer> answer =
          channel.send(Requests.of("/any").toByteString(), new Metadata());
      gated.awaitArrivals(1);
      Thread stop = Thread.ofVirtual().start(server.server()::close);
      assertThat(health.next().getStatus()).isEqualTo(ServingStatus.NOT_SERVING);
      assertThat(health.hasNext()).as("the watch is ended").isFalse();
      try (ExecutorChannel late = ExecutorChannel.open(server.address())) {
        assertThatThrownBy(() -> late.call(Requests.of("/any"))).hasMessageContaining("4 tries");
      }
      assertThat(gated.closed()).isFalse();
      gated.open(1);
      assertThat(answer.get(30, TimeUnit.SECONDS).error()).isFalse();
      stop.join();
      assertThat(gated.closed()).isTrue();
    }
    server.close();
  }

  @Test
  void whatOutlastsTheGracePeriodIsCancelled() throws Exception {
    GatedExecutor gated = new GatedExecutor();
    TestServer server =
        TestServer.of(
            gated,
            TestServer.context("executor0"),
            options -> options.grace(Duration.ofMillis(50)));
    CompletableFuture<Throwable> end = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            server.single().processSingleData(Requests.of("/any"));
          } catch (StatusRuntimeException failure) {
            end.complete(failure);
          }
        });
    gated.awaitArrivals(1);
    server.server().close();
    assertThat(end.get(30, TimeUnit.SECONDS)).isNotNull();
    assertThat(gated.closed()).isTrue();
    server.close();
  }

  @Test
  void anIdleStreamDoesNotHoldUpTheStop() throws Exception {
    TestServer server = TestServer.of(new EchoExecutor());
    CompletableFuture<Throwable> end = new CompletableFuture<>();
    CompletableFuture<DataRequestProto> answer = new CompletableFuture<>();
    StreamObserver<DataRequestProto> requests =
        server.stream()
            .call(
                new StreamObserver<>() {
                  @Override
                  public void onNext(DataRequestProto received) {
                    answer.complete(received);
                  }

                  @Override
                  public void onError(Throwable failure) {
                    end.complete(failure);
                  }

                  @Override
                  public void onCompleted() {
                    end.completeExceptionally(new AssertionError("ended without a reason"));
                  }
                });
    requests.onNext(Requests.of("/echo", "text"));
    assertThat(answer.get(30, TimeUnit.SECONDS).getHeader().hasStatus()).isFalse();
    server.server().close();
    assertThat(end.get(30, TimeUnit.SECONDS)).hasMessage("UNAVAILABLE: executor: shutting down");
    server.close();
  }

  @Test
  void sigtermAnswersWhatWasAccepted() throws Exception {
    try (ServedProcess child = ServedProcess.start("gated")) {
      List<CompletableFuture<RawAnswer>> unary = new ArrayList<>();
      List<DataRequestProto> streamed = Collections.synchronizedList(new ArrayList<>());
      List<DataRequestProto> requests =
          IntStream.range(0, 20).mapToObj(i -> Requests.of("/any", "text " + i)).toList();
      try (ExecutorChannel channel = ExecutorChannel.open(child.address())) {
        for (DataRequestProto request : requests) {
          unary.add(channel.send(request.toByteString(), new Metadata()));
        }
        Thread stream =
            Thread.ofVirtual()
                .start(() ->
                    channel.stream(requests.iterator(), 20, CallMetadata.NONE, streamed::add));
        for (int i = 0; i < 40; i++) {
          assertThat(child.line()).startsWith("accepted ");
        }
        child.terminate();
        child.awaitRefusal();
        child.say("open");
        for (CompletableFuture<RawAnswer> answer : unary) {
          assertThat(answer.get(60, TimeUnit.SECONDS).error()).isFalse();
        }
        stream.join();
        assertThat(streamed).hasSize(20);
      }
      assertThat(child.line()).isEqualTo("closed");
      assertThat(child.exit()).isEqualTo(143);
    }
  }

  @Test
  void sigtermUnderLoadLosesNothingThatWasAccepted() throws Exception {
    try (ServedProcess child = ServedProcess.start("open")) {
      Set<String> answered = ConcurrentHashMap.newKeySet();
      List<Thread> callers = new ArrayList<>();
      List<ExecutorChannel> channels = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        ExecutorChannel channel =
            ExecutorChannel.open(
                "executor0",
                List.of(Address.parse(child.address())),
                ChannelOptions.DEFAULT.retries(0));
        channels.add(channel);
        callers.add(Thread.ofVirtual().start(() -> callUntilRefused(channel, answered)));
      }
      List<String> accepted = new ArrayList<>();
      while (accepted.size() < 200) {
        accepted.add(child.line());
      }
      child.terminate();
      String line = child.line();
      while (!line.equals("closed")) {
        accepted.add(line);
        line = child.line();
      }
      for (Thread caller : callers) {
        caller.join();
      }
      channels.forEach(ExecutorChannel::close);
      assertThat(accepted)
          .as("every accepted request was answered")
          .allSatisfy(id -> assertThat(answered).contains(id.substring("accepted ".length())));
      assertThat(child.exit()).isEqualTo(143);
    }
  }

  @Test
  void sigtermFlushesBatchesThatWait() throws Exception {
    try (ServedProcess child = ServedProcess.start("batched");
        ExecutorChannel channel = ExecutorChannel.open(child.address())) {
      List<CompletableFuture<RawAnswer>> waiting = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        DataRequestProto request = Requests.of("/batched", "text " + i);
        waiting.add(channel.send(request.toByteString(), new Metadata()));
      }
      // one connection carries its calls in order, so this answer says that all were accepted
      channel.call(Requests.of("/any", "text"));
      assertThat(child.line()).startsWith("accepted ");
      assertThat(waiting).noneMatch(CompletableFuture::isDone);
      child.terminate();
      for (CompletableFuture<RawAnswer> answer : waiting) {
        assertThat(answer.get(60, TimeUnit.SECONDS).error()).isFalse();
      }
      assertThat(child.line()).isEqualTo("closed");
      assertThat(child.exit()).isEqualTo(143);
    }
  }

  private static void callUntilRefused(ExecutorChannel channel, Set<String> answered) {
    while (true) {
      try {
        DataRequestProto answer = channel.call(Requests.of("/any", "text"));
        answered.add(answer.getHeader().getRequestId());
      } catch (FlowException _) {
        return;
      }
    }
  }

  /// A child JVM with [ServedMain].
  private record ServedProcess(Process process, BufferedReader output, String address)
      implements AutoCloseable {
    static ServedProcess start(String mode) throws IOException {
      Process process =
          new ProcessBuilder(
                  ProcessHandle.current().info().command().orElse("java"),
                  "-Xmx256m",
                  "-XX:TieredStopAtLevel=1",
                  "-cp",
                  System.getProperty("java.class.path"),
                  ServedMain.class.getName(),
                  mode)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      BufferedReader output = process.inputReader();
      String line = output.readLine();
      assertThat(line).startsWith("port ");
      return new ServedProcess(process, output, "127.0.0.1:" + line.substring("port ".length()));
    }

    /// The next line that is not the log's.
    String line() throws IOException {
      String line = output.readLine();
      while (line != null && !line.startsWith("accepted ") && !line.equals("closed")) {
        line = output.readLine();
      }
      return String.valueOf(line);
    }

    void terminate() {
      process.toHandle().destroy(); // unlike Process.destroy it leaves the pipes open
    }

    void say(String line) throws IOException {
      process.outputWriter().write(line + "\n");
      process.outputWriter().flush();
    }

    /// Waits until new calls are refused.
    void awaitRefusal() {
      boolean refused = false;
      while (!refused) {
        try (ExecutorChannel late = ExecutorChannel.open(address)) {
          refused = !late.serving();
        }
      }
    }

    int exit() throws InterruptedException {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      return process.exitValue();
    }

    @Override
    public void close() {
      process.destroyForcibly();
    }
  }
}
