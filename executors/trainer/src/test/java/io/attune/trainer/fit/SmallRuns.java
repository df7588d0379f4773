package io.attune.trainer.fit;

import static java.util.Objects.requireNonNull;

import io.attune.models.ModelStore;
import io.attune.trainer.run.ProgressEvent;
import io.attune.trainer.run.ProgressListener;
import io.attune.trainer.run.RunConfig;
import io.attune.trainer.run.RunFolder;
import io.attune.trainer.run.RunStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/// Runs of small models in the process of a test.
abstract class SmallRuns {
  private static final List<List<String>> TOPICS =
      List.of(
          List.of("bike", "tyre", "pump"),
          List.of("train", "rail", "station"),
          List.of("boat", "sail", "harbour"),
          List.of("plane", "wing", "airport"));

  @TempDir Path folder;
  Path texts;

  @BeforeEach
  void writeTexts() throws IOException {
    StringBuilder rows = new StringBuilder();
    for (int topic = 0; topic < TOPICS.size(); topic++) {
      List<String> words = TOPICS.get(topic);
      for (String verb : List.of("find", "mend", "sell", "clean", "paint")) {
        rows.append(verb)
            .append(" my ")
            .append(words.get(0))
            .append(',')
            .append(topic)
            .append('\n');
        rows.append("the ").append(words.get(1)).append(' ').append(words.get(2)).append(" to ");
        rows.append(verb).append(',').append(topic).append('\n');
      }
    }
    texts = Files.writeString(folder.resolve("texts.csv"), rows);
  }

  /// As many texts as are trained on, in other words.
  Path otherTexts() throws IOException {
    String rows = Files.readString(texts).replaceAll("(find|mend|sell|clean|paint)", "station");
    return Files.writeString(folder.resolve("others.csv"), rows.replace("my ", "the sail "));
  }

  Map<String, Object> options() {
    Map<String, Object> options = new LinkedHashMap<>();
    options.put("model", "bilstm");
    options.put(
        "model_options",
        Map.of("vocabulary_size", 60L, "embedding_dim", 8L, "hidden_size", 8L, "output_dim", 8L));
    options.put("train_data", texts.toString());
    options.put("csv_options", Map.of("is_labeled", true));
    options.put("eval_queries", texts.toString());
    options.put("loss", "NTXentLoss");
    options.put("learning_rate", 0.02);
    options.put("batch_size", 16L);
    options.put("epochs", 4L);
    options.put("threads", 2L);
    options.put("run_name", "run");
    return options;
  }

  /// Of another run on the first version that a run published.
  Map<String, Object> again(String name) {
    Map<String, Object> options = options();
    options.put("model", "bilstm@1");
    options.remove("model_options");
    options.put("run_name", name);
    return options;
  }

  ModelStore models(String where) {
    return ModelStore.at(folder.resolve(where).resolve("models"));
  }

  RunFolder run(String where, Map<String, Object> options, ProgressListener listener) {
    RunConfig config = RunConfig.of(options);
    RunFolder run = RunStore.at(folder.resolve(where).resolve("runs")).create(config);
    train(where, run, listener);
    return run;
  }

  void train(String where, RunFolder run, ProgressListener listener) {
    new GraphTraining(models(where)).run(run.config(), run, listener);
  }

  static List<Double> losses(List<ProgressEvent> events) {
    List<Double> losses = new ArrayList<>();
    for (ProgressEvent event : events) {
      if (event instanceof ProgressEvent.Step step) {
        losses.add(step.loss());
      }
    }
    return losses;
  }

  static double reciprocalRank(List<ProgressEvent> events, String phase) {
    for (ProgressEvent event : events) {
      if (event instanceof ProgressEvent.Evaluated evaluated && evaluated.phase().equals(phase)) {
        return requireNonNull(evaluated.metrics().get("reciprocal_rank")).value();
      }
    }
    throw new AssertionError("no evaluation " + phase);
  }

  static String hash(RunFolder run) {
    return requireNonNull(run.artifact().orElseThrow().open().artifact().files().get("model.onnx"));
  }
}
