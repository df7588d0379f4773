package io.attune.trainer.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.models.ModelStore;
import io.attune.models.testing.PlantedModels;
import io.attune.runtime.ModelVersion;
import io.attune.trainer.run.CallbackConfig;
import io.attune.trainer.run.RunConfig;
import io.attune.trainer.run.RunFolder;
import io.attune.trainer.run.RunStore;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PreflightTest {
  /// A file that is there for tests in any module; its content is not read.
  private static final String DATA = "pom.xml";

  @TempDir private Path folder;
  private ModelStore models;

  @BeforeEach
  void publish() {
    models = ModelStore.at(folder.resolve("models"));
    for (int space = 0; space < 2; space++) {
      var _ = PlantedModels.publish(models, "planted", space);
    }
  }

  private RunConfig check(Map<String, ?> more) {
    Map<String, Object> options =
        new LinkedHashMap<>(Map.of("model", "planted", "train_data", DATA));
    options.putAll(more);
    return Preflight.check(RunConfig.of(options), models);
  }

  @Test
  void aRunKeepsTheVersionOfItsModel() {
    models.tag(new ModelVersion("planted", 1), "old");
    assertThat(check(Map.of("model", "planted@old")).model()).isEqualTo("planted@1");
    RunFolder run = RunStore.at(folder.resolve("runs")).create(check(Map.of()));
    var _ = PlantedModels.publish(models, "planted", 2);
    assertThat(run.config().model()).isEqualTo("planted@2");
    assertThat(check(Map.of()).model()).isEqualTo("planted@3");
    assertThat(check(Map.of("model", "bilstm")).model()).isEqualTo("bilstm");
  }

  @Test
  void aRunKeepsWhereItsFilesAre() {
    String there = Path.of(DATA).toAbsolutePath().toString();
    String model = "../models/src/test/resources/bert-models/bert/model.onnx";
    RunConfig config =
        check(
            Map.of(
                "model",
                model,
                "train_data",
                List.of(DATA, "./" + DATA),
                "eval_data",
                DATA,
                "eval_queries",
                DATA,
                "eval_index",
                "src/../" + DATA));
    assertThat(config.model()).isEqualTo(Path.of(model).toAbsolutePath().normalize().toString());
    assertThat(config.trainData()).containsExactly(there, there);
    assertThat(config.evalData()).containsExactly(there);
    assertThat(config.callbacks()).containsExactly(CallbackConfig.Evaluation.of(there, there));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          model: plantd | model: plantd is not in the store (expected: one of [planted]
          model: nothing/model.onnx | nothing/model.onnx is not there (expected: an ONNX file
          train_data: nothing.csv | nothing.csv is not there (expected: a file)
          eval_data: nothing.csv | nothing.csv is not there (expected: a file)
          eval_queries: nothing.csv | eval_queries:
          {eval_queries: pom.xml, eval_index: nothing.csv} | eval_index:
          max_length: 100000 | which planted@2 reads)
          freeze: wrods | freeze: wrods matches no weight
          {model: bilstm, freeze: lstn} | did you mean lstm?
          {model: bilstm, freeze: [embedding, lstm, linear]} | nothing would be trained
          device: gpu | device: gpu (expected: cpu
          """)
  void refusesWhatTheRunWouldFailOf(String yaml, String message) {
    String more = yaml.startsWith("{") ? yaml.substring(1, yaml.length() - 1) : yaml;
    String model = more.contains("model:") ? "" : "model: planted, ";
    String data = more.contains("train_data:") ? "" : "train_data: pom.xml, ";
    RunConfig config = RunConfig.parse("x", "{" + model + data + more + "}");
    assertThatThrownBy(() -> Preflight.check(config, models)).hasMessageContaining(message);
  }

  @Test
  void whatMatchesIsTaken() {
    assertThat(check(Map.of("model", "bilstm", "freeze", List.of("lstm", "emb*"))).freeze())
        .containsExactly("lstm", "emb*");
  }
}
