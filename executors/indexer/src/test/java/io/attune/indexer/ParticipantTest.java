package io.attune.indexer;

import static io.attune.indexer.PlantedSpaces.NEW;
import static io.attune.indexer.PlantedSpaces.OLD;
import static io.attune.indexer.RolloutHarness.to;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Empty;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.proto.attune.ModelStanding;
import io.attune.proto.attune.ModelStanding.Held;
import io.attune.proto.attune.MoveRequest;
import io.attune.proto.attune.ParticipantGrpc;
import io.attune.proto.attune.ParticipantGrpc.ParticipantBlockingStub;
import io.attune.proto.attune.ParticipantStanding;
import io.attune.proto.attune.Progress;
import io.attune.proto.attune.RolloutState;
import io.attune.runtime.Answer;
import io.attune.runtime.Call;
import io.attune.runtime.ExecutorContext;
import io.attune.runtime.testing.Requests;
import io.attune.runtime.testing.TestServer;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The service over its channel, with an encoder behind another.
@Timeout(120)
class ParticipantTest {
  @TempDir Path folder;
  private final Set<String> asked = ConcurrentHashMap.newKeySet();
  private TestServer encoder;
  private TestServer indexer;

  @BeforeEach
  void open() {
    encoder = TestServer.of(endpoints -> endpoints.read("/encode", this::encode));
    indexer = serve();
    index("a", "one");
    index("b", "two");
  }

  private TestServer serve() {
    ExecutorContext context =
        new ExecutorContext(
            "indexer",
            IndexerHarness.parameters("encoder", encoder.address(), "shards", 3, "shard", 2),
            folder,
            new SimpleMeterRegistry());
    return TestServer.of(new IndexerFactory().create(context), context);
  }

  @AfterEach
  void close() {
    indexer.close();
    encoder.close();
  }

  private Answer encode(Call call) {
    int version = call.model("planted").orElseThrow().version();
    asked.add(version + " " + call.priority() + " " + call.endpoint());
    return Answer.of(
        DocumentArray.of(
            call.documents().stream()
                .map(document -> PlantedSpaces.marked(document.copy(), version == 1 ? OLD : NEW))
                .toList()));
  }

  private void index(String id, String text) {
    Document document = PlantedSpaces.document(id, text, OLD);
    var _ = indexer.single().processSingleData(Requests.of("/index", DocumentArray.of(document)));
  }

  private ParticipantBlockingStub stub() {
    return ParticipantGrpc.newBlockingStub(indexer.channel());
  }

  private List<Progress> move(MoveRequest.Builder command) {
    List<Progress> told = new ArrayList<>();
    stub().move(command.build()).forEachRemaining(told::add);
    return told;
  }

  private ParticipantStanding standing() {
    return stub().standing(Empty.getDefaultInstance());
  }

  @Test
  void goesTheWholeWayThroughTheEncodersRpc() {
    assertThat(standing())
        .isEqualTo(
            ParticipantStanding.newBuilder()
                .setKind("indexer")
                .setName("indexer")
                .setShard(2)
                .build());
    for (RolloutState state :
        List.of(
            RolloutState.PREPARING,
            RolloutState.REINDEXING,
            RolloutState.READY,
            RolloutState.CANARY,
            RolloutState.LIVE)) {
      assertThat(move(to(state)).getLast().getReached()).isEqualTo(state);
    }
    assertThat(asked).containsExactly("2 BULK /encode");
    ModelStanding model = standing().getModels(0);
    assertThat(model.getLive()).isEqualTo("2");
    assertThat(model.getHeldList()).extracting(Held::getSpace).containsExactly(OLD, NEW);
    assertThat(model.getHeldList()).allMatch(Held::getReady).allMatch(held -> held.getBytes() > 0);
    assertThat(model.getHeldList()).extracting(Held::getPosition).containsExactly(2L, 2L);
    move(to(RolloutState.RETIRED));
    assertThat(standing().getModels(0).getHeldList())
        .extracting(Held::getVersion)
        .containsExactly("2");
    Document query = PlantedSpaces.marked(Document.ofText("two"), NEW);
    assertThat(
            Requests.documents(
                    indexer
                        .single()
                        .processSingleData(Requests.of("/search", DocumentArray.of(query))))
                .getFirst()
                .matches())
        .extracting(Document::id)
        .containsExactly("b", "a");
  }

  @Test
  void anOldCoordinatorIsFencedOverARestart() {
    move(to(RolloutState.READY).setRollout("r7").setEpoch(7));
    indexer.close();
    indexer = serve();
    refused(
        to(RolloutState.ROLLED_BACK).setEpoch(6),
        Status.Code.FAILED_PRECONDITION,
        "epoch: 6 (expected: at least 7, which was seen for model planted)");
    refused(
        to(RolloutState.ROLLED_BACK).setEpoch(7),
        Status.Code.FAILED_PRECONDITION,
        "rollout: r1 with epoch 7 (expected: r7, which has it)");
    assertThat(standing().getModels(0).getHeldCount()).isEqualTo(2);
    // what is passed already is confirmed, whoever asks late
    move(to(RolloutState.REINDEXING).setRollout("r7").setEpoch(7));
    move(to(RolloutState.ROLLOUT_FAILED).setRollout("r7").setEpoch(7));
    assertThat(standing().getModels(0).getHeldCount()).isEqualTo(1);
    refused(
        to(RolloutState.READY).setRollout("r7").setEpoch(7),
        Status.Code.FAILED_PRECONDITION,
        "state: READY (expected: another rollout, as r7 is ROLLOUT_FAILED)");
  }

  @Test
  void refusesWhatCannotBeMeant() {
    List<MoveRequest.Builder> wrong =
        List.of(
            to(RolloutState.ROLLOUT_STATE_UNSPECIFIED),
            to(RolloutState.READY).setStateValue(77),
            to(RolloutState.READY).setEpoch(0),
            to(RolloutState.READY).setEpoch(-1),
            to(RolloutState.READY).setRollout(""),
            to(RolloutState.READY).setRollout("x".repeat(129)),
            to(RolloutState.READY).setModel("a\nb"),
            to(RolloutState.READY).setToVersion("new"),
            to(RolloutState.READY).setFromSpace(""),
            to(RolloutState.READY).setToSpace("two\nlines"),
            to(RolloutState.READY).setDimension(0),
            to(RolloutState.READY).setDimension(-1),
            to(RolloutState.READY).setOwnVectorsValue(9),
            to(RolloutState.READY).setAllowMissing(-1),
            to(RolloutState.READY).setDocumentsPerSecond(Double.NaN),
            to(RolloutState.READY).setDocumentsPerSecond(-1),
            to(RolloutState.READY).setEncoder("nowhere"));
    for (MoveRequest.Builder command : wrong) {
      refused(command, Status.Code.INVALID_ARGUMENT, "(expected: ");
    }
    refused(
        to(RolloutState.READY).setFromSpace("unknown"),
        Status.Code.FAILED_PRECONDITION,
        "from_space: unknown (expected: old-space, which the index holds)");
    assertThat(standing().getModels(0).getHeldCount()).isEqualTo(1);
  }

  private void refused(MoveRequest.Builder command, Status.Code code, String message) {
    assertThatThrownBy(() -> move(command))
        .as("%s", command)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class, e -> assertThat(e.getStatus().getCode()).isEqualTo(code))
        .hasMessageContaining(message);
  }

  @Test
  void aVersionThatKeepsTheSpaceNeedsNoGeneration() {
    for (RolloutState state : List.of(RolloutState.READY, RolloutState.LIVE)) {
      move(to(state).setToSpace(OLD));
    }
    assertThat(standing().getModels(0).getHeldCount()).isEqualTo(1);
    assertThat(standing().getModels(0).getLive()).isEqualTo("2");
    move(to(RolloutState.ROLLED_BACK).setToSpace(OLD));
    assertThat(standing().getModels(0).getLive()).isEqualTo("1");
    assertThat(asked).isEmpty();
  }
}
