package io.attune.trainer.run;

import io.attune.models.Sha256;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.trainer.data.DataOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.dataformat.yaml.YAMLMapper;
import tools.jackson.dataformat.yaml.YAMLWriteFeature;

/// The whole effective configuration of a run: every value that training uses, whoever gave it or
/// left it out. It comes from YAML or a map of names to values, and is stored with the run.
///
/// Names and defaults are Finetuner's where it has them. All that is wrong is told at once.
///
/// @param experimentName `experiment_name`: where the run is kept; default `default`
/// @param runName `run_name`: its name there; default one that is free
/// @param description `description`: for people
/// @param model `model`: what is tuned: an artifact (`name`, `name@3`, `name@tag`), an ONNX file or
///   folder, or an architecture made here (`mlp`, `bilstm`); required
/// @param modelOptions `model_options`: options of the architecture; none for any other model
/// @param freeze `freeze`: patterns of names of weights that stay as they are; `true` is `*`: only
///   the head of `output_dim` is trained, which an architecture made here does not have; default
///   none
/// @param outputDim `output_dim`: attaches a projection head of that dimension, 1..4096; an
///   architecture made here has it as its own dimension; default none
/// @param updateBatchNorm `update_batch_norm`: batch normalisation trains on the statistics of the
///   batch and its running ones move; default false: they stay, and are what training reads
/// @param trainData `train_data`: one file or more; required
/// @param evalData `eval_data`: files for `val_loss`; default none
/// @param valSplit `val_split`: the part of the training data held out for `val_loss`, 0..1,
///   exclusive of 1; not beside `eval_data`; default 0
/// @param splitBy `split_by`: rows of one value of this column or tag are on one side of
///   `val_split`; default none, and then those that share a label or a text
/// @param csvOptions `csv_options`: how files are read
/// @param numItemsPerClass `num_items_per_class`: of a class dataset, how many of each class a
///   batch holds, 2 up to the batch size; default the batch size over the number of classes, but at
///   least 2
/// @param maxLength `max_length`: tokens past it are cut off in training, 3..1000000, but no more
///   than the model reads; not for `mlp`; default the model's, 100 for `bilstm`
/// @param loss `loss` and `loss_options`; default `TripletMarginLoss`
/// @param miner `miner` and `miner_options`; default none
/// @param optimizer `optimizer` and `optimizer_options`; default `AdamW`
/// @param learningRate `learning_rate`: above 0 up to 10; default 1e-3 for an architecture made
///   here, 1e-5 for any other model
/// @param scheduler `scheduler` and `scheduler_options`; default `constant`
/// @param epochs `epochs`: 0..100000, 0 to evaluate only; default 5
/// @param maxSteps `max_steps`: ends training earlier, 1 or more; default none
/// @param batchSize `batch_size`: items of a batch, 2..65536; default 64
/// @param gradientAccumulationSteps `gradient_accumulation_steps`: batches of one update, 1..1024;
///   default 1
/// @param maxGradNorm `max_grad_norm`: gradients of a larger norm, of all together, are scaled down
///   to it; 0 leaves them; default 1, as the field's trainers have it
/// @param checkpointEvery `checkpoint_every`: steps after which a checkpoint is written within an
///   epoch, 1 or more; default none, each epoch alone
/// @param callbacks `callbacks`, and `eval_queries` with `eval_index` for one evaluation with its
///   defaults
/// @param seed `seed`: of everything that is random; default 1
/// @param device `device`: `cpu` (default), `gpu` or `gpu:N`; `cuda` is another name for `gpu`.
///   [io.attune.trainer.fit.Preflight] refuses what this build has no engine for: all but `cpu`
/// @param threads `threads`: for the operations on the CPU, 1..1024; default all processors. A run
///   is reproduced bit for bit with the same number only
/// @param limits `heap_mb` and `memory_mb`: what its process may use; default 2048 and 8192
public record RunConfig(
    String experimentName,
    @Nullable String runName,
    String description,
    String model,
    Map<String, @Nullable Object> modelOptions,
    List<String> freeze,
    @Nullable Integer outputDim,
    boolean updateBatchNorm,
    List<String> trainData,
    List<String> evalData,
    double valSplit,
    String splitBy,
    DataOptions csvOptions,
    @Nullable Integer numItemsPerClass,
    @Nullable Integer maxLength,
    Chosen loss,
    @Nullable Chosen miner,
    Chosen optimizer,
    double learningRate,
    Chosen scheduler,
    int epochs,
    @Nullable Long maxSteps,
    int batchSize,
    int gradientAccumulationSteps,
    double maxGradNorm,
    @Nullable Long checkpointEvery,
    List<CallbackConfig> callbacks,
    long seed,
    String device,
    int threads,
    RunLimits limits) {
  /// What does not change the weights.
  private static final Set<String> NOT_HASHED =
      Set.of(
          "experiment_name", "run_name", "description", "checkpoint_every", "heap_mb", "memory_mb");

  private static final YAMLMapper YAML =
      YAMLMapper.builder().disable(YAMLWriteFeature.WRITE_DOC_START_MARKER).build();

  public RunConfig {
    modelOptions = Collections.unmodifiableMap(new LinkedHashMap<>(modelOptions));
    freeze = List.copyOf(freeze);
    trainData = List.copyOf(trainData);
    evalData = List.copyOf(evalData);
    callbacks = List.copyOf(callbacks);
  }

  /// Reads a YAML file.
  ///
  /// @throws FlowException with every problem on a line of its own, as `file:line: …`
  public static RunConfig read(Path file) {
    try {
      String text = Files.readString(file);
      return RunConfigReader.read(file.toString(), ConfigYaml.read(file.toString(), text));
    } catch (IOException e) {
      throw new FlowException(
          ErrorCode.NOT_FOUND, "config: " + file + ": " + e + " (expected: a YAML file)", e);
    }
  }

  /// Reads YAML.
  ///
  /// @param name what messages call it
  public static RunConfig parse(String name, String yaml) {
    return RunConfigReader.read(name, ConfigYaml.read(name, yaml));
  }

  /// The configuration of names and values. Texts do for numbers (`"3"` epochs) but stay texts
  /// within options; [#value] tells what people mean who type one.
  ///
  /// @throws FlowException with every problem on a line of its own
  public static RunConfig of(Map<String, ?> values) {
    return RunConfigReader.read("", ConfigNode.of(values));
  }

  /// What a typed text is as YAML reads it without quotes: a number, true or false, null, text, or
  /// `[a list, of those]`.
  ///
  /// @throws FlowException for a list that YAML does not read
  public static @Nullable Object value(String text) {
    if (text.startsWith("[")) {
      ConfigNode list = ConfigYaml.read("value", "value: " + text).entries().get("value");
      return list == null ? null : list.plain();
    }
    return new ConfigNode.Scalar(text, false, 0).plain();
  }

  /// A YAML file whose values give way to others, such as those of a command line: of options one
  /// by one, and of a choice with another name (`loss`) with its options. Other `eval_queries` take
  /// the place of those that the evaluation without a caption has.
  public static RunConfig read(Path file, Map<String, ?> instead) {
    if (instead.isEmpty()) {
      return read(file);
    }
    try {
      ConfigNode.Mapping own = ConfigYaml.read(file.toString(), Files.readString(file));
      return RunConfigReader.read(file.toString(), ConfigOverlay.of(own, ConfigNode.of(instead)));
    } catch (IOException e) {
      throw new FlowException(
          ErrorCode.NOT_FOUND, "config: " + file + ": " + e + " (expected: a YAML file)", e);
    }
  }

  /// The same with some values changed, by the names of the configuration.
  public RunConfig with(Map<String, ?> changed) {
    Map<String, @Nullable Object> values = toMap();
    values.putAll(changed);
    return of(values);
  }

  /// The same with other names for its files: those of its data and, where it is one, of its model.
  ///
  /// @param renamed given the option (`model`, `train_data`, `eval_data`, `eval_queries` or
  ///   `eval_index`) and a name
  public RunConfig withFiles(BinaryOperator<String> renamed) {
    Map<String, Object> changed = new LinkedHashMap<>();
    if (isModelFile()) {
      changed.put("model", renamed.apply("model", model));
    }
    changed.put(
        "train_data", trainData.stream().map(file -> renamed.apply("train_data", file)).toList());
    changed.put(
        "eval_data", evalData.stream().map(file -> renamed.apply("eval_data", file)).toList());
    changed.put(
        "callbacks",
        RunConfigWriter.callbacks(
            callbacks.stream().map(callback -> callback.withFiles(renamed)).toList()));
    return with(changed);
  }

  /// The same for a run of that name.
  public RunConfig named(String name) {
    return with(Map.of("run_name", name));
  }

  /// Whether [#model] is a file or a folder, not a name.
  public boolean isModelFile() {
    return model.contains("/") || model.endsWith(".onnx") || model.endsWith(".zip");
  }

  /// All of it by the names of the configuration; [#of] makes the same of it.
  public Map<String, @Nullable Object> toMap() {
    return RunConfigWriter.toMap(this);
  }

  /// All of it as YAML; [#parse] makes the same of it.
  public String toYaml() {
    return YAML.writeValueAsString(toMap());
  }

  /// SHA-256 of all that bears on the weights: a checkpoint goes with one hash only.
  public String hash() {
    Map<String, @Nullable Object> values = toMap();
    values.keySet().removeAll(NOT_HASHED);
    byte[] bytes = RunJson.MAPPER.writeValueAsString(values).getBytes(StandardCharsets.UTF_8);
    return Sha256.of(bytes);
  }
}
