package io.attune.trainer.run;

import io.attune.evaluator.metrics.Metric;
import io.attune.runtime.registry.Spelling;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads `callbacks`: a list whose items are a name, or a name with a mapping of its options.
final class CallbackReader {
  private static final List<String> NAMES =
      List.of(
          "EvaluationCallback",
          "BestModelCheckpoint",
          "TrainingCheckpoint",
          "EarlyStopping",
          CallbackConfig.WiseFt.NAME);

  private final ConfigKeys keys;
  private final ConfigKeys.Problems problems;

  CallbackReader(ConfigKeys keys, ConfigKeys.Problems problems) {
    this.keys = keys;
    this.problems = problems;
  }

  List<CallbackConfig> read() {
    List<CallbackConfig> callbacks = new ArrayList<>();
    for (ConfigNode item : keys.items("callbacks")) {
      CallbackConfig callback = callback(item);
      if (callback != null) {
        callbacks.add(callback);
      }
    }
    return callbacks;
  }

  private @Nullable CallbackConfig callback(ConfigNode item) {
    return switch (item) {
      case ConfigNode.Scalar name -> named(name.text(), ConfigNode.Mapping.empty(name.line()));
      case ConfigNode.Mapping one when one.entries().size() == 1 -> {
        Map.Entry<String, ConfigNode> entry = one.entries().entrySet().iterator().next();
        yield entry.getValue() instanceof ConfigNode.Mapping options
            ? named(entry.getKey(), options)
            : wrong(one, entry.getKey() + ": " + entry.getValue().shown());
      }
      default -> wrong(item, item.shown());
    };
  }

  private @Nullable CallbackConfig wrong(ConfigNode node, String was) {
    problems.add(
        node.line(),
        "callbacks: " + was + " (expected: a name, or a name and a mapping of its options)");
    return null;
  }

  private @Nullable CallbackConfig named(String name, ConfigNode.Mapping options) {
    ConfigKeys with = new ConfigKeys(name, options, problems);
    CallbackConfig callback =
        switch (name) {
          case "EvaluationCallback" -> evaluation(with);
          case "BestModelCheckpoint" ->
              new CallbackConfig.BestModel(with.text("monitor", "val_loss"), mode(with));
          case "TrainingCheckpoint" ->
              new CallbackConfig.Checkpointing(with.whole("last_k_epochs", 1, 1, 1000));
          case "EarlyStopping" -> earlyStopping(with);
          case CallbackConfig.WiseFt.NAME ->
              new CallbackConfig.WiseFt(
                  with.number("alpha", 0.4, alpha -> alpha >= 0 && alpha <= 1, "0 to 1"));
          default -> null;
        };
    if (callback == null) {
      problems.add(
          options.line(),
          "callbacks: %s (expected: %s)".formatted(name, Spelling.expected(name, NAMES)));
    } else {
      with.finish(Set.of());
    }
    return callback;
  }

  private static CallbackConfig evaluation(ConfigKeys with) {
    CallbackConfig.Evaluation defaults = CallbackConfig.Evaluation.of("", null);
    with.refuse("num_workers", "leave it out; embedding uses all threads");
    with.refuse("steps_per_interval", "leave it out; it is evaluated after each epoch");
    Long sample = with.whole("query_sample_size", 1, Integer.MAX_VALUE);
    return new CallbackConfig.Evaluation(
        with.required("query_data", "a file of queries"),
        with.text("index_data"),
        with.whole("batch_size", defaults.batchSize(), 1, 65_536),
        with.truth("exclude_self", defaults.excludeSelf()),
        with.whole("limit", defaults.limit(), 1, 10_000),
        with.oneOf("distance", defaults.distance(), CallbackConfig.Evaluation.DISTANCES),
        metrics(with),
        with.whole("resamples", defaults.resamples(), 0, 100_000),
        sample == null ? null : sample.intValue(),
        with.truth("gather_examples", defaults.gatherExamples()),
        with.whole("num_example_queries", defaults.numExampleQueries(), 1, 1000),
        caption(with));
  }

  /// It names files and values.
  private static String caption(ConfigKeys with) {
    String caption = with.text("caption", "");
    if (!caption.matches("[A-Za-z0-9_-]{0,40}")) {
      with.error("caption", '"' + caption + '"', "letters, digits, '_', '-', at most 40");
      return "";
    }
    return caption;
  }

  private static List<String> metrics(ConfigKeys with) {
    List<String> names = with.texts("metrics");
    try {
      Metric.chosen("metrics", names);
      return names.isEmpty() ? List.of("standard") : names;
    } catch (IllegalArgumentException _) {
      with.error(
          "metrics",
          names.toString(),
          "standard, docarray, or of " + Metric.STANDARD.stream().map(Metric::label).toList());
      return List.of("standard");
    }
  }

  private static CallbackConfig earlyStopping(ConfigKeys with) {
    double baseline = with.number("baseline", Double.NaN, Double::isFinite, "finite");
    return new CallbackConfig.EarlyStopping(
        with.text("monitor", "val_loss"),
        mode(with),
        with.whole("patience", 2, 1, 1000),
        with.number("min_delta", 0, value -> value >= 0 && Double.isFinite(value), "0 or more"),
        Double.isNaN(baseline) ? null : baseline);
  }

  private static MonitorMode mode(ConfigKeys with) {
    String mode = with.oneOf("mode", "auto", Set.of("auto", "min", "max"));
    return MonitorMode.valueOf(mode.toUpperCase(Locale.ROOT));
  }

  /// Notes monitors of what is never measured.
  static void checkMonitors(
      List<CallbackConfig> callbacks, boolean validated, ConfigKeys.Problems problems) {
    List<String> measured = new ArrayList<>(List.of("train_loss"));
    if (validated) {
      measured.add("val_loss");
    }
    for (CallbackConfig callback : callbacks) {
      if (callback instanceof CallbackConfig.Evaluation evaluation) {
        String prefix = evaluation.caption().isEmpty() ? "" : evaluation.caption() + "_";
        evaluation.chosenMetrics().forEach(metric -> measured.add(prefix + metric.label()));
      }
    }
    for (CallbackConfig callback : callbacks) {
      String monitor =
          switch (callback) {
            case CallbackConfig.BestModel best -> best.monitor();
            case CallbackConfig.EarlyStopping stopping -> stopping.monitor();
            case CallbackConfig.Evaluation _,
                CallbackConfig.Checkpointing _,
                CallbackConfig.WiseFt _ ->
                "train_loss";
          };
      if (!measured.contains(monitor)) {
        problems.add(
            0,
            "%s.monitor: %s is not measured (expected: %s; val_loss needs eval_data or val_split, a metric an EvaluationCallback)"
                .formatted(callback.name(), monitor, Spelling.expected(monitor, measured)));
      }
    }
  }
}
