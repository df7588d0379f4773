package io.attune.trainer.fit;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.models.ModelStore;
import io.attune.models.StoredModel;
import io.attune.trainer.run.RunConfig;
import io.attune.trainer.run.RunFolder;
import io.attune.trainer.run.RunState;
import io.attune.trainer.run.RunStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The lines of `docs/runs.md` that tune a model from Java, as they stand there.
@Timeout(120)
class FromJavaTest {
  private static final Path DOCS = Path.of("../../docs/runs.md");
  private static final Path THIS = Path.of("src/test/java/io/attune/trainer/fit/FromJavaTest.java");

  @TempDir private Path folder;

  static StoredModel tune(String model, Path pairs, Path runs, Path models)
      throws InterruptedException {
    // docs
    RunConfig config =
        RunConfig.of(
            Map.of(
                "model",
                model,
                "train_data",
                pairs.toString(),
                "loss",
                "MultipleNegativesRankingLoss",
                "epochs",
                1));
    ModelStore store = ModelStore.at(models);
    RunFolder run = RunStore.at(runs).create(Preflight.check(config, store));
    RunState end = FitMain.start(run, store).await(System.out::println);
    System.out.println(end.status() + " " + end.details());
    return run.artifact().orElseThrow().open();
    // docs
  }

  @Test
  void theLinesOfTheDocsTuneAModel() throws Exception {
    Path pairs =
        Files.writeString(
            folder.resolve("pairs.csv"),
            """
            when is the bill sent?,bills are sent on the first of each month
            how do I charge my bike?,plug the charger in and wait for the green light
            my bill is late,bills that are late are sent once more
            the bike has no light,wait for the green light of the bike
            """);
    StoredModel tuned = tune("bilstm", pairs, folder.resolve("runs"), folder.resolve("models"));
    assertThat(tuned.id()).hasToString("bilstm@1");
  }

  @Test
  void theDocsHaveTheseLines() throws IOException {
    String[] parts = Files.readString(THIS).split("// docs\n", -1);
    String docs = Files.readString(DOCS);
    assertThat(docs.replaceAll("\\s+", "")).contains(parts[1].replaceAll("\\s+", ""));
  }
}
