package io.attune.cli.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.cli.ExitCode;
import io.attune.cli.Run;
import io.attune.evaluator.metrics.Estimate;
import io.attune.models.ModelStore;
import io.attune.models.testing.PlantedModels;
import io.attune.trainer.run.ProgressEvent;
import io.attune.trainer.run.RunArtifact;
import io.attune.trainer.run.RunConfig;
import io.attune.trainer.run.RunFolder;
import io.attune.trainer.run.RunStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class RunsCommandsTest {
  @TempDir private Path root;

  private Run run(String... arguments) {
    return Run.of(
        Stream.concat(
                Arrays.stream(arguments), Stream.of("--runs", root.resolve("runs").toString()))
            .toArray(String[]::new));
  }

  private RunFolder create(String name) {
    return RunStore.at(root.resolve("runs"))
        .create(RunConfig.of(Map.of("model", "m", "train_data", "t", "run_name", name)));
  }

  @Test
  void listsWhatIsThere() {
    assertThat(run("runs", "list").err()).startsWith("no runs in ");
    create("first");
    create("second").requestCancel();
    assertThat(run("runs", "list").out())
        .contains("default/first   CREATED", "default/second  CANCELLED")
        .contains("before it was started");
    JsonNode list = JsonMapper.shared().readTree(run("runs", "list", "--json").out());
    assertThat(list.findValuesAsString("run")).containsExactly("first", "second");
    assertThat(list.get(0).path("artifact").isNull()).isTrue();
    assertThat(run("runs", "list", "--experiment", "other").out()).isEmpty();
  }

  @Test
  void listsTheOthersBesideOneThatIsDamaged() throws IOException {
    create("first");
    Path damaged = create("second").path();
    create("third");
    Files.writeString(damaged.resolve("state.json"), "{");
    Run table = run("runs", "list");
    assertThat(table.code()).isEqualTo(ExitCode.OK);
    assertThat(table.out())
        .contains("default/first   CREATED", "default/second  DAMAGED", "default/third   CREATED")
        .contains("state.json");
    JsonNode list = JsonMapper.shared().readTree(run("runs", "list", "--json").out());
    assertThat(list.findValuesAsString("status"))
        .containsExactlyInAnyOrder("CREATED", "DAMAGED", "CREATED");
  }

  @Test
  void aNameThatCannotBeIsToldOfAsTheRuns() {
    assertThat(run("runs", "status", "a b").err())
        .contains("run: \"a b\" (expected: letters, digits")
        .doesNotContain("artifact");
  }

  @Test
  void showsLogsAndMetrics() {
    RunFolder first = create("first");
    first.log("started");
    first.record(new ProgressEvent.FitBegin(0, 3, 30));
    first.record(
        new ProgressEvent.Evaluated(
            0, 0, "before", "", Map.of("recall", new Estimate(0.5, 0.25, 0.75))));
    first.record(new ProgressEvent.Step(1, 1, 0.25, 1e-5, 64, 75));
    Run status = run("runs", "status", "first");
    assertThat(status.out())
        .isEqualTo(
            """
            default/first: CREATED
            step 1, epoch 1: loss 0.2500, learning rate 1.00e-05, 64 items/s, 1 min 15 s left
            """);
    assertThat(run("runs", "logs", "first").out()).endsWith("Z started\n");
    assertThat(run("runs", "metrics", "default/first").out())
        .startsWith(
            """
            training: 3 epochs, 30 steps
            evaluation, before training: recall 0.500 (0.250–0.750)
            """);
    Run json = run("runs", "metrics", "first", "--json");
    assertThat(json.out().lines()).hasSize(3);
    JsonNode step = JsonMapper.shared().readTree(json.out().lines().toList().getLast());
    assertThat(step.path("event").asString()).isEqualTo("step");
    assertThat(step.path("learning_rate").asDouble()).isEqualTo(1e-5);
  }

  @Test
  void cancelsFollowsAndDeletes() {
    create("first").log("a line");
    Run cancelled = run("runs", "cancel", "first");
    assertThat(cancelled.out()).isEqualTo("default/first: CANCELLED, before it was started\n");
    assertThat(run("runs", "logs", "first", "--follow").code()).isEqualTo(ExitCode.INTERRUPTED);
    assertThat(run("runs", "metrics", "first", "--follow").code()).isEqualTo(ExitCode.INTERRUPTED);
    Run again = run("runs", "cancel", "first");
    assertThat(again.code()).isEqualTo(ExitCode.FAILURE);
    assertThat(again.err()).contains("is CANCELLED already");
    assertThat(run("runs", "delete", "first").out()).isEqualTo("default/first: deleted\n");
    Run gone = run("runs", "status", "first");
    assertThat(gone.code()).isEqualTo(ExitCode.FAILURE);
    assertThat(gone.err())
        .contains("attune: run: first is not there", "  hint: attune runs list shows what is");
  }

  @Test
  void savesTheModelThatWasPublished() {
    RunFolder first = create("first");
    Run early = run("runs", "save", "first", root.toString());
    assertThat(early.code()).isEqualTo(ExitCode.FAILURE);
    assertThat(early.err()).contains("is CREATED and has no artifact (expected: a finished run)");
    ModelStore store = ModelStore.at(root.resolve("store"));
    first.artifact(RunArtifact.of(PlantedModels.publish(store, "tuned", 0), store));
    Run saved = run("runs", "save", "first", root.resolve("out").toString(), "--json");
    assertThat(saved.code()).as(saved.err()).isEqualTo(ExitCode.OK);
    assertThat(root.resolve("out").resolve("first.zip")).isNotEmptyFile();
    assertThat(JsonMapper.shared().readTree(saved.out()).path("artifact").asString())
        .isEqualTo("tuned@1");
  }
}
