package io.attune.trainer.run;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A [RunConfig] as a map of its names, in the order people read it; what is unset is left out.
final class RunConfigWriter {
  private RunConfigWriter() {}

  static Map<String, @Nullable Object> toMap(RunConfig config) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    map.put("experiment_name", config.experimentName());
    putSet(map, "run_name", config.runName());
    if (!config.description().isEmpty()) {
      map.put("description", config.description());
    }
    model(map, config);
    data(map, config);
    putChoice(map, "loss", config.loss());
    if (config.miner() != null) {
      putChoice(map, "miner", config.miner());
    }
    putChoice(map, "optimizer", config.optimizer());
    map.put("learning_rate", config.learningRate());
    putChoice(map, "scheduler", config.scheduler());
    map.put("epochs", config.epochs());
    putSet(map, "max_steps", config.maxSteps());
    map.put("batch_size", config.batchSize());
    map.put("gradient_accumulation_steps", config.gradientAccumulationSteps());
    map.put("max_grad_norm", config.maxGradNorm());
    putSet(map, "checkpoint_every", config.checkpointEvery());
    map.put("callbacks", callbacks(config.callbacks()));
    map.put("seed", config.seed());
    map.put("device", config.device());
    map.put("threads", config.threads());
    map.put("heap_mb", config.limits().heapMb());
    map.put("memory_mb", config.limits().memoryMb());
    return map;
  }

  private static void model(Map<String, @Nullable Object> map, RunConfig config) {
    map.put("model", config.model());
    putOptions(map, "model_options", config.modelOptions());
    if (!config.freeze().isEmpty()) {
      map.put("freeze", config.freeze());
    }
    putSet(map, "output_dim", config.outputDim());
    map.put("update_batch_norm", config.updateBatchNorm());
  }

  private static void data(Map<String, @Nullable Object> map, RunConfig config) {
    map.put("train_data", config.trainData());
    if (!config.evalData().isEmpty()) {
      map.put("eval_data", config.evalData());
    }
    map.put("val_split", config.valSplit());
    if (!config.splitBy().isEmpty()) {
      map.put("split_by", config.splitBy());
    }
    putOptions(map, "csv_options", DataOptionsText.toMap(config.csvOptions()));
    putSet(map, "num_items_per_class", config.numItemsPerClass());
    putSet(map, "max_length", config.maxLength());
  }

  static List<Map<String, Object>> callbacks(List<CallbackConfig> callbacks) {
    return callbacks.stream()
        .map(callback -> {
          Map<String, @Nullable Object> options = callback.options();
          options.values().removeIf(value -> value == null || value.equals(""));
          return Map.<String, Object>of(callback.name(), options);
        })
        .toList();
  }

  private static void putChoice(Map<String, @Nullable Object> map, String key, Chosen choice) {
    map.put(key, choice.name());
    putOptions(map, key + "_options", choice.options());
  }

  private static void putOptions(
      Map<String, @Nullable Object> map, String key, Map<String, @Nullable Object> options) {
    if (!options.isEmpty()) {
      map.put(key, options);
    }
  }

  private static void putSet(
      Map<String, @Nullable Object> map, String key, @Nullable Object value) {
    if (value != null) {
      map.put(key, value);
    }
  }
}
