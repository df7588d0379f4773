package io.attune.trainer.label;

import io.attune.runtime.FlowException;
import io.attune.trainer.architecture.Architecture;
import io.attune.trainer.run.RunConfig;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a session trains with: the option `interactive` of `uses: Trainer`, an object of
/// `clear_labels_on_start` and of any names of a run's configuration but those of its data.
///
/// @param fit the names of a run's configuration, `model` among them; `experiment_name` is
///   `labelling` where not given, `epochs` 10
/// @param clearLabelsOnStart `clear_labels_on_start`: whether labels of before are removed; false
public record LabelOptions(Map<String, @Nullable Object> fit, boolean clearLabelsOnStart) {
  private static final String CLEAR = "clear_labels_on_start";
  private static final String EXPERIMENT = "experiment_name";
  private static final String EPOCHS = "epochs";
  private static final int DEFAULT_EPOCHS = 10;

  /// What only a model's first run can do.
  private static final List<String> FIRST_ONLY = List.of("model_options", "output_dim");

  public LabelOptions {
    fit = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(fit));
  }

  /// Reads the option.
  ///
  /// @throws FlowException telling all that is wrong
  public static LabelOptions of(Map<String, ? extends @Nullable Object> interactive) {
    Map<String, @Nullable Object> fit = new LinkedHashMap<>(interactive);
    Object clear = fit.remove(CLEAR);
    if (clear != null && !(clear instanceof Boolean)) {
      throw FlowException.invalid(
          "interactive: %s: %s (expected: true or false)".formatted(CLEAR, clear));
    }
    for (String name : List.of("train_data", "run_name")) {
      if (fit.containsKey(name)) {
        throw FlowException.invalid(
            "interactive: %s (expected: none, it trains on what is labelled)".formatted(name));
      }
    }
    fit.putIfAbsent(EXPERIMENT, "labelling");
    fit.putIfAbsent(EPOCHS, DEFAULT_EPOCHS);
    LabelOptions options = new LabelOptions(fit, Boolean.TRUE.equals(clear));
    RunConfig config = options.config();
    if (config.isModelFile()) {
      throw FlowException.invalid(
          "interactive: model: %s (expected: an artifact's name, or one of %s)"
              .formatted(config.model(), Architecture.NAMES));
    }
    fit.put("learning_rate", config.learningRate()); // whose default goes with the first model
    return new LabelOptions(fit, options.clearLabelsOnStart());
  }

  /// The configuration of the first run, of data that is not named.
  RunConfig config() {
    Map<String, @Nullable Object> values = new LinkedHashMap<>(fit);
    values.put("train_data", "labels.jsonl");
    return RunConfig.of(values);
  }

  String experiment() {
    return String.valueOf(fit.get(EXPERIMENT));
  }

  String model() {
    return String.valueOf(fit.get("model"));
  }

  int epochs() {
    return config().epochs();
  }

  /// The values of a run.
  ///
  /// @param model what it goes on from; null for the model that the session began with
  Map<String, @Nullable Object> values(int epochs, @Nullable String model) {
    Map<String, @Nullable Object> values = new LinkedHashMap<>(fit);
    values.put(EPOCHS, epochs);
    if (model != null) {
      values.put("model", model);
      values.keySet().removeAll(FIRST_ONLY);
    }
    return values;
  }
}
