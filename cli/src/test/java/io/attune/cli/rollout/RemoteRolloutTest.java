package io.attune.cli.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.document.json.StructJson;
import io.attune.flows.FlowPlan;
import io.attune.flows.Flows;
import io.attune.gateway.embedded.EmbeddedFlow;
import io.attune.models.ModelStore;
import io.attune.proto.attune.ParticipantProgress;
import io.attune.proto.attune.Rollout;
import io.attune.proto.attune.RolloutOptions;
import io.attune.proto.attune.RolloutState;
import io.attune.proto.attune.StartRolloutRequest;
import io.attune.runtime.ExecutorContext;
import io.attune.runtime.Parameters;
import io.attune.runtime.registry.ExecutorRegistry;
import io.attune.runtime.server.ExecutorServer;
import io.attune.runtime.server.ServerOptions;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Two gateways and two encoder replicas that reach each other over ports only, as in processes of
/// their own.
@Timeout(120)
class RemoteRolloutTest {
  private static final String TOKEN = "a-token-that-is-long";

  @TempDir private Path folder;
  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private int encoder(ModelStore store, String replica, int coordinator) {
    ExecutorContext context =
        new ExecutorContext(
            "encoder",
            new Parameters(
                StructJson.of(
                    Map.of(
                        "model",
                        "m@1",
                        "store",
                        store.root().toString(),
                        "sessions",
                        1,
                        "admin_port",
                        0,
                        "admin_token",
                        TOKEN,
                        "coordinator",
                        "localhost:" + coordinator))),
            folder.resolve(replica),
            new SimpleMeterRegistry());
    ExecutorServer server =
        ExecutorServer.start(
            ExecutorRegistry.load().create("Encoder", context),
            context,
            ServerOptions.onPort(0).host("127.0.0.1"));
    open.add(server);
    return server.port();
  }

  private EmbeddedFlow gateway(String name, List<Integer> encoders, String admin)
      throws InterruptedException {
    String yaml =
        """
        jtype: Flow
        gateway:
          protocol: GRPC
          port: 0
          host: 127.0.0.1
          attune: {%s, admin_token: %s}
        executors:
          - name: encoder
            uses: Encoder
            external: true
            host: [%s]
            port: %s
            uses_with: {store: "%s"}
        """
            .formatted(
                admin,
                TOKEN,
                String.join(", ", encoders.stream().map(_ -> "127.0.0.1").toList()),
                encoders,
                folder.resolve("models"));
    FlowPlan plan =
        Flows.with(Map.of()).text(name, yaml, folder).withWorkspace(folder.resolve(name));
    EmbeddedFlow flow = EmbeddedFlow.start(plan);
    open.add(flow);
    return flow;
  }

  private ManagedChannel channel(int port) {
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    open.add(channel::shutdownNow);
    return channel;
  }

  @Test
  void takesGatewaysAndReplicasOfOtherProcessesAlong() throws Exception {
    ModelStore store = PlantedFlow.publish(folder);
    int admin = freePort();
    List<Integer> encoders =
        List.of(encoder(store, "first", admin), encoder(store, "second", admin));
    EmbeddedFlow coordinating = gateway("one", encoders, "lease_seconds: 5, admin_port: " + admin);
    EmbeddedFlow following =
        gateway("two", encoders, "admin_port: 0, coordinator: 'localhost:%d'".formatted(admin));
    SearchingClients first = new SearchingClients(channel(coordinating.grpcPort()), 1, 1);
    awaitServing(following);
    SearchingClients second = new SearchingClients(channel(following.grpcPort()), 1, 1);
    try (RolloutsClient client = new RolloutsClient("127.0.0.1:" + admin, TOKEN);
        first;
        second) {
      Rollout started = started(client);
      Rollout live =
          client.watch(
              started.getId(), each -> each.getState() == RolloutState.LIVE && each.getReached());
      assertThat(live.getParticipantsList())
          .extracting(ParticipantProgress::getKind)
          .containsExactlyInAnyOrder("encoder", "encoder", "gateway", "gateway");
      awaitAnswers(first, "m@2");
      awaitAnswers(second, "m@2");
      assertThat(client.rollback("m", false).getState()).isEqualTo(RolloutState.ROLLED_BACK);
      awaitAnswers(first, "m@1");
      awaitAnswers(second, "m@1");
      assertThat(client.watch(started.getId(), _ -> false).getReached()).isTrue();
    }
    for (SearchingClients clients : List.of(first, second)) {
      // a process that was stopped for longer than its lease refuses, and must
      assertThat(clients.failed)
          .allMatch(each -> each.contains("the coordinator of rollouts does not hear of it"));
      assertThat(clients.mixed).isEmpty();
      assertThat(clients.answered).containsOnlyKeys("m@1", "m@2");
    }
  }

  /// Once both replicas have registered.
  private static Rollout started(RolloutsClient client) {
    StartRolloutRequest request =
        StartRolloutRequest.newBuilder()
            .setModel("m")
            .setOptions(RolloutOptions.newBuilder().setDrainSeconds(600))
            .build();
    while (true) {
      try {
        return client.start(request);
      } catch (io.attune.runtime.FlowException failure) {
        if (failure.code() != io.attune.runtime.ErrorCode.NOT_FOUND
            && !String.valueOf(failure.getMessage()).contains("take part")) {
          throw failure;
        }
        LockSupport.parkNanos(10_000_000);
      }
    }
  }

  private void awaitServing(EmbeddedFlow flow) {
    var stub = io.grpc.health.v1.HealthGrpc.newBlockingStub(channel(flow.grpcPort()));
    while (stub.check(io.grpc.health.v1.HealthCheckRequest.getDefaultInstance()).getStatus()
        != io.grpc.health.v1.HealthCheckResponse.ServingStatus.SERVING) {
      LockSupport.parkNanos(10_000_000);
    }
  }

  private static void awaitAnswers(SearchingClients clients, String version) {
    long seen = clients.of(version);
    while (clients.of(version) < seen + 20 && clients.failed.isEmpty()) {
      LockSupport.parkNanos(1_000_000);
    }
  }
}
