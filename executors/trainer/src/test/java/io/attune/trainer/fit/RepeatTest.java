package io.attune.trainer.fit;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.attune.models.ModelStore;
import io.attune.models.StoredModel;
import io.attune.trainer.run.ProgressEvent;
import io.attune.trainer.run.RunConfig;
import io.attune.trainer.run.RunFolder;
import io.attune.trainer.run.RunProcess;
import io.attune.trainer.run.RunState;
import io.attune.trainer.run.RunStatus;
import io.attune.trainer.run.RunStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A transformer of MiniLM's shape, tiny and with random weights, trained in processes of their own
/// on two threads each.
@Timeout(120)
class RepeatTest {
  private static final Path BERT = Path.of("../models/src/test/resources/bert-models/bert");

  @TempDir private Path folder;

  private RunFolder run(String name, long seed) throws Exception {
    Path pairs = folder.resolve("pairs.csv");
    if (!Files.exists(pairs)) {
      StringBuilder rows = new StringBuilder("anchor,positive\n");
      for (int i = 0; i < 24; i++) {
        rows.append("how do I mend part %d of a bike?,".formatted(i));
        rows.append("take %s turns of the screw at %d\n".formatted("a few ".repeat(i % 5), i));
      }
      Files.writeString(pairs, rows);
    }
    RunConfig config =
        RunConfig.of(
            Map.of(
                "model",
                BERT.toRealPath().toString(),
                "train_data",
                pairs.toString(),
                "loss",
                "MultipleNegativesRankingLoss",
                "learning_rate",
                1e-3,
                "batch_size",
                8,
                "epochs",
                2,
                "threads",
                2,
                "seed",
                seed,
                "run_name",
                name));
    RunFolder run = RunStore.at(folder.resolve("runs")).create(config);
    RunProcess process = FitMain.start(run, ModelStore.at(folder.resolve("models")));
    RunState end = process.await(_ -> {});
    assertThat(end.status()).as(end.details()).isEqualTo(RunStatus.FINISHED);
    return run;
  }

  private static List<Double> losses(RunFolder run) {
    return run.events().stream()
        .filter(ProgressEvent.Step.class::isInstance)
        .map(event -> ((ProgressEvent.Step) event).loss())
        .toList();
  }

  private static String hash(StoredModel model) {
    return requireNonNull(model.artifact().files().get("model.onnx"));
  }

  @Test
  void twoProcessesOfOneSeedMakeOneModel() throws Exception {
    RunFolder first = run("first", 1);
    RunFolder second = run("second", 1);
    RunFolder other = run("other", 2);
    assertThat(losses(first)).hasSize(12).doesNotHaveDuplicates();
    assertThat(losses(second)).isEqualTo(losses(first));
    assertThat(losses(other)).isNotEqualTo(losses(first));
    StoredModel tuned = first.artifact().orElseThrow().open();
    assertThat(tuned.artifact().parent()).as("the folder is imported once").isPresent();
    assertThat(second.artifact().orElseThrow().open().artifact().parent())
        .isEqualTo(tuned.artifact().parent());
    assertThat(hash(second.artifact().orElseThrow().open())).isEqualTo(hash(tuned));
    assertThat(hash(other.artifact().orElseThrow().open())).isNotEqualTo(hash(tuned));
  }
}
