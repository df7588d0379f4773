package io.attune.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.trainer.data.DataOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunConfigTest {
  /// Every key with another value than its default.
  private static final String ALL =
      """
      experiment_name: quora
      run_name: first-try
      description: "no: yes"
      model: bilstm
      model_options: {readout: mean, vocabulary_size: [60], embedding_dim: 8, hidden_size: "7"}
      freeze: [embeddings.*, encoder.layer.0.*]
      output_dim: 128
      train_data: [a.csv, b.csv]
      val_split: 0.25
      split_by: source
      update_batch_norm: true
      csv_options:
        dialect: excel-tab
        is_labeled: true
        header: true
        encoding: iso-8859-1
        size: 100
        sampling_rate: 0.5
        positive_label: 2
        negative_label: -2
      num_items_per_class: 8
      max_length: 50
      loss: NTXentLoss
      loss_options: {temperature: 0.1}
      miner: TripletMarginMiner
      miner_options: {margin: 0.3, type_of_triplets: semihard}
      optimizer: SGD
      optimizer_options: {momentum: 0.9, layer_wise_lr_decay: 0.98}
      learning_rate: 3e-5
      scheduler: cosine
      scheduler_options: {num_warmup_steps: 100}
      epochs: 7
      max_steps: 1000
      batch_size: 32
      gradient_accumulation_steps: 4
      max_grad_norm: 1.5
      checkpoint_every: 20
      callbacks:
        - EvaluationCallback:
            query_data: q.csv
            index_data: i.csv
            batch_size: 16
            exclude_self: false
            limit: 10
            distance: euclidean
            metrics: [recall, ndcg]
            resamples: 10
            query_sample_size: 500
            gather_examples: true
            num_example_queries: 3
            caption: dev
        - BestModelCheckpoint: {monitor: dev_recall, mode: max}
        - TrainingCheckpoint: {last_k_epochs: 2}
        - EarlyStopping:
            monitor: train_loss
            mode: min
            patience: 3
            min_delta: 0.01
            baseline: 0.5
      seed: -9
      device: gpu:1
      threads: 3
      heap_mb: 512
      memory_mb: 4096
      """;

  @Test
  void defaultsAreFinetuners() {
    RunConfig config = RunConfig.of(Map.of("model", "mini", "train_data", "a.csv"));
    assertThat(config.experimentName()).isEqualTo("default");
    assertThat(config.runName()).isNull();
    assertThat(config.loss().name()).isEqualTo("TripletMarginLoss");
    assertThat(config.loss().options()).containsEntry("margin", 0.05);
    assertThat(config.miner()).isNull();
    assertThat(config.optimizer().name()).isEqualTo("AdamW");
    assertThat(config.optimizer().options())
        .containsEntry("weight_decay", 0.01)
        .doesNotContainKeys("learning_rate", "max_grad_norm");
    assertThat(config.scheduler()).isEqualTo(Chosen.of("constant"));
    assertThat(config.learningRate()).isEqualTo(1e-5);
    assertThat(config.epochs()).isEqualTo(5);
    assertThat(config.batchSize()).isEqualTo(64);
    assertThat(config.numItemsPerClass()).isNull();
    assertThat(config.csvOptions()).extracting(DataOptions::dialect).isEqualTo("auto");
    assertThat(config.valSplit()).isZero();
    assertThat(config.splitBy()).isEmpty();
    assertThat(config.maxGradNorm()).isEqualTo(1);
    assertThat(config.checkpointEvery()).isNull();
    assertThat(config.updateBatchNorm()).isFalse();
    assertThat(config.callbacks()).isEmpty();
    assertThat(config.freeze()).isEmpty();
    assertThat(config.seed()).isEqualTo(1);
    assertThat(config.device()).isEqualTo("cpu");
    assertThat(config.threads()).isEqualTo(Runtime.getRuntime().availableProcessors());
    assertThat(config.limits()).isEqualTo(RunLimits.DEFAULT);
  }

  @Test
  void optionsOfAnArchitectureAreChecked() {
    assertThatThrownBy(() ->
            RunConfig.of(
                Map.of("model", "bilstm", "train_data", "a", "model_options", Map.of("hiden", 3))))
        .hasMessageContaining("model_options.")
        .hasMessageContaining("hiden");
  }

  @Test
  void typedValuesAreWhatYamlReads() {
    assertThat(RunConfig.value("3e-5")).isEqualTo(3e-5);
    assertThat(RunConfig.value("[question, 2]")).isEqualTo(List.of("question", 2L));
    assertThatThrownBy(() -> RunConfig.value("[question"))
        .isInstanceOf(FlowException.class)
        .hasMessageContaining("expected: YAML");
  }

  @Test
  void anArchitectureMadeHereLearnsFaster() {
    assertThat(RunConfig.of(Map.of("model", "bilstm", "train_data", "a")).learningRate())
        .isEqualTo(1e-3);
  }

  @Test
  void everyKeyIsRead() {
    RunConfig config = RunConfig.parse("run.yml", ALL);
    RunConfig defaults = RunConfig.of(Map.of("model", "m", "train_data", "t"));
    assertThat(config.description()).isEqualTo("no: yes");
    assertThat(config.model()).isEqualTo("bilstm");
    assertThat(config.modelOptions())
        .isEqualTo(
            Map.of(
                "readout",
                "mean",
                "vocabulary_size",
                List.of(60L),
                "embedding_dim",
                8L,
                "hidden_size",
                "7"));
    assertThat(config.freeze()).containsExactly("embeddings.*", "encoder.layer.0.*");
    assertThat(config.trainData()).containsExactly("a.csv", "b.csv");
    assertThat(config.valSplit()).isEqualTo(0.25);
    assertThat(RunConfig.parse("", "{model: m, train_data: t, eval_data: dev.csv}").evalData())
        .as("not beside val_split")
        .containsExactly("dev.csv");
    assertThat(config.splitBy()).isEqualTo("source");
    assertThat(config.updateBatchNorm()).isTrue();
    assertThat(config.csvOptions().labeled()).isTrue();
    assertThat(config.csvOptions().dialect()).isEqualTo("excel-tab");
    assertThat(config.csvOptions().size()).isEqualTo(100);
    assertThat(config.loss().options()).containsEntry("temperature", 0.1);
    assertThat(config.miner()).isNotNull();
    assertThat(config.optimizer().options())
        .containsEntry("momentum", 0.9)
        .containsEntry("layer_wise_lr_decay", 0.98);
    assertThat(config.learningRate()).isEqualTo(3e-5);
    assertThat(config.maxSteps()).isEqualTo(1000);
    assertThat(config.maxGradNorm()).isEqualTo(1.5);
    assertThat(config.checkpointEvery()).isEqualTo(20);
    assertThat(config.seed()).isEqualTo(-9);
    assertThat(config.device()).isEqualTo("gpu:1");
    assertThat(config.limits()).isEqualTo(new RunLimits(512, 4096));
    assertThat(config.callbacks())
        .containsExactly(
            new CallbackConfig.Evaluation(
                "q.csv",
                "i.csv",
                16,
                false,
                10,
                "euclidean",
                List.of("recall", "ndcg"),
                10,
                500,
                true,
                3,
                "dev"),
            new CallbackConfig.BestModel("dev_recall", MonitorMode.MAX),
            new CallbackConfig.Checkpointing(2),
            new CallbackConfig.EarlyStopping("train_loss", MonitorMode.MIN, 3, 0.01, 0.5));
    Map<String, ?> all = config.toMap();
    defaults.toMap().forEach((key, value) -> assertThat(all.get(key)).as(key).isNotEqualTo(value));
  }

  @Test
  void whatIsWrittenReadsAsTheSame() {
    RunConfig config = RunConfig.parse("run.yml", ALL);
    assertThat(RunConfig.parse("again", config.toYaml())).isEqualTo(config);
    assertThat(RunConfig.of(config.toMap())).isEqualTo(config);
    assertThat(new TreeSet<>(config.toMap().keySet()))
        .isEqualTo(new TreeSet<>(ConfigYaml.read("", ALL).entries().keySet()));
    RunConfig defaults = RunConfig.of(Map.of("model", "m", "train_data", "t"));
    assertThat(RunConfig.parse("again", defaults.toYaml())).isEqualTo(defaults);
  }

  @Test
  void aCommandLineGoesBeforeTheFile(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("run.yml"), ALL);
    RunConfig config = RunConfig.read(file, Map.of("epochs", "9", "eval_queries", "other.csv"));
    assertThat(config.epochs()).isEqualTo(9);
    assertThat(config.callbacks().getFirst())
        .isEqualTo(CallbackConfig.Evaluation.of("other.csv", null));
    assertThat(config.with(Map.of("epochs", 7)).hash())
        .isNotEqualTo(RunConfig.parse("", ALL).hash());
    assertThatThrownBy(() -> RunConfig.read(folder.resolve("no.yml")))
        .hasMessageContaining("no.yml");
  }

  @Test
  void theHashKnowsWhatBearsOnTheWeights() {
    RunConfig config = RunConfig.parse("run.yml", ALL);
    assertThat(config.named("second").hash()).isEqualTo(config.hash()).hasSize(64);
    assertThat(config.with(Map.of("heap_mb", 600)).hash()).isEqualTo(config.hash());
    assertThat(config.with(Map.of("seed", 2)).hash()).isNotEqualTo(config.hash());
    assertThat(config.with(Map.of("threads", 2)).hash()).isNotEqualTo(config.hash());
  }

  @Test
  void tellsAllThatIsWrongWithItsLine() {
    String yaml =
        """
        model: mini
        train_dta: a.csv
        epochs: many
        batch_size: 0
        learning_rate: 0
        val_split: 1
        callbacks:
          - EarlyStoping: {patience: 1}
          - EarlyStopping:
              patence: 3
              monitor: train_loss
        to_onnx: true
        """;
    assertThatThrownBy(() -> RunConfig.parse("run.yml", yaml))
        .isInstanceOfSatisfying(
            FlowException.class,
            failure -> assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .message()
        .satisfies(message ->
            assertThat(message.lines())
                .containsExactlyInAnyOrder(
                    "run.yml:1: train_data: missing (expected: one file or more)",
                    "run.yml:2: train_dta: unknown key (expected: did you mean train_data?)",
                    "run.yml:3: epochs: many (expected: a whole number, 0..100000)",
                    "run.yml:4: batch_size: 0 (expected: a whole number, 2..65536)",
                    "run.yml:5: learning_rate: 0 (expected: a number, above 0 and up to 10)",
                    "run.yml:6: val_split: 1 (expected: a number, 0 or more and below 1)",
                    "run.yml:8: callbacks: EarlyStoping (expected: did you mean EarlyStopping?"
                        + " one of EvaluationCallback, BestModelCheckpoint, TrainingCheckpoint,"
                        + " EarlyStopping, WiSEFTCallback)",
                    "run.yml:10: EarlyStopping.patence: unknown key (expected: did you mean"
                        + " patience? one of baseline, monitor, mode, patience, min_delta)",
                    "run.yml:12: to_onnx: no option here (expected: leave it out; the artifact"
                        + " is always ONNX)"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          freeze: true | freeze: everything (expected: output_dim beside it
          {model: bilstm, freeze: true, output_dim: 8} | freeze: everything (expected: names of weights
          {model: mlp, freeze: "*", output_dim: 8} | freeze: everything (expected: names of weights
          {model: mlp, max_length: 64} | max_length: 64 (expected: none for mlp
          {model: bilstm, output_dim: 8, model_options: {output_dim: 8}} | output_dim: 8 (expected: not beside
          model_options: {hidden_size: 8} | model_options: [hidden_size] (expected: none for a model that is there
          output_dim: 4097 | output_dim: 4097 (expected: a whole number, 1..4096)
          max_length: 2 | max_length: 2 (expected: a whole number, 3..1000000)
          {val_split: 0.1, eval_data: dev.csv} | val_split: 0.1 (expected: not beside eval_data)
          device: tpu | device: tpu (expected: cpu, gpu or gpu:N)
          callbacks: [EarlyStopping] | EarlyStopping.monitor: val_loss is not measured
          {callbacks: [{BestModelCheckpoint: {monitor: recal}}], eval_queries: q} | did you mean recall?
          loss_options: {margin: 1} | !
          miner_options: {margin: 1} | miner_options: options of nothing (expected: miner beside them)
          eval_index: i.csv | eval_index: i.csv (expected: eval_queries beside it)
          experiment_name: ../x | experiment_name: "../x" (expected: letters
          run_name: .hidden | run_name: ".hidden"
          {heap_mb: 4096, memory_mb: 4096} | memory_mb: 4096 (expected: more than heap_mb
          max_grad_norm: -1 | max_grad_norm: -1 (expected: a number, 0 or more; 0 leaves gradients as they are)
          max_grad_norm: .inf | max_grad_norm: .inf
          learning_rate: NaN | learning_rate: NaN
          epochs: 1e30 | epochs: 1e30
          epochs: 2.5 | epochs: 2.5
          epochs: [1, 2] | epochs: a list
          loss: {a: 1} | loss: a mapping (expected: a text)
          loss_options: 3 | loss_options: 3 (expected: a mapping)
          callbacks: 3 | callbacks: 3
          callbacks: [[]] | callbacks: a list (expected: a name, or
          {callbacks: [{EvaluationCallback: {query_data: q, metrics: [mrr]}}]} | metrics: [mrr] (expected: standard
          {callbacks: [{EvaluationCallback: {query_data: q, distance: L2}}]} | distance: L2 (expected: one of
          {callbacks: [EvaluationCallback]} | EvaluationCallback.query_data: missing
          {callbacks: [{WiSEFTCallback: {alpha: 1.1}}]} | WiSEFTCallback.alpha: 1.1 (expected: a number, 0 to 1)
          {callbacks: [WiSEFTCallback, WiSEFTCallback]} | callbacks: WiSEFTCallback twice (expected: once)
          {callbacks: [TrainingCheckpoint, TrainingCheckpoint]} | callbacks: TrainingCheckpoint twice (expected: once)
          {eval_queries: q, callbacks: [{EvaluationCallback: {query_data: p}}]} | callbacks: two evaluations with no caption (expected: one
          {model: mlp, callbacks: [WiSEFTCallback]} | callbacks: WiSEFTCallback with mlp (expected: a model
          {output_dim: 8, callbacks: [WiSEFTCallback]} | callbacks: WiSEFTCallback with output_dim (expected: no output_dim
          loss: TripletMarginLos | loss: TripletMarginLos (expected: one of TripletMarginLoss
          loss_options: {margn: 1} | loss_options.margn: not an option of TripletMarginLoss
          loss_options: {margin: wide} | loss_options.margin: wide (expected: a number
          {loss: MultipleNegativesRankingLoss, miner: BatchHardMiner} | miner: not used by Multiple
          optimizer: AdaGrad | optimizer: AdaGrad (expected: one of AdamW, Adam, SGD
          optimizer_options: {learning_rate: 1} | optimizer_options: learning_rate in it
          scheduler: linaer | did you mean linear?
          sampler: class | sampler: class (expected: one of auto)
          {batch_size: 4, num_items_per_class: 5} | num_items_per_class: 5 (expected: 2..4
          csv_options: {dialct: excel} | csv_options.dialct: unknown key (expected: did you mean dialect
          csv_options: {form: tripels} | csv_options.form: tripels
          csv_options: {encoding: utf9} | csv_options.encoding: utf9
          csv_options: {dialect: tabs} | csv_options.dialect: "tabs" (expected: auto
          csv_options: {create_point_clouds: true} | create_point_clouds: no option here
          num_workers: 4 | num_workers: no option here
          """)
  void refusesWhatCannotBe(String yaml, String message) {
    String more = yaml.startsWith("{") ? yaml.substring(1, yaml.length() - 1) : yaml;
    String model = more.startsWith("model:") ? "" : "model: m, ";
    String text = "{" + model + "train_data: t, " + more + "}";
    if (message.equals("!")) {
      assertThat(RunConfig.parse("x", text).loss().options()).containsEntry("margin", 1.0);
    } else {
      assertThatThrownBy(() -> RunConfig.parse("x", text)).hasMessageContaining(message);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          epochs: 1\\nepochs: 2 | run.yml:2
          epochs: [1 | run.yml:1
          just text | run.yml: no mapping
          ? [a]\\n: b | run.yml: Non scalar key
          a: *b | run.yml
          """)
  void refusesWhatIsNoSuchYaml(String yaml, String message) {
    assertThatThrownBy(() -> RunConfig.parse("run.yml", yaml.replace("\\n", "\n")))
        .isInstanceOf(FlowException.class)
        .hasMessageContaining(message);
  }

  @Test
  void aliasesDoNotTakeAllMemory() {
    StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 6; i++) {
      String before = "*a" + (i - 1);
      bomb.append(
          "a%d: &a%d [%s]\n"
              .formatted(
                  i,
                  i,
                  String.join(
                      ", ",
                      List.of(
                          before, before, before, before, before, before, before, before,
                          before))));
    }
    assertThatThrownBy(() -> RunConfig.parse("run.yml", bomb.toString()))
        .hasMessageContaining("more than 20000 values");
  }

  @Test
  void numbersOfARequestAreWholeWhereTheyMean() {
    RunConfig config =
        RunConfig.of(Map.of("model", "m", "train_data", List.of("a", "b"), "epochs", 3.0));
    assertThat(config.epochs()).isEqualTo(3);
    assertThat(config.trainData()).containsExactly("a", "b");
    assertThat(List.of("0.2", "3", "true", "mean").stream().map(RunConfig::value))
        .containsExactly(0.2, 3L, true, "mean");
  }
}
