package io.attune.trainer.run;

import io.attune.models.Artifact;
import io.attune.trainer.architecture.Architecture;
import io.attune.trainer.loss.Losses;
import io.attune.trainer.miner.Miners;
import io.attune.trainer.optimizer.Optimizers;
import io.attune.trainer.optimizer.Schedules;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads a [RunConfig] out of a tree: defaults, ranges, what excludes what.
final class RunConfigReader {
  /// What the optimiser's options name too, and a run says once.
  private static final Set<String> OF_THE_RUN = Set.of("learning_rate", "max_grad_norm");

  private static final double FRESH_LEARNING_RATE = 1e-3;
  private static final double TUNING_LEARNING_RATE = 1e-5;

  private final ConfigKeys keys;
  private final ConfigKeys.Problems problems;

  private RunConfigReader(String file, ConfigNode.Mapping mapping) {
    this.problems = new ConfigKeys.Problems(file);
    this.keys = new ConfigKeys("", mapping, problems);
  }

  static RunConfig read(String file, ConfigNode.Mapping mapping) {
    RunConfigReader reader = new RunConfigReader(file, mapping);
    RunConfig config = reader.read();
    reader.refuseOthers();
    reader.checkTogether(config);
    reader.problems.throwIfAny();
    return config;
  }

  private RunConfig read() {
    String model = keys.required("model", "an artifact, an ONNX file, mlp or bilstm");
    return new RunConfig(
        name("experiment_name", "default"),
        keys.has("run_name") ? name("run_name", "run") : null,
        keys.text("description", ""),
        model,
        modelOptions(model),
        freeze(),
        integer("output_dim", 1, Artifact.MAX_DIMENSION),
        keys.truth("update_batch_norm", false),
        trainData(),
        keys.texts("eval_data"),
        keys.number("val_split", 0, value -> value >= 0 && value < 1, "0 or more and below 1"),
        keys.text("split_by", ""),
        DataOptionsText.read(keys, seed()),
        integer("num_items_per_class", 2, 65_536),
        integer("max_length", 3, 1_000_000),
        keys.chosen("loss", "TripletMarginLoss", Losses.catalog()),
        miner(),
        optimizer(),
        learningRate(model),
        keys.chosen("scheduler", "constant", Schedules.catalog()),
        keys.whole("epochs", 5, 0, 100_000),
        keys.whole("max_steps", 1, Long.MAX_VALUE),
        keys.whole("batch_size", 64, 2, 65_536),
        keys.whole("gradient_accumulation_steps", 1, 1, 1024),
        maxGradNorm(),
        keys.whole("checkpoint_every", 1, Long.MAX_VALUE),
        callbacks(),
        seed(),
        device(),
        keys.whole("threads", Runtime.getRuntime().availableProcessors(), 1, 1024),
        limits());
  }

  private String name(String key, String fallback) {
    String name = keys.text(key, fallback);
    if (!RunNames.isName(name)) {
      keys.error(key, '"' + name + '"', RunNames.EXPECTED);
      return fallback;
    }
    return name;
  }

  private List<String> freeze() {
    ConfigNode node = keys.node("freeze");
    if (node != null && node.plain() instanceof Boolean all) {
      return all ? List.of("*") : List.of();
    }
    return keys.texts("freeze");
  }

  private List<String> trainData() {
    List<String> files = keys.texts("train_data");
    if (files.isEmpty()) {
      keys.required("train_data", "one file or more");
    }
    return files;
  }

  private @Nullable Integer integer(String key, int least, int most) {
    Long value = keys.whole(key, least, most);
    return value == null ? null : value.intValue();
  }

  private Map<String, @Nullable Object> modelOptions(String model) {
    Map<String, @Nullable Object> options = keys.options("model_options");
    if (Architecture.NAMES.contains(model)) {
      keys.judged(
          "model_options",
          model,
          () -> Architecture.of(model, new LinkedHashMap<>(options)).name());
    }
    return options;
  }

  private @Nullable Chosen miner() {
    if (!keys.has("miner")) {
      if (!keys.options("miner_options").isEmpty()) {
        keys.error("miner_options", "options of nothing", "miner beside them");
      }
      return null;
    }
    return keys.chosen("miner", "TripletMarginMiner", Miners.catalog());
  }

  private Chosen optimizer() {
    Map<String, @Nullable Object> given = keys.options("optimizer_options");
    for (String key : OF_THE_RUN) {
      if (given.containsKey(key)) {
        keys.error(
            "optimizer_options", key + " in it", key + " beside it, for the run has but one");
      }
    }
    Chosen chosen = keys.chosen("optimizer", "AdamW", Optimizers.catalog());
    Map<String, @Nullable Object> options = new LinkedHashMap<>(chosen.options());
    options.keySet().removeAll(OF_THE_RUN);
    return new Chosen(chosen.name(), options);
  }

  private double learningRate(String model) {
    return keys.number(
        "learning_rate",
        Architecture.NAMES.contains(model) ? FRESH_LEARNING_RATE : TUNING_LEARNING_RATE,
        value -> value > 0 && value <= 10,
        "above 0 and up to 10");
  }

  private double maxGradNorm() {
    return keys.number(
        "max_grad_norm",
        1,
        value -> value >= 0 && Double.isFinite(value),
        "0 or more; 0 leaves gradients as they are");
  }

  private List<CallbackConfig> callbacks() {
    List<CallbackConfig> callbacks = new ArrayList<>();
    String queries = keys.text("eval_queries");
    String index = keys.text("eval_index");
    if (queries != null) {
      callbacks.add(CallbackConfig.Evaluation.of(queries, index));
    } else if (index != null) {
      keys.error("eval_index", index, "eval_queries beside it");
    }
    callbacks.addAll(new CallbackReader(keys, problems).read());
    return callbacks;
  }

  private long seed() {
    Long seed = keys.whole("seed", Long.MIN_VALUE, Long.MAX_VALUE);
    return seed == null ? 1 : seed;
  }

  private String device() {
    String device = keys.text("device", "cpu").toLowerCase(Locale.ROOT).replace("cuda", "gpu");
    if (!device.matches("cpu|gpu(:[0-9]{1,3})?")) {
      keys.error("device", device, "cpu, gpu or gpu:N");
      return "cpu";
    }
    return device;
  }

  private RunLimits limits() {
    int heap = keys.whole("heap_mb", RunLimits.DEFAULT.heapMb(), 64, 1 << 24);
    int fallback = Math.max(RunLimits.DEFAULT.memoryMb(), 2 * heap);
    int memory = keys.whole("memory_mb", fallback, 256, 1 << 24);
    if (memory <= heap) {
      keys.error("memory_mb", String.valueOf(memory), "more than heap_mb, which is " + heap);
      return RunLimits.DEFAULT;
    }
    return new RunLimits(heap, memory);
  }

  private void refuseOthers() {
    keys.oneOf("sampler", "auto", Set.of("auto")); // follows from the data
    keys.refuse("to_onnx", "leave it out; the artifact is always ONNX");
    keys.refuse("public", "leave it out; runs stay on this machine");
    keys.refuse("num_workers", "threads; one more thread tokenises ahead");
    keys.refuse("model_artifact", "model: an artifact is named there");
    keys.refuse("loss_optimizer", "leave it out; these losses have no weights");
    keys.refuse("loss_optimizer_options", "leave it out; these losses have no weights");
    keys.finish(
        Set.of(
            "sampler",
            "to_onnx",
            "public",
            "num_workers",
            "model_artifact",
            "loss_optimizer",
            "loss_optimizer_options"));
  }

  private void checkModel(RunConfig config) {
    boolean made = Architecture.NAMES.contains(config.model());
    if (!made && !config.modelOptions().isEmpty()) {
      keys.error(
          "model_options",
          String.valueOf(config.modelOptions().keySet()),
          "none for a model that is there; they are of "
              + String.join(" and ", Architecture.NAMES));
    }
    if (made && config.outputDim() != null && config.modelOptions().containsKey("output_dim")) {
      keys.error(
          "output_dim", config.outputDim().toString(), "not beside model_options.output_dim");
    }
    if (config.model().equals("mlp") && config.maxLength() != null) {
      keys.error("max_length", config.maxLength().toString(), "none for mlp, which reads no text");
    }
    if (config.freeze().contains("*") && (made || config.outputDim() == null)) {
      keys.error(
          "freeze",
          "everything",
          made
              ? "names of weights; output_dim is no head of its own in %s, and nothing would be trained"
                  .formatted(config.model())
              : "output_dim beside it; nothing would be trained");
    }
  }

  private void checkCallbacks(RunConfig config) {
    Set<String> known = new HashSet<>();
    for (CallbackConfig callback : config.callbacks()) {
      switch (callback) {
        case CallbackConfig.Evaluation evaluation -> {
          if (!known.add("caption " + evaluation.caption())) {
            keys.error(
                "callbacks",
                "two evaluations with %s"
                    .formatted(
                        evaluation.caption().isEmpty()
                            ? "no caption"
                            : "caption " + evaluation.caption()),
                "one, or captions that tell them apart");
          }
        }
        case CallbackConfig.EarlyStopping _ -> {} // each watches something
        case CallbackConfig.BestModel _,
            CallbackConfig.Checkpointing _,
            CallbackConfig.WiseFt _ -> {
          if (!known.add(callback.name())) {
            keys.error("callbacks", callback.name() + " twice", "once");
          }
        }
      }
    }
    checkMerge(config);
  }

  private void checkMerge(RunConfig config) {
    if (config.callbacks().stream().noneMatch(CallbackConfig.WiseFt.class::isInstance)) {
      return;
    }
    String name = CallbackConfig.WiseFt.NAME;
    if (Architecture.NAMES.contains(config.model())) {
      keys.error(
          "callbacks", name + " with " + config.model(), "a model whose weights are worth keeping");
    }
    if (config.outputDim() != null) {
      keys.error(
          "callbacks", name + " with output_dim", "no output_dim, whose weights begin at random");
    }
  }

  private void checkTogether(RunConfig config) {
    checkModel(config);
    checkCallbacks(config);
    if (config.miner() != null && !Losses.catalog().named(config.loss().name()).mines()) {
      keys.error("miner", "not used by " + config.loss().name(), "none");
    }
    Integer items = config.numItemsPerClass();
    if (items != null && items > config.batchSize()) {
      keys.error(
          "num_items_per_class", items.toString(), "2.." + config.batchSize() + ", the batch size");
    }
    if (config.valSplit() > 0 && !config.evalData().isEmpty()) {
      keys.error("val_split", String.valueOf(config.valSplit()), "not beside eval_data");
    }
    if (!config.splitBy().isEmpty() && config.valSplit() == 0) {
      keys.error("split_by", config.splitBy(), "val_split beside it");
    }
    CallbackReader.checkMonitors(
        config.callbacks(), !config.evalData().isEmpty() || config.valSplit() > 0, problems);
  }
}
