package io.attune.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigOverlayTest {
  @Test
  void optionsGiveWayOneByOne(@TempDir Path folder) throws IOException {
    String yaml =
        """
        model: mini
        train_data: a.csv
        csv_options: {columns: [question, answer], header: true}
        loss: TripletMarginLoss
        loss_options: {margin: 0.1, swap: true}
        callbacks: [{EvaluationCallback: {query_data: q, index_data: i, limit: 5}}]
        """;
    Path file = Files.writeString(folder.resolve("run.yml"), yaml);
    RunConfig config =
        RunConfig.read(
            file,
            Map.of(
                "csv_options", Map.of("size", 1000),
                "loss_options", Map.of("margin", 0.3),
                "eval_queries", "new"));
    assertThat(config.csvOptions().columns()).containsExactly("question", "answer");
    assertThat(config.csvOptions().size()).isEqualTo(1000);
    assertThat(config.loss().options()).containsEntry("margin", 0.3).containsEntry("swap", true);
    assertThat(config.callbacks())
        .singleElement()
        .isInstanceOfSatisfying(
            CallbackConfig.Evaluation.class,
            evaluation -> {
              assertThat(evaluation.queryData()).isEqualTo("new");
              assertThat(evaluation.indexData()).as("of the other queries").isNull();
              assertThat(evaluation.limit()).isEqualTo(5);
            });
    Chosen other = RunConfig.read(file, Map.of("loss", "NTXentLoss")).loss();
    assertThat(other.options()).containsEntry("temperature", 0.07).doesNotContainKey("swap");
    Path stored = Files.writeString(folder.resolve("stored.yml"), config.toYaml());
    assertThat(RunConfig.read(stored, Map.of("eval_queries", "new"))).isEqualTo(config);
  }
}
