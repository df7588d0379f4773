package io.attune.trainer.fit;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.trainer.callback.EvaluationData;
import io.attune.trainer.run.CallbackConfig;
import io.attune.trainer.run.RunConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FitDataTest extends SmallRuns {
  @Test
  void whatIsMeasuredOnIsReadWhole() {
    Map<String, Object> options = options();
    options.put("eval_data", texts.toString());
    options.put("csv_options", Map.of("is_labeled", true, "size", 8L, "sampling_rate", 0.5));
    RunConfig config = RunConfig.of(options);
    try (FitData data = new FitData(config, _ -> {})) {
      assertThat(data.training().size()).isEqualTo(8);
      assertThat(data.validation()).isNotNull().extracting(held -> held.size()).isEqualTo(40);
      List<CallbackConfig> callbacks = config.callbacks();
      assertThat(data.evaluation((CallbackConfig.Evaluation) callbacks.getFirst()).queries())
          .hasSize(40);
    }
  }

  @Test
  void columnsAreThoseOfCsvFiles() throws IOException {
    Path rows = folder.resolve("columns.csv");
    Files.writeString(rows, "kind,words\n1,a b\n1,a c\n2,d e\n2,d f\n");
    Path queries = folder.resolve("queries.jsonl");
    Files.writeString(queries, "{\"text\": \"a d\", \"label\": \"1\"}\n");
    Map<String, Object> options = options();
    options.put("train_data", rows.toString());
    options.put("eval_queries", queries.toString());
    options.put("eval_index", rows.toString());
    options.put("csv_options", Map.of("is_labeled", true, "columns", List.of("words", "kind")));
    RunConfig config = RunConfig.of(options);
    try (FitData data = new FitData(config, _ -> {})) {
      EvaluationData evaluation =
          data.evaluation((CallbackConfig.Evaluation) config.callbacks().getFirst());
      assertThat(evaluation.index()).hasSize(4);
      assertThat(evaluation.relevant().getFirst().cardinality()).isEqualTo(2);
    }
  }
}
