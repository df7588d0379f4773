package io.attune.cli.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.attune.cli.ExitCode;
import io.attune.cli.Run;
import io.attune.trainer.run.RunConfig;
import io.attune.trainer.run.RunFolder;
import io.attune.trainer.run.RunStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// `attune fit` with its process, on tensors that a small `mlp` tells apart.
@Timeout(300)
class FitCommandTest {
  @TempDir private Path folder;
  private Path tensors;

  @BeforeEach
  void writeTensors() throws IOException {
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 16; i++) {
      rows.append(
          """
          {"tensor": [%d, 0.%d, 1], "tags": {"finetuner_label": "%s"}}
          """
              .formatted(i % 2 == 0 ? 1 : -1, i % 9, i % 2 == 0 ? "even" : "odd"));
    }
    tensors = Files.writeString(folder.resolve("tensors.jsonl"), rows);
  }

  private Run fit(String... more) {
    String[] arguments =
        new String[] {
          "fit",
          "--model=mlp",
          "--set=model_options.input_shape=3",
          "--set=model_options.hidden_sizes=4",
          "--output-dim=2",
          "--train=" + tensors,
          "--eval-queries=" + tensors,
          "--loss=NTXentLoss",
          "--epochs=2",
          "--batch-size=8",
          "--run-name=tiny",
          "--runs=" + folder.resolve("runs"),
        };
    String[] all = Arrays.copyOf(arguments, arguments.length + more.length);
    System.arraycopy(more, 0, all, arguments.length, more.length);
    return Run.of(all);
  }

  @Test
  void tunesAModelAndTellsBeforeAndAfter() throws IOException {
    Path json = folder.resolve("fit.json");
    Run run = fit("--json=" + json, "--store=" + folder.resolve("models"));
    assertThat(run.code()).as(run.err()).isEqualTo(ExitCode.OK);
    assertThat(run.out()).contains("reciprocal_rank").contains("artifact: mlp@1");
    JsonNode result = JsonMapper.shared().readTree(json);
    assertThat(result.path("run").asString()).isEqualTo("default/tiny");
    assertThat(result.path("artifact").asString()).isEqualTo("mlp@1");
    assertThat(result.at("/before/recall/value").isNumber()).isTrue();
    assertThat(result.at("/after/recall/low").isNumber()).isTrue();
    double difference =
        result.at("/after/recall/value").asDouble() - result.at("/before/recall/value").asDouble();
    assertThat(result.at("/gain/recall/value").asDouble()).isCloseTo(difference, within(1e-9));
    assertThat(result.at("/gain/recall/low").isNumber()).isTrue();
    assertThat(result.path("seconds").asDouble()).isPositive();
    assertThat(Files.exists(folder.resolve("models/mlp/1/model.onnx"))).isTrue();
  }

  @Test
  void aRunIsResumedInItsOwnStore() {
    Path runs = folder.resolve("runs");
    RunFolder run =
        RunStore.at(runs)
            .create(
                RunConfig.of(
                    Map.of(
                        "model",
                        "mlp",
                        "model_options",
                        Map.of("input_shape", 3, "hidden_sizes", 4),
                        "train_data",
                        tensors.toString(),
                        "loss",
                        "NTXentLoss",
                        "epochs",
                        1,
                        "batch_size",
                        8,
                        "run_name",
                        "tiny")));
    run.models(folder.resolve("own"));
    Run resumed = Run.of("runs", "resume", "tiny", "--runs=" + runs);
    assertThat(resumed.code()).as(resumed.err()).isEqualTo(ExitCode.OK);
    assertThat(folder.resolve("own/mlp/1/model.onnx")).isNotEmptyFile();
  }

  @Test
  void whatIsWrongIsRefusedBeforeThereIsARun() {
    Run run = fit("--train=" + folder.resolve("nothing.csv"), "--set=no_such=1");
    assertThat(run.code()).isNotEqualTo(ExitCode.OK);
    assertThat(run.err()).contains("no_such");
    assertThat(Files.exists(folder.resolve("runs"))).isFalse();
  }
}
