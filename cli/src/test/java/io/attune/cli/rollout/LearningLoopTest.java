package io.attune.cli.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.cli.client.FlowAnswer;
import io.attune.cli.client.FlowClient;
import io.attune.document.Document;
import io.attune.flows.Flows;
import io.attune.proto.attune.ListRolloutsRequest;
import io.attune.proto.attune.Rollout;
import io.attune.proto.attune.RolloutState;
import io.attune.trainer.run.RunFolder;
import io.attune.trainer.run.RunState;
import io.attune.trainer.run.RunStatus;
import io.attune.trainer.run.RunStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The whole way with nobody acting: what people say of searches starts a run in a process of its
/// own, what that publishes passes the gate, and searches are answered by it.
///
/// Documents are of the words `w32` to `w63`, queries of `w0` to `w31`: each word means the one 32
/// behind it, which the model that it begins with does not know, and can learn.
@Timeout(120)
class LearningLoopTest {
  private static final int DOCUMENTS = 100;
  private static final int QUERIES = 160;
  private static final int WORDS = 32;
  private static final int WORDS_OF_DOCUMENT = 5;
  private static final int WORDS_OF_QUERY = 3;

  @TempDir private Path folder;

  /// The ready-made Flow, with a small model, on free ports, and training on what is judged here.
  private String learn() throws IOException {
    try (InputStream in = Objects.requireNonNull(Flows.class.getResourceAsStream("learn.yml"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .replace("protocol: [GRPC, HTTP]\n  port: [54341, 54342]", "protocol: GRPC\n  port: 0")
          .replace("    promote:", "    admin_port: 0\n    promote:")
          .replace(
              "uses: Encoder\n",
              "uses: Encoder\n    uses_with: {model: m@1, store: \"%1$s\", sessions: 1}\n")
          .replace("uses: Feedback\n", "uses: Feedback\n    uses_with: {gate_share: 0.75}\n")
          .replace("fit_after: 500", "fit_after: " + 2 * QUERIES)
          .replace("model: all-MiniLM-L6-v2@1", "model: m@1")
          .replace("epochs: 1", "epochs: 30\n        learning_rate: 0.03")
          .replace("admin_port: 54343", "store: \"%1$s\"\n      runs: " + folder.resolve("runs"));
    }
  }

  @Test
  void whatIsJudgedIsTrainedAndGoesLive() throws Exception {
    try (PlantedFlow flow = PlantedFlow.start(folder, learn());
        FlowClient client = FlowClient.connect("localhost:" + flow.flow.grpcPort())) {
      index(client);
      for (int i = 0; i < QUERIES; i++) {
        judge(client, i);
      }

      RunFolder run = started();
      RunState end = run.follow().events(_ -> {});
      assertThat(end.status()).as(end.details()).isEqualTo(RunStatus.FINISHED);
      assertThat(run.artifact().orElseThrow().model()).isEqualTo("m@3");

      Rollout live = decided(flow);
      assertThat(live.getState()).as(live.getReason()).isEqualTo(RolloutState.LIVE);
      assertThat(live.getToVersion()).isEqualTo("3");
      assertThat(live.getGate().getPassed()).isTrue();
      assertThat(live.getGate().getQueries()).isGreaterThanOrEqualTo(100);
      assertThat(live.getGate().getGainLow()).isPositive();
      assertThat(search(client, 0).model("encoder")).isEqualTo("m@3");
    }
  }

  /// Some words of a document, out of order.
  private static int[] words(int document, int count, Random order) {
    int[] all = new Random(document).ints(0, WORDS).distinct().limit(WORDS_OF_DOCUMENT).toArray();
    return IntStream.generate(() -> all[order.nextInt(all.length)])
        .distinct()
        .limit(count)
        .toArray();
  }

  private static String text(int[] words, int behind) {
    return IntStream.of(words)
        .mapToObj(word -> "w" + (word + behind))
        .collect(Collectors.joining(" "));
  }

  private static void index(FlowClient client) {
    Map<String, String> texts = new TreeMap<>();
    for (int i = 0; i < DOCUMENTS; i++) {
      texts.put("doc-" + i, text(words(i, WORDS_OF_DOCUMENT, new Random(i)), WORDS));
    }
    PlantedFlow.index(client, texts);
  }

  private static FlowAnswer search(FlowClient client, int query) {
    int[] words = words(query % DOCUMENTS, WORDS_OF_QUERY, new Random(1_000L + query));
    return PlantedFlow.search(client, text(words, 0), DOCUMENTS);
  }

  /// Says what is meant, and that the first of the others is not.
  private static void judge(FlowClient client, int query) {
    FlowAnswer answer = search(client, query);
    String relevant = "doc-" + query % DOCUMENTS;
    String irrelevant =
        answer.documents().get(0).matches().stream()
            .map(Document::id)
            .filter(id -> !id.equals(relevant))
            .findFirst()
            .orElseThrow();
    PlantedFlow.judge(client, answer, relevant, irrelevant);
  }

  private RunFolder started() throws InterruptedException {
    RunStore runs = RunStore.at(folder.resolve("runs"));
    while (runs.list().isEmpty()) {
      Thread.sleep(10);
    }
    return runs.list().getFirst();
  }

  /// The rollout, once it is live or will not be.
  private static Rollout decided(PlantedFlow flow) throws InterruptedException {
    while (true) {
      List<Rollout> all =
          flow.rollouts().list(ListRolloutsRequest.getDefaultInstance()).getRolloutsList();
      if (!all.isEmpty()
          && all.getLast().getReached()
          && List.of(RolloutState.LIVE, RolloutState.ROLLOUT_FAILED)
              .contains(all.getLast().getState())) {
        return all.getLast();
      }
      Thread.sleep(20);
    }
  }
}
