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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A transformer of MiniLM's shape, tiny and with random weights, trained in processes of their own
/// on two threads each.
@Timeout(240)
class RepeatTest {
  private static final Path BERT = Path.of("../models/src/test/resources/bert-models/bert");

  /// Epochs of 6 steps: enough that a run which is killed at the first step seen is in the middle.
  private static final int EPOCHS = 20;

  @TempDir private Path folder;

  private RunFolder run(String name, long seed) throws Exception {
    RunFolder run = create(name, seed, 2, 1000);
    finish(run);
    return run;
  }

  private void finish(RunFolder run) throws InterruptedException {
    RunState end = start(run).await(_ -> {});
    assertThat(end.status()).as(end.details()).isEqualTo(RunStatus.FINISHED);
  }

  private RunProcess start(RunFolder run) {
    return FitMain.start(run, ModelStore.at(folder.resolve("models")));
  }

  private RunFolder create(String name, long seed, int epochs, int checkpointEvery)
      throws Exception {
    Path pairs = folder.resolve("pairs.csv");
    if (!Files.exists(pairs)) {
      StringBuilder rows = new StringBuilder("anchor,positive\n");
      for (int i = 0; i < 24; i++) {
        rows.append("how do I mend part %d of a bike?,".formatted(i));
        rows.append("take %s turns of the screw at %d\n".formatted("a few ".repeat(i % 5), i));
      }
      Files.writeString(pairs, rows);
    }
    Map<String, Object> options = new LinkedHashMap<>();
    options.put("model", BERT.toRealPath().toString());
    options.put("train_data", pairs.toString());
    options.put("loss", "MultipleNegativesRankingLoss");
    options.put("learning_rate", 1e-3);
    options.put("batch_size", 8);
    options.put("epochs", epochs);
    options.put("checkpoint_every", checkpointEvery);
    options.put("threads", 2);
    options.put("seed", seed);
    options.put("run_name", name);
    return RunStore.at(folder.resolve("runs")).create(RunConfig.of(options));
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

  @Test
  void aRunThatIsKilledAndResumedMakesTheSameModel() throws Exception {
    RunFolder whole = create("whole", 1, EPOCHS, 1000);
    finish(whole);
    assertThat(whole.config().model()).as("pinned").isEqualTo("bert@1");

    RunFolder killed = create("killed", 1, EPOCHS, 4);
    RunProcess process = start(killed);
    RunState end =
        process.await(event -> {
          if (event instanceof ProgressEvent.Step step && step.step() > 4) {
            ProcessHandle.of(process.pid()).ifPresent(ProcessHandle::destroyForcibly); // SIGKILL
          }
        });
    assertThat(end.status()).isEqualTo(RunStatus.FAILED);
    assertThat(killed.checkpoints().isEmpty()).isFalse();
    int before = losses(killed).size();
    assertThat(before).isGreaterThan(4).isLessThan(6 * EPOCHS);

    finish(killed);
    assertThat(killed.events())
        .filteredOn(ProgressEvent.FitBegin.class::isInstance)
        .last()
        .satisfies(begin -> assertThat(begin.step()).isBetween(1L, (long) before));
    assertThat(losses(killed)).hasSize(6 * EPOCHS).isEqualTo(losses(whole));
    assertThat(epochs(killed)).hasSize(EPOCHS).isEqualTo(epochs(whole));
    assertThat(hash(killed.artifact().orElseThrow().open()))
        .isEqualTo(hash(whole.artifact().orElseThrow().open()));
  }

  private static List<ProgressEvent> epochs(RunFolder run) {
    return run.events().stream().filter(ProgressEvent.EpochEnd.class::isInstance).toList();
  }
}
