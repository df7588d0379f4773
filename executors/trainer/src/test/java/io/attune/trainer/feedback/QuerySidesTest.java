package io.attune.trainer.feedback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.json.StructJson;
import io.attune.runtime.testing.Requests;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuerySidesTest {
  private static final int QUERIES = 60;

  @TempDir Path folder;

  @Test
  void heldOutQueriesAreNeverTrainedOn() throws IOException {
    Set<String> gate;
    try (FeedbackHarness feedback = new FeedbackHarness(folder, Map.of("gate_share", 0.5))) {
      judge(feedback, texts(1));

      gate = exported(feedback, "gate");
      Set<String> train = exported(feedback, "train");
      assertThat(gate).hasSizeBetween(15, 45); // four standard deviations about 30
      assertThat(train).hasSize(QUERIES - gate.size()).doesNotContainAnyElementsOf(gate);
      assertThat(exported(feedback, "neither")).isEmpty();
      assertThat(exported(feedback, "all")).hasSize(QUERIES).containsAll(gate);
      assertThat(trained()).isEqualTo(train);
      assertThat(texts(documents(feedback, Map.of())))
          .as("what is exported is trained on, unless asked for otherwise")
          .isEqualTo(train);
      assertThat(feedback.export())
          .allSatisfy(query ->
              assertThat(query.tag("side").orElseThrow().getStringValue())
                  .isEqualTo(gate.contains(query.text()) ? "gate" : "train"));
    }
    try (FeedbackHarness again = new FeedbackHarness(folder, Map.of("gate_share", 0))) {
      assertThat(exported(again, "gate")).as("for ever").isEqualTo(gate);
      judge(again, texts(2));
      assertThat(exported(again, "gate")).as("no new ones with share 0").isEqualTo(gate);
    }
    try (FeedbackHarness again = new FeedbackHarness(folder, Map.of("gate_share", 0.9))) {
      assertThat(exported(again, "gate")).as("what was trained on stays").isEqualTo(gate);
    }
  }

  @Test
  void whatWasJudgedBeforeMayHaveBeenTrainedOn() throws IOException {
    try (FeedbackHarness feedback = new FeedbackHarness(folder, Map.of("gate_share", 0))) {
      judge(feedback, texts(1));
      assertThat(exported(feedback, "train")).hasSize(QUERIES);
      assertThat(folder.resolve("gate.split")).doesNotExist();
    }
    try (FeedbackHarness feedback = new FeedbackHarness(folder, Map.of("gate_share", 0.9))) {
      assertThat(exported(feedback, "gate")).isEmpty();
      assertThat(trained()).hasSize(QUERIES);
      judge(feedback, texts(2));
      assertThat(exported(feedback, "gate")).hasSizeGreaterThan(QUERIES / 2);
    }
  }

  @Test
  void pagesThroughOneSide() {
    try (FeedbackHarness feedback = new FeedbackHarness(folder, Map.of("gate_share", 0.5))) {
      judge(feedback, texts(1));
      List<String> paged = new ArrayList<>();
      for (int i = 0; i < QUERIES; i++) {
        Map<String, ?> page = Map.of("side", "gate", "offset", i, "limit", 1);
        documents(feedback, page).forEach(query -> paged.add(query.text()));
      }
      assertThat(paged).containsExactlyElementsOf(exported(feedback, "gate"));
      assertThatThrownBy(() -> documents(feedback, Map.of("side", "gates")))
          .hasMessageContaining("side: gates (expected: did you mean gate?");
    }
    assertThatThrownBy(() -> new FeedbackHarness(folder, Map.of("gate_share", 1)))
        .hasMessageContaining("gate_share: 1.0 (expected: 0..0.9)");
  }

  @Test
  void aSearchMayAskNotToBeNoted() {
    try (FeedbackHarness feedback = new FeedbackHarness(folder, Map.of())) {
      feedback.search("noted", "", FeedbackHarness.query("q", "one", "a"));
      feedback.send(
          Requests.with(
              feedback.request("silent", FeedbackHarness.query("q", "one", "a")),
              StructJson.of(Map.of("impressions", false))),
          "");
      feedback.post("/feedback", Map.of("request_id", "noted", "relevant", "a"));
      assertThatThrownBy(
              () -> feedback.post("/feedback", Map.of("request_id", "silent", "relevant", "a")))
          .hasMessageContaining("silent");
    }
  }

  private static List<String> texts(int seed) {
    Random random = new Random(seed);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < QUERIES; i++) {
      texts.add(
          Long.toString(random.nextLong() >>> 1, 36)
              + " "
              + Long.toString(random.nextLong() >>> 1, 36));
    }
    return texts;
  }

  private static void judge(FeedbackHarness feedback, List<String> texts) {
    for (String text : texts) {
      feedback.search(text, "", FeedbackHarness.query("q", text, "a", "b"));
      feedback.post("/feedback", Map.of("request_id", text, "relevant", "a", "irrelevant", "b"));
    }
  }

  private Set<String> trained() throws IOException {
    Set<String> texts = new LinkedHashSet<>();
    FeedbackSet.forTraining(folder).queries().forEach(query -> texts.add(query.text()));
    return texts;
  }

  private static Set<String> exported(FeedbackHarness feedback, String side) {
    return texts(documents(feedback, Map.of("side", side)));
  }

  private static Set<String> texts(List<Document> queries) {
    Set<String> texts = new LinkedHashSet<>();
    queries.forEach(query -> texts.add(query.text()));
    return texts;
  }

  private static List<Document> documents(FeedbackHarness feedback, Map<String, ?> parameters) {
    return Requests.documents(feedback.answer("/feedback/export", DocumentArray.of(), parameters));
  }
}
