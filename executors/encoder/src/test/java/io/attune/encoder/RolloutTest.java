package io.attune.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.Empty;
import com.google.protobuf.Value;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.json.StructJson;
import io.attune.encoder.rollout.StandingFile;
import io.attune.models.ModelStore;
import io.attune.models.StoredModel;
import io.attune.models.testing.PlantedModels;
import io.attune.models.testing.Poison;
import io.attune.proto.attune.Lease;
import io.attune.proto.attune.ModelStanding;
import io.attune.proto.attune.ModelStanding.Held;
import io.attune.proto.attune.MoveRequest;
import io.attune.proto.attune.ParticipantGrpc;
import io.attune.proto.attune.ParticipantStanding;
import io.attune.proto.attune.Progress;
import io.attune.proto.attune.RegisterRequest;
import io.attune.proto.attune.RegistryGrpc;
import io.attune.proto.attune.RolloutState;
import io.attune.proto.jina.DataRequestProto;
import io.attune.runtime.CallMetadata;
import io.attune.runtime.ExecutorContext;
import io.attune.runtime.ModelVersion;
import io.attune.runtime.Parameters;
import io.attune.runtime.admin.AdminOptions;
import io.attune.runtime.admin.AdminServer;
import io.attune.runtime.testing.Requests;
import io.attune.runtime.testing.TestServer;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The encoder behind the real server, taken through rollouts by its service, with planted models.
@Timeout(120)
class RolloutTest {
  private static final String TEXT = "w1 w2 w3";

  @TempDir private Path folder;
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final List<AutoCloseable> open = new ArrayList<>();
  private ModelStore store;
  private TestServer server;

  @BeforeEach
  void serve() {
    store = ModelStore.at(folder.resolve("models"));
    StoredModel _ = PlantedModels.publish(store, "m", 0);
    server = start(Map.of());
  }

  private TestServer start(Map<String, ?> more) {
    Map<String, Object> with = new HashMap<>(more);
    with.putIfAbsent("model", "m");
    with.put("store", store.root().toString());
    with.putIfAbsent("sessions", 1);
    ExecutorContext context =
        new ExecutorContext(
            "encoder", new Parameters(StructJson.of(with)), folder.resolve("work"), meters);
    TestServer started = TestServer.of(Encoder.open(context), context);
    open.add(started);
    return started;
  }

  private void restart(Map<String, ?> with) {
    server.close();
    server = start(with);
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  private static MoveRequest move(long epoch, int from, int to, RolloutState state) {
    return MoveRequest.newBuilder()
        .setRollout("rollout-" + epoch)
        .setEpoch(epoch)
        .setModel("m")
        .setFromVersion(Integer.toString(from))
        .setToVersion(Integer.toString(to))
        .setState(state)
        .build();
  }

  private List<Progress> moved(MoveRequest request) {
    List<Progress> progress = new ArrayList<>();
    ParticipantGrpc.newBlockingStub(server.channel()).move(request).forEachRemaining(progress::add);
    return progress;
  }

  private void reach(MoveRequest request) {
    assertThat(moved(request).getLast().getReached()).isEqualTo(request.getState());
  }

  private ModelStanding standing() {
    ParticipantStanding standing =
        ParticipantGrpc.newBlockingStub(server.channel()).standing(Empty.getDefaultInstance());
    assertThat(standing.getKind()).isEqualTo("encoder");
    assertThat(standing.getName()).isEqualTo("encoder");
    assertThat(standing.getModelsCount()).isEqualTo(1);
    return standing.getModels(0);
  }

  private DataRequestProto search(String... stamp) {
    Metadata metadata = new Metadata();
    if (stamp.length > 0) {
      metadata.put(CallMetadata.MODEL, stamp[0]);
    }
    return server
        .single()
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata))
        .processSingleData(Requests.of("/search", DocumentArray.of(Document.ofText(TEXT))));
  }

  private static Value result(DataRequestProto answer, String name) {
    return answer
        .getParameters()
        .getFieldsOrThrow("__results__")
        .getStructValue()
        .getFieldsOrThrow("encoder")
        .getStructValue()
        .getFieldsOrThrow(name);
  }

  /// The answer is of this version, which is planted in this slot, and says so everywhere.
  private void isOf(DataRequestProto answer, int version, int slot) {
    Document document = Requests.documents(answer).getFirst();
    assertThat(result(answer, "model").getStringValue()).isEqualTo("m@" + version);
    assertThat(document.embeddingSpace())
        .contains(store.open(new ModelVersion("m", version)).artifact().space().id());
    float[] actual = document.embedding().orElseThrow().floats();
    float[] expected = PlantedModels.embedding(TEXT, slot);
    for (int i = 0; i < expected.length; i++) {
      assertThat(actual[i]).isCloseTo(expected[i], within(1e-5f));
    }
  }

  @Test
  void goesThroughARolloutAndBack() {
    StoredModel next = PlantedModels.publish(store, "m", 1);
    isOf(search(), 1, 0);
    MoveRequest preparing =
        move(1, 1, 2, RolloutState.PREPARING).toBuilder()
            .setToSpace(next.artifact().space().id())
            .setDimension(PlantedModels.DIMENSION)
            .build();
    List<Progress> progress = moved(preparing);
    assertThat(progress.getLast().getReached()).isEqualTo(RolloutState.PREPARING);
    assertThat(progress.getFirst().getReached()).isEqualTo(RolloutState.ROLLOUT_STATE_UNSPECIFIED);
    isOf(search(), 1, 0);
    isOf(search("m@1"), 1, 0);
    isOf(search("m@2"), 2, 1);
    assertThat(meters.get(EncoderMeter.VERSIONS.key()).gauge().value()).isEqualTo(2);
    assertThat(meters.get(EncoderMeter.LOAD.key()).timer().count()).isEqualTo(1);
    reach(preparing.toBuilder().setState(RolloutState.LIVE).build());
    isOf(search(), 2, 1);
    isOf(search("m@1"), 1, 0);
    ModelStanding live = standing();
    assertThat(live.getLive()).isEqualTo("2");
    assertThat(live.getReached()).isTrue();
    assertThat(live.getEpoch()).isEqualTo(1);
    assertThat(live.getRollout()).isEqualTo("rollout-1");
    assertThat(live.getHeldList()).extracting(Held::getVersion).containsExactly("1", "2");
    assertThat(live.getHeldList()).allMatch(Held::getReady);
    reach(preparing.toBuilder().setState(RolloutState.RETIRED).build());
    assertThat(standing().getHeldList()).extracting(Held::getVersion).containsExactly("2");
    assertThatThrownBy(() -> search("m@1"))
        .hasMessage("UNAVAILABLE: model: m@1 is not loaded here (expected: one of [m@2])");
    reach(move(2, 2, 1, RolloutState.LIVE));
    isOf(search(), 1, 0);
    assertThat(meters.get(EncoderMeter.REFUSED.key()).counter().count()).isEqualTo(0);
  }

  @ParameterizedTest
  @CsvSource({
    "CORRUPT_FILE, model.onnx has sha256",
    "WRONG_DIMENSION, output embedding is",
    "NAN_WEIGHTS, NaN at dimension 0 (expected: finite numbers)",
    "WRONG_TOKENIZER, to the goldens (expected: >= 0.9999)",
    "CRASH_ON_LOAD, the process that tried it crashed with signal",
    "COLLAPSED, are all alike (expected: some apart)",
    "SLOW, 'times as long as m@1 (expected: at most 20 times, slower_at_most)'"
  })
  void refusesAPoisonedVersionByNameAndServesOn(Poison poison, String reason) {
    StoredModel _ = PlantedModels.poisoned(store, "m", 1, poison);
    assertThatThrownBy(() -> moved(move(1, 1, 2, RolloutState.PREPARING)))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            refused ->
                assertThat(refused.getStatus().getCode())
                    .isEqualTo(Status.Code.FAILED_PRECONDITION))
        .hasMessageStartingWith("FAILED_PRECONDITION: model m@2: ")
        .hasMessageContaining(reason);
    isOf(search(), 1, 0);
    ModelStanding standing = standing();
    assertThat(standing.getHeldList()).extracting(Held::getVersion).containsExactly("1");
    assertThat(standing.getReached()).isFalse();
    assertThat(standing.getRefusal()).startsWith("model m@2: ").contains(reason);
    assertThat(meters.get(EncoderMeter.REFUSED.key()).counter().count()).isEqualTo(1);
    reach(move(1, 1, 2, RolloutState.ROLLOUT_FAILED));
    assertThat(standing().getRefusal()).isEmpty();
  }

  @Test
  void endsAVersionThatHangs() {
    StoredModel _ = PlantedModels.poisoned(store, "m", 1, Poison.ENDLESS);
    restart(Map.of("check_seconds", 3));
    assertThatThrownBy(() -> moved(move(1, 1, 2, RolloutState.PREPARING)))
        .hasMessageContaining(
            "model m@2: model.onnx: the process that tried it was not done after 3 s");
    isOf(search(), 1, 0);
  }

  @Test
  void refusesWhatIsNotWhatTheRolloutSays() {
    StoredModel _ = PlantedModels.publish(store, "m", 1);
    MoveRequest.Builder request = move(1, 1, 2, RolloutState.PREPARING).toBuilder();
    assertThatThrownBy(() -> moved(request.clone().setDimension(65).build()))
        .hasMessageContaining("model m@2: dimension is 64 (expected: 65, as the rollout says)");
    assertThatThrownBy(() -> moved(request.clone().setToSpace("other").build()))
        .hasMessageContaining("(expected: other, as the rollout says)");
    assertThatThrownBy(() -> moved(request.clone().setFromSpace("other").build()))
        .hasMessageContaining("model m@1: space is");
    assertThatThrownBy(() -> moved(request.clone().setEpoch(2).setToVersion("9").build()))
        .hasMessageContaining("model m@9: model: m@9 is not in the store");
    assertThatThrownBy(() -> moved(request.clone().setEpoch(0).build()))
        .hasMessageContaining("INVALID_ARGUMENT: epoch: 0");
    reach(
        request
            .clone()
            .setEpoch(2)
            .setState(RolloutState.ROLLOUT_FAILED)
            .setToVersion("9")
            .build());
    reach(request.clone().setEpoch(3).setState(RolloutState.LIVE).build());
    isOf(search(), 2, 1);
  }

  @Test
  void refusesWhatDoesNotFit() {
    StoredModel first = store.open(new ModelVersion("m", 1));
    StoredModel _ = PlantedModels.publish(store, "m", 1);
    restart(Map.of("model_bytes", (double) (MemoryRoom.taken(first) + 1000)));
    assertThatThrownBy(() -> moved(move(1, 1, 2, RolloutState.PREPARING)))
        .hasMessageStartingWith("RESOURCE_EXHAUSTED: model m@2: takes about");
    isOf(search(), 1, 0);
  }

  @Test
  void startsWhereRolloutsHaveLeftIt() {
    StoredModel _ = PlantedModels.publish(store, "m", 1);
    restart(Map.of());
    isOf(search(), 1, 0); // not the newest: what is live is the Flow's to say
    reach(move(1, 1, 2, RolloutState.CANARY));
    restart(Map.of());
    isOf(search(), 1, 0);
    isOf(search("m@2"), 2, 1);
    reach(move(1, 1, 2, RolloutState.LIVE));
    restart(Map.of("model", "m@1")); // brought by a rollout, so the options count for nothing
    isOf(search(), 2, 1);
    assertThatThrownBy(() -> moved(move(1, 1, 2, RolloutState.CANARY)))
        .hasMessageContaining("not back from LIVE");
  }

  @Test
  void aVersionThatTheOptionsNameGoesBeforeOneThatNoRolloutBrought() {
    StoredModel _ = PlantedModels.publish(store, "m", 1);
    restart(Map.of("model", "m@2"));
    isOf(search(), 2, 1);
    restart(Map.of());
    isOf(search(), 2, 1);
  }

  @Test
  void aDamagedStandingKeepsItFromStarting() throws IOException {
    server.close();
    Files.writeString(folder.resolve("work").resolve(StandingFile.NAME), "{");
    assertThatThrownBy(() -> start(Map.of())).hasMessageContaining(StandingFile.NAME);
  }

  @Test
  void aWorkspaceThatCannotBeWrittenServesButTakesNoCommands() throws IOException {
    server.close();
    Path work = folder.resolve("work");
    Files.delete(work.resolve(StandingFile.NAME));
    Files.delete(work);
    Files.writeString(work, "a file in its place");
    server = start(Map.of());
    isOf(search(), 1, 0);
    assertThatThrownBy(() -> moved(move(1, 1, 2, RolloutState.PREPARING)))
        .hasMessageStartingWith("UNAVAILABLE: standing: cannot be kept");
  }

  @Test
  void waitsForTheCoordinatorBeforeItServes() throws Exception {
    StoredModel _ = PlantedModels.publish(store, "m", 1);
    int port = freePort();
    server.close();
    Thread coordinator =
        Thread.ofVirtual()
            .start(() -> {
              ManagedChannel channel =
                  ManagedChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
              ParticipantGrpc.newBlockingStub(channel)
                  .withWaitForReady()
                  .move(move(1, 1, 2, RolloutState.LIVE))
                  .forEachRemaining(_ -> {});
              channel.shutdownNow();
            });
    server = start(Map.of("admin_port", port, "join_seconds", 60));
    isOf(search(), 2, 1);
    coordinator.join();
  }

  /// Where no rollout asks anything of it, nobody commands it; so the lease must say so.
  @Test
  void servesOnceTheCoordinatorCountsItWhereTheFlowIs() {
    server.close();
    AtomicInteger asked = new AtomicInteger();
    AdminServer coordinator =
        AdminServer.start(
            new AdminOptions("127.0.0.1", 0, null),
            List.of(
                new RegistryGrpc.RegistryImplBase() {
                  @Override
                  public void register(RegisterRequest request, StreamObserver<Lease> caller) {
                    boolean isCurrent = asked.incrementAndGet() > 3;
                    caller.onNext(
                        Lease.newBuilder()
                            .setLease("lease")
                            .setTimeToLive(60_000)
                            .setCurrent(isCurrent)
                            .build());
                    caller.onCompleted();
                  }
                }));
    open.add(coordinator);
    server =
        start(
            Map.of(
                "admin_port",
                0,
                "coordinator",
                "127.0.0.1:" + coordinator.port(),
                "join_seconds",
                3600));
    assertThat(asked).hasValue(4);
    isOf(search(), 1, 0);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
