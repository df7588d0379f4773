package io.attune.cli.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import io.attune.cli.ExitCode;
import io.attune.cli.Run;
import io.attune.cli.client.FlowClient;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.models.ModelStore;
import io.attune.models.testing.PlantedModels;
import io.attune.proto.attune.ParticipantProgress;
import io.attune.proto.attune.Rollout;
import io.attune.proto.attune.RolloutOptions;
import io.attune.proto.attune.RolloutRequest;
import io.attune.proto.attune.RolloutState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A version that differs in its query prompt goes live on the vectors that are there.
@Timeout(120)
class QueryPromptRolloutTest {
  private static final String INDEXED =
      PlantedFlow.ENCODER.replace("model: m,", "model: m@1,")
          + "  - {name: indexer, uses: Indexer}\n";
  private static final int DOCUMENTS = 50;
  private static final String PROMPT = "w5 w5 w5 ";

  @TempDir private Path folder;

  @Test
  void keepsTheSpaceAndEmbedsNothingAgain() throws Exception {
    ModelStore store = ModelStore.at(folder.resolve("models"));
    var _ = PlantedModels.publish(store, "m", 0);
    Run made =
        Run.of("models", "import", "m@1", "--query-prompt", PROMPT, "--store=" + store.root());
    assertThat(made.code()).as(made.err()).isEqualTo(ExitCode.OK);
    assertThat(made.err()).contains("import: it keeps the space of m@1");

    Map<String, String> texts = new TreeMap<>();
    for (int i = 0; i < DOCUMENTS; i++) {
      texts.put("doc-" + i, PlantedModels.text(i));
    }
    try (PlantedFlow flow = PlantedFlow.start(folder, INDEXED);
        FlowClient client = FlowClient.connect("localhost:" + flow.flow.grpcPort())) {
      PlantedFlow.index(client, texts);
      assertFound(client, "w7 w9", "", texts);
      Set<Path> generations = generations();
      assertThat(generations).hasSize(1);

      String id = flow.swap("2", RolloutOptions.newBuilder().setDrainSeconds(600)).getId();
      Rollout live =
          flow.await(
              id,
              each -> {
                assertThat(each.getParticipantsList())
                    .filteredOn(one -> one.getKind().equals("indexer"))
                    .as("documents to embed")
                    .allMatch(one -> one.getTotal() == 0);
                assertThat(generations()).isEqualTo(generations);
                return each.getState() == RolloutState.LIVE && each.getReached();
              });
      assertThat(live.getToVersion()).isEqualTo("2");
      assertThat(live.getParticipantsList())
          .extracting(ParticipantProgress::getKind)
          .contains("indexer");
      assertFound(client, "w7 w9", PROMPT, texts);
      flow.rollouts().proceed(RolloutRequest.newBuilder().setRollout(id).build());
      flow.await(id, each -> each.getState() == RolloutState.RETIRED && each.getReached());
      assertThat(generations()).isEqualTo(generations);
      PlantedFlow.index(client, Map.of("later", "w7 w9 w5"));
      texts.put("later", "w7 w9 w5");
      assertFound(client, "w7 w9", PROMPT, texts);
    }
  }

  /// The twenty nearest, and how far they are, are those that are computed here.
  private static void assertFound(
      FlowClient client, String query, String prompt, Map<String, String> texts) {
    float[] asked = PlantedModels.embedding(prompt + query, 0);
    Map<String, Double> distances = new TreeMap<>();
    texts.forEach(
        (id, text) -> distances.put(id, 1 - dot(asked, PlantedModels.embedding(text, 0))));
    List<Double> nearest = distances.values().stream().sorted().limit(20).toList();
    List<Document> matches =
        client
            .post(
                "/search",
                DocumentArray.of(Document.ofText(query).id("q")),
                Struct.getDefaultInstance())
            .getFirst()
            .matches();
    assertThat(matches).hasSize(20);
    for (int i = 0; i < matches.size(); i++) {
      double distance = matches.get(i).scores().values().iterator().next().value();
      assertThat(distance).isCloseTo(nearest.get(i), org.assertj.core.data.Offset.offset(1e-4));
      assertThat(distance)
          .isCloseTo(distances.get(matches.get(i).id()), org.assertj.core.data.Offset.offset(1e-4));
    }
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }

  /// The folders of the shard's generations.
  private Set<Path> generations() {
    try (Stream<Path> all = Files.walk(folder.resolve("state"), 6)) {
      Set<Path> found = new HashSet<>();
      for (Path each : all.filter(path -> path.endsWith("generations")).toList()) {
        try (Stream<Path> children = Files.list(each)) {
          children.forEach(found::add);
        }
      }
      return found;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
