package io.attune.cli.hello;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.cli.ExitCode;
import io.attune.cli.JsonFile;
import io.attune.cli.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// The main job on a corpus of the caller's.
class HelloQaTest {
  @TempDir private Path folder;

  @Test
  void indexesAsksScoresAndWritesEveryFigure() throws IOException {
    StringBuilder corpus = new StringBuilder("question,answer,wrong_answer\n");
    String[] things = {"lamp", "tent", "kettle", "saddle", "rope", "map", "stove", "whistle"};
    for (String thing : things) {
      corpus.append(
          "Where is the %s?,The %s hangs at the door.,A new %s is nine crowns.%n"
              .formatted(thing, thing, thing));
      corpus.append("How much is a %s?,A new %s is nine crowns.,%n".formatted(thing, thing));
    }
    Path data = Files.writeString(folder.resolve("camp.csv"), corpus);
    Path json = folder.resolve("figures.json");
    Run run =
        Run.of(
            "hello",
            "qa",
            "--data",
            data.toString(),
            "--exit",
            "--no-tune",
            "--json",
            json.toString());
    assertThat(run.code()).as(run.err()).isEqualTo(ExitCode.OK);
    assertThat(run.out()).contains("metric @20", "reciprocal_rank", "camp.csv: 16 answers");
    JsonNode figures = JsonFile.read(json);
    JsonNode rank = figures.get("metrics").get("reciprocal_rank");
    assertThat(rank.get("value").asDouble())
        .isBetween(rank.get("low").asDouble(), rank.get("high").asDouble());
    assertThat(rank.get("value").asDouble()).isGreaterThan(0.5);
    assertThat(figures.get("right_over_wrong").get("value").asDouble()).isGreaterThan(0.5);
    assertThat(figures.get("throughput").get("searches_per_second").asDouble()).isPositive();
    assertThat(figures.get("latency_ms").get("p99").asDouble())
        .isGreaterThanOrEqualTo(figures.get("latency_ms").get("p50").asDouble());
    assertThat(run.err()).as("--no-tune").doesNotContain("asking the training questions");
  }

  @Test
  void theFirstFiguresAreWrittenThoughTuningFails() throws IOException {
    Path data = Files.writeString(folder.resolve("one.csv"), "question,answer\nWhen?,Then.\n");
    Path workspace = Files.createDirectories(folder.resolve("blocked"));
    Files.writeString(workspace.resolve("tuning"), "no folder");
    Path json = folder.resolve("first.json");
    Run run =
        Run.of(
            "hello",
            "qa",
            "--data=" + data,
            "--exit",
            "--json=" + json,
            "--workspace=" + workspace);
    assertThat(run.code()).isNotEqualTo(ExitCode.OK);
    assertThat(JsonFile.read(json).get("test_questions").asInt()).isEqualTo(1);
  }

  @Test
  void aWorkspaceIsKeptAndUsedAgain() throws IOException {
    Path data =
        Files.writeString(
            folder.resolve("two.csv"),
            "question,answer\nWho?,Me.\nWhere?,There.\nWhen?,Then.\nWhy?,So.\n");
    Path workspace = folder.resolve("kept");
    for (int start = 0; start < 2; start++) {
      Run run =
          Run.of(
              "hello",
              "qa",
              "--data",
              data.toString(),
              "--exit",
              "--workspace",
              workspace.toString());
      assertThat(run.code()).as(run.err()).isEqualTo(ExitCode.OK);
      assertThat(run.out()).contains("two.csv: 4 answers");
      assertThat(run.err()).contains("too little to tune on (expected: 8 judged");
    }
    assertThat(workspace.resolve("indexer")).isNotEmptyDirectory();
  }
}
