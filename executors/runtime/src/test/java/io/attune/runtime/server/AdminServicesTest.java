package io.attune.runtime.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.document.json.StructJson;
import io.attune.proto.attune.ListRunsRequest;
import io.attune.proto.attune.ListRunsResponse;
import io.attune.proto.attune.RunEvent;
import io.attune.proto.attune.RunsGrpc;
import io.attune.proto.attune.WatchRunRequest;
import io.attune.runtime.Answer;
import io.attune.runtime.Endpoints;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.Executor;
import io.attune.runtime.ExecutorContext;
import io.attune.runtime.FlowException;
import io.attune.runtime.Parameters;
import io.attune.runtime.error.ErrorBorder;
import io.attune.runtime.testing.TestServer;
import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The admin services of an executor, where its server serves them.
@Timeout(30)
class AdminServicesTest {
  private final List<ManagedChannel> channels = new ArrayList<>();

  /// Lists no runs, and lets one watch them for ever.
  private static final class Service extends RunsGrpc.RunsImplBase implements AutoCloseable {
    private final Queue<StreamObserver<RunEvent>> watchers = new ConcurrentLinkedQueue<>();
    private final CountDownLatch watched = new CountDownLatch(1);

    @Override
    public void list(ListRunsRequest request, StreamObserver<ListRunsResponse> caller) {
      caller.onNext(ListRunsResponse.getDefaultInstance());
      caller.onCompleted();
    }

    @Override
    public void watch(WatchRunRequest request, StreamObserver<RunEvent> caller) {
      watchers.add(caller);
      watched.countDown();
    }

    @Override
    public void close() {
      FlowException stops = new FlowException(ErrorCode.UNAVAILABLE, "service: stops");
      for (StreamObserver<RunEvent> each; (each = watchers.poll()) != null; ) {
        each.onError(ErrorBorder.refusal(stops));
      }
    }
  }

  private static class Administered implements Executor {
    final Service service = new Service();

    @Override
    public void bind(Endpoints endpoints) {
      endpoints.read("/here", call -> Answer.unchanged());
    }

    @Override
    public List<BindableService> adminServices() {
      return List.of(service);
    }
  }

  private static TestServer serve(Executor executor, Map<String, ?> with) {
    return TestServer.of(
        executor,
        new ExecutorContext(
            "executor0",
            new Parameters(StructJson.of(with)),
            Path.of("no-workspace"),
            new SimpleMeterRegistry()),
        options -> options.port(0).host("127.0.0.1"));
  }

  private RunsGrpc.RunsBlockingStub on(int port) {
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    channels.add(channel);
    return RunsGrpc.newBlockingStub(channel);
  }

  private static void list(RunsGrpc.RunsBlockingStub stub) {
    assertThat(stub.list(ListRunsRequest.getDefaultInstance()).getRunsList()).isEmpty();
  }

  @AfterEach
  void close() {
    channels.forEach(ManagedChannel::shutdownNow);
  }

  @Test
  void areServedInProcessAndOnTheAdminPortOnly() {
    try (TestServer server = serve(new Administered(), Map.of("admin_port", 0))) {
      list(RunsGrpc.newBlockingStub(server.channel()));
      list(on(server.server().adminPort()));
      assertThatThrownBy(() -> list(on(server.server().port())))
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              refused ->
                  assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.UNIMPLEMENTED));
    }
  }

  @Test
  void haveNoPortUnlessItIsNamed() {
    try (TestServer server = serve(new Administered(), Map.of())) {
      assertThat(server.server().adminPort()).isEqualTo(-1);
      list(RunsGrpc.newBlockingStub(server.channel()));
    }
    assertThatThrownBy(() -> serve(new Administered(), Map.of("admin_host", "0.0.0.0")).close())
        .hasMessage("admin_host: without admin_port (expected: both)");
  }

  @Test
  void stoppingEndsTheirCalls() throws InterruptedException {
    Administered executor = new Administered();
    TestServer server = serve(executor, Map.of("admin_port", 0));
    Iterator<RunEvent> events =
        on(server.server().adminPort()).watch(WatchRunRequest.getDefaultInstance());
    executor.service.watched.await();
    server.close();
    assertThatThrownBy(events::next).hasMessage("UNAVAILABLE: service: stops");
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Test
  void canBeCalledWhileTheExecutorJoins() throws IOException {
    int port = freePort();
    try (TestServer server =
        serve(
            new Administered() {
              @Override
              public void join() {
                list(on(port));
              }
            },
            Map.of("admin_port", port))) {
      list(on(server.server().adminPort()));
    }
  }

  @Test
  void anExecutorThatCannotJoinServesNothing() {
    assertThatThrownBy(() ->
            serve(
                    new Administered() {
                      @Override
                      public void join() {
                        throw FlowException.invalid("standing: none (expected: one)");
                      }
                    },
                    Map.of("admin_port", 0))
                .close())
        .hasMessage("standing: none (expected: one)");
  }
}
