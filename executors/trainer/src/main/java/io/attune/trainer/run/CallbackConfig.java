package io.attune.trainer.run;

import io.attune.evaluator.metrics.Metric;
import io.attune.runtime.FlowException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;

/// What happens besides training, as `callbacks` lists it.
public sealed interface CallbackConfig {
  /// The callback's name in a configuration.
  String name();

  /// Its options, every one of them.
  Map<String, @Nullable Object> options();

  /// Whether it publishes other weights than those of the last step.
  default boolean replacesWeights() {
    return false;
  }

  /// The same with other names for its files.
  ///
  /// @param renamed given the option, `eval_queries` or `eval_index`, and a name
  default CallbackConfig withFiles(BinaryOperator<String> renamed) {
    return this;
  }

  /// Retrieves from an index what belongs to queries, before training, after each epoch, and with
  /// the weights that are published.
  ///
  /// @param queryData the file of the queries
  /// @param indexData the file of the documents; null where the queries search each other
  /// @param batchSize how many documents are embedded together, 1..65536; default 32
  /// @param excludeSelf whether a query does not find the document of its own id; default true
  /// @param limit how many documents a query retrieves, which is also the cut-off of the metrics,
  ///   1..10000; default 20
  /// @param distance `cosine` (default), `euclidean` or `dot`
  /// @param metrics labels of metrics, or `standard` (default) or `docarray`
  /// @param resamples how often queries are drawn for the intervals, 0..100000; default 1000
  /// @param querySampleSize how many queries are drawn (by the seed), null for all
  /// @param gatherExamples whether the matches of some queries are kept, before and after; default
  ///   false
  /// @param numExampleQueries of how many, 1..1000; default 5
  /// @param caption tells several evaluations apart; empty for the only one
  record Evaluation(
      String queryData,
      @Nullable String indexData,
      int batchSize,
      boolean excludeSelf,
      int limit,
      String distance,
      List<String> metrics,
      int resamples,
      @Nullable Integer querySampleSize,
      boolean gatherExamples,
      int numExampleQueries,
      String caption)
      implements CallbackConfig {
    static final Set<String> DISTANCES = Set.of("cosine", "euclidean", "dot");

    public Evaluation {
      metrics = List.copyOf(metrics);
      try {
        Metric.chosen("metrics", metrics);
      } catch (IllegalArgumentException e) {
        throw FlowException.invalid(String.valueOf(e.getMessage()));
      }
    }

    /// With the defaults.
    public static Evaluation of(String queryData, @Nullable String indexData) {
      return new Evaluation(
          queryData,
          indexData,
          32,
          true,
          20,
          "cosine",
          List.of("standard"),
          1000,
          null,
          false,
          5,
          "");
    }

    @Override
    public Evaluation withFiles(BinaryOperator<String> renamed) {
      return new Evaluation(
          renamed.apply("eval_queries", queryData),
          indexData == null ? null : renamed.apply("eval_index", indexData),
          batchSize,
          excludeSelf,
          limit,
          distance,
          metrics,
          resamples,
          querySampleSize,
          gatherExamples,
          numExampleQueries,
          caption);
    }

    /// Its metrics.
    public List<Metric> chosenMetrics() {
      return Metric.chosen("metrics", metrics);
    }

    @Override
    public String name() {
      return "EvaluationCallback";
    }

    @Override
    public Map<String, @Nullable Object> options() {
      Map<String, @Nullable Object> options = new LinkedHashMap<>();
      options.put("query_data", queryData);
      options.put("index_data", indexData);
      options.put("batch_size", batchSize);
      options.put("exclude_self", excludeSelf);
      options.put("limit", limit);
      options.put("distance", distance);
      options.put("metrics", metrics);
      options.put("resamples", resamples);
      options.put("query_sample_size", querySampleSize);
      options.put("gather_examples", gatherExamples);
      options.put("num_example_queries", numExampleQueries);
      options.put("caption", caption);
      return options;
    }
  }

  /// Publishes the weights of the best epoch instead of the last.
  ///
  /// @param monitor the value that says which is best; default `val_loss`
  /// @param mode whether lower or higher is better; default `auto`
  record BestModel(String monitor, MonitorMode mode) implements CallbackConfig {
    @Override
    public String name() {
      return "BestModelCheckpoint";
    }

    @Override
    public boolean replacesWeights() {
      return true;
    }

    @Override
    public Map<String, @Nullable Object> options() {
      return new LinkedHashMap<>(Map.of("monitor", monitor, "mode", mode.label()));
    }
  }

  /// Publishes weights between those that training began from and the tuned ones.
  ///
  /// @param alpha the share of the tuned ones, 0..1; default 0.4
  record WiseFt(double alpha) implements CallbackConfig {
    static final String NAME = "WiSEFTCallback";

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public boolean replacesWeights() {
      return true;
    }

    @Override
    public Map<String, @Nullable Object> options() {
      return new LinkedHashMap<>(Map.of("alpha", alpha));
    }
  }

  /// Keeps checkpoints of the last epochs, from which a run resumes. Without it the last one is
  /// kept.
  ///
  /// @param lastKEpochs how many, 1..1000; default 1
  record Checkpointing(int lastKEpochs) implements CallbackConfig {
    @Override
    public String name() {
      return "TrainingCheckpoint";
    }

    @Override
    public Map<String, @Nullable Object> options() {
      return new LinkedHashMap<>(Map.of("last_k_epochs", lastKEpochs));
    }
  }

  /// Stops training that does not get better.
  ///
  /// @param monitor the value that should get better; default `val_loss`
  /// @param mode whether lower or higher is better; default `auto`
  /// @param patience how many epochs in a row may be no better before it stops, 1..1000; default 2
  /// @param minDelta by how much at least a value must be better to count, 0 or more; default 0
  /// @param baseline what must be beaten from the first epoch on; default none
  record EarlyStopping(
      String monitor, MonitorMode mode, int patience, double minDelta, @Nullable Double baseline)
      implements CallbackConfig {
    @Override
    public String name() {
      return "EarlyStopping";
    }

    @Override
    public Map<String, @Nullable Object> options() {
      Map<String, @Nullable Object> options = new LinkedHashMap<>();
      options.put("monitor", monitor);
      options.put("mode", mode.label());
      options.put("patience", patience);
      options.put("min_delta", minDelta);
      options.put("baseline", baseline);
      return options;
    }
  }
}
