package io.attune.cli.train;

import io.attune.runtime.FlowException;
import io.attune.trainer.run.RunConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The configuration of a run from options, on top of a YAML file where there is one.
final class ConfigOptions {
  @Option(
      names = "--config",
      paramLabel = "FILE.yml",
      description = "A run's configuration; the other options replace what it says.")
  private @Nullable Path file;

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      description =
          "What is tuned: name, name@3 or name@tag of the ModelStore, an .onnx file with its"
              + " tokenizer.json beside it, or bilstm or mlp, made here.")
  private @Nullable String model;

  @Option(
      names = "--train",
      paramLabel = "FILE",
      description =
          "Training data: CSV (text,label; pairs; pairs with a score; triplets), JSON lines, or"
              + " documents.")
  private List<String> train = new ArrayList<>();

  @Option(
      names = "--val-split",
      paramLabel = "PART",
      description = "The part of the training data held out for val_loss (default: 0).")
  private @Nullable String valSplit;

  @Option(
      names = "--split-by",
      paramLabel = "COLUMN",
      description = "Rows of one value of this column are on one side of --val-split.")
  private @Nullable String splitBy;

  @Option(
      names = "--eval-queries",
      paramLabel = "FILE",
      description = "Queries that are searched before, during and after.")
  private @Nullable String evalQueries;

  @Option(
      names = "--eval-index",
      paramLabel = "FILE",
      description = "What they search; without, the queries' own file.")
  private @Nullable String evalIndex;

  @Option(names = "--loss", description = "The loss (default: TripletMarginLoss).")
  private @Nullable String loss;

  @Option(names = "--miner", description = "What chooses its triplets or pairs (default: all).")
  private @Nullable String miner;

  @Option(names = "--optimizer", description = "The optimiser (default: AdamW).")
  private @Nullable String optimizer;

  @Option(
      names = "--learning-rate",
      description = "The learning rate (default: 1e-5; 1e-3 for bilstm and mlp).")
  private @Nullable String learningRate;

  @Option(names = "--scheduler", description = "How the rate changes (default: constant).")
  private @Nullable String scheduler;

  @Option(names = "--epochs", description = "How often the data is gone through (default: 5).")
  private @Nullable String epochs;

  @Option(names = "--batch-size", description = "Items of a batch (default: 64).")
  private @Nullable String batchSize;

  @Option(
      names = "--freeze",
      paramLabel = "PATTERN",
      description = "Weights that stay as they are, such as encoder.layer.0; may be repeated.")
  private List<String> freeze = new ArrayList<>();

  @Option(names = "--output-dim", description = "Attach a projection to that dimension.")
  private @Nullable String outputDim;

  @Option(names = "--seed", description = "Of everything that is random (default: 1).")
  private @Nullable String seed;

  @Option(names = "--run-name", description = "The run's name (default: one that is free).")
  private @Nullable String runName;

  @Option(names = "--experiment-name", description = "Its experiment (default: default).")
  private @Nullable String experimentName;

  @Option(
      names = "--set",
      paramLabel = "NAME=VALUE",
      description =
          "Any other name of the configuration, with a dot for an option within:"
              + " --set loss_options.margin=0.3 --set max_length=64; see docs/runs.md.")
  private Map<String, String> others = new LinkedHashMap<>();

  /// The configuration; all that is wrong with it is told at once.
  RunConfig config() {
    Map<String, Object> values = new LinkedHashMap<>();
    put(values, "model", model);
    if (!train.isEmpty()) {
      values.put("train_data", train);
    }
    put(values, "val_split", valSplit);
    put(values, "split_by", splitBy);
    put(values, "eval_queries", evalQueries);
    put(values, "eval_index", evalIndex);
    put(values, "loss", loss);
    put(values, "miner", miner);
    put(values, "optimizer", optimizer);
    put(values, "learning_rate", learningRate);
    put(values, "scheduler", scheduler);
    put(values, "epochs", epochs);
    put(values, "batch_size", batchSize);
    if (!freeze.isEmpty()) {
      values.put("freeze", freeze);
    }
    put(values, "output_dim", outputDim);
    put(values, "seed", seed);
    put(values, "run_name", runName);
    put(values, "experiment_name", experimentName);
    others.forEach((name, value) -> putOther(values, name, value));
    return file == null ? RunConfig.of(values) : RunConfig.read(file, values);
  }

  private static void put(Map<String, Object> values, String name, @Nullable String value) {
    if (value != null) {
      values.put(name, value);
    }
  }

  @SuppressWarnings("unchecked") // the maps within are made here
  private static void putOther(Map<String, Object> values, String name, String text) {
    Object value = RunConfig.value(text);
    int dot = name.indexOf('.');
    if (value == null) {
      throw FlowException.invalid("--set: %s= (expected: a value)".formatted(name));
    }
    if (dot < 0) {
      values.put(name, value);
      return;
    }
    Map<String, Object> within =
        (Map<String, Object>)
            values.computeIfAbsent(
                name.substring(0, dot), _ -> new LinkedHashMap<String, Object>());
    within.put(name.substring(dot + 1), value);
  }
}
