package io.attune.cli.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import io.attune.cli.ExitCode;
import io.attune.cli.Run;
import io.attune.cli.client.FlowAnswer;
import io.attune.cli.client.FlowClient;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.json.StructJson;
import io.attune.models.testing.PlantedModels;
import io.attune.proto.attune.GateVerdict;
import io.attune.proto.attune.ListRolloutsRequest;
import io.attune.proto.attune.Rollout;
import io.attune.proto.attune.RolloutState;
import io.attune.runtime.Answer;
import io.attune.runtime.Endpoints;
import io.attune.runtime.Executor;
import io.attune.runtime.ExecutorContext;
import io.attune.runtime.ExecutorFactory;
import io.attune.runtime.registry.ExecutorRegistry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Swaps behind the gate: real encoder, index, feedback and evaluator. The planted models answer
/// alike, so a swap gains exactly nothing.
@Timeout(120)
class GatedRolloutTest {
  private static final int DOCUMENTS = 125; // some 112 of which belong to the gate
  private static final String LEARN =
      PlantedFlow.ENCODER.replace("model: m,", "model: m@1,")
          + """
            - {name: indexer, uses: Indexer}
            - {name: feedback, uses: Feedback, uses_with: {gate_share: 0.9}}
            - {name: evaluator, uses: Evaluator}
          """;

  @TempDir private Path folder;

  /// Stands for a trainer: what runs there are is the test's to say.
  private static final class FakeRuns implements ExecutorFactory, Executor {
    private final List<Map<String, Object>> runs = new CopyOnWriteArrayList<>();

    void finished(String id, String artifact, String when) {
      runs.add(Map.of("id", id, "status", "FINISHED", "artifact", artifact, "finished", when));
    }

    @Override
    public String name() {
      return "FakeRuns";
    }

    @Override
    public Executor create(ExecutorContext context) {
      return this;
    }

    @Override
    public void bind(Endpoints endpoints) {
      endpoints.read(
          "/runs/list",
          call -> {
            assertThat(call.parameters().string("experiment", "")).isEqualTo("feedback");
            return Answer.of(DocumentArray.of()).withResults(StructJson.of(Map.of("runs", runs)));
          });
    }
  }

  @Test
  void refusesWhatIsNoBetterWithTheTable() throws InterruptedException {
    try (PlantedFlow flow = PlantedFlow.start(folder, LEARN);
        FlowClient client = FlowClient.connect("localhost:" + flow.flow.grpcPort())) {
      index(client);
      Run early = swap(flow, "0");
      assertThat(early.err()).contains("min_gain: 0 held-out queries are judged (expected: 100 or");
      judge(client);
      long impressions = impressions(client);

      Run swap = swap(flow, "0");

      assertThat(swap.code()).isEqualTo(ExitCode.FAILURE);
      assertThat(swap.err())
          .contains("gate: refused: reciprocal_rank +0.0000, at least +0.0000")
          .contains("reciprocal_rank")
          .contains("95 % interval")
          .contains("; m@1 is live");
      GateVerdict gate = rollouts(flow).getLast().getGate();
      assertThat(gate.getQueries()).isBetween(100L, (long) DOCUMENTS);
      assertThat(gate.getLive()).as("the text of a document finds it first").isEqualTo(1);
      assertThat(gate.getCandidate()).isEqualTo(1);
      assertThat(gate.getEqual()).isEqualTo(gate.getQueries());
      assertThat(gate.getLiveUnjudged()).isBetween(0.8, 0.95); // two of twenty are judged
      assertThat(impressions(client)).as("the gate leaves none").isEqualTo(impressions);

      Run allowed = swap(flow, "-0.01");

      assertThat(allowed.err()).contains("gate: passed: ");
      assertThat(allowed.out()).contains("m@2 is live");
    }
  }

  @Test
  void whatWasTunedGoesLiveByItself() throws InterruptedException {
    FakeRuns runs = new FakeRuns();
    List<ExecutorFactory> all = new ArrayList<>(List.of(runs));
    ServiceLoader.load(ExecutorFactory.class).forEach(all::add);
    String yaml =
        LEARN.replace(
                "attune: {admin_port: 0}",
                "attune: {admin_port: 0, promote: {min_gain: -0.01, drain_seconds: 600}}")
            + "  - {name: trainer, uses: FakeRuns}\n";
    try (PlantedFlow flow =
            PlantedFlow.start(
                folder, yaml, ExecutorRegistry.of(all.toArray(ExecutorFactory[]::new)));
        FlowClient client = FlowClient.connect("localhost:" + flow.flow.grpcPort())) {
      index(client);
      runs.finished("feedback/old", "m@1", "2026-01-01T00:00:00Z");
      runs.finished("feedback/tuned", "m@2", "2026-01-02T00:00:00Z");
      assertThat(rollouts(flow)).as("too little was judged").isEmpty();

      judge(client);

      Rollout live = awaitRollout(flow, RolloutState.LIVE);
      assertThat(live.getToVersion()).isEqualTo("2");
      assertThat(live.getGate().getPassed()).isTrue();

      Run back = Run.of("rollback", "m", "--address", "127.0.0.1:" + flow.flow.adminPort());
      assertThat(back.code()).as(back.err()).isEqualTo(ExitCode.OK);
      awaitRollout(flow, RolloutState.ROLLED_BACK);
      var _ = PlantedModels.publish(flow.store, "m", 2);
      runs.finished("feedback/again", "m@3", "2026-01-03T00:00:00Z");
      Rollout next = awaitRollout(flow, RolloutState.LIVE);
      assertThat(next.getToVersion()).as("what was taken back is not tried again").isEqualTo("3");
      assertThat(rollouts(flow)).hasSize(2);
    }
  }

  private static void index(FlowClient client) {
    Map<String, String> texts = new TreeMap<>();
    for (int i = 0; i < DOCUMENTS; i++) {
      texts.put("doc-" + i, PlantedModels.text(i));
    }
    PlantedFlow.index(client, texts);
  }

  /// Searches for the text of each document, and judges it and what was found last.
  private static void judge(FlowClient client) {
    for (int i = 0; i < DOCUMENTS; i++) {
      FlowAnswer answer = PlantedFlow.search(client, PlantedModels.text(i), 20);
      List<String> found = answer.documents().get(0).matches().stream().map(Document::id).toList();
      PlantedFlow.judge(client, answer, found.getFirst(), found.getLast());
    }
  }

  private static long impressions(FlowClient client) {
    List<FlowAnswer> answers = new ArrayList<>();
    client.post(
        "/feedback/status",
        List.<Document>of().iterator(),
        Struct.getDefaultInstance(),
        1,
        answers::add);
    return (long)
        answers
            .getFirst()
            .results()
            .getFieldsOrThrow("feedback")
            .getStructValue()
            .getFieldsOrThrow("impressions")
            .getStructValue()
            .getFieldsOrThrow("kept")
            .getNumberValue();
  }

  private static Run swap(PlantedFlow flow, String gain) {
    return Run.of(
        "swap",
        "m@2",
        "--watch",
        "--min-gain",
        gain,
        "--address",
        "127.0.0.1:" + flow.flow.adminPort());
  }

  private static List<Rollout> rollouts(PlantedFlow flow) {
    return flow.rollouts().list(ListRolloutsRequest.getDefaultInstance()).getRolloutsList();
  }

  /// Waits until the last rollout is in a state, and reached it.
  private static Rollout awaitRollout(PlantedFlow flow, RolloutState state)
      throws InterruptedException {
    while (true) {
      List<Rollout> all = rollouts(flow);
      if (!all.isEmpty() && all.getLast().getState() == state && all.getLast().getReached()) {
        return all.getLast();
      }
      Thread.sleep(20);
    }
  }
}
