package io.attune.cli.hello;

import io.attune.cli.Closing;
import io.attune.cli.Console;
import io.attune.cli.train.FitProgress;
import io.attune.document.Document;
import io.attune.document.file.DocumentFile;
import io.attune.models.ModelStore;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.trainer.fit.FitMain;
import io.attune.trainer.fit.Preflight;
import io.attune.trainer.run.RunConfig;
import io.attune.trainer.run.RunFolder;
import io.attune.trainer.run.RunProcess;
import io.attune.trainer.run.RunState;
import io.attune.trainer.run.RunStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// Tunes the model that a Flow serves on judged questions, in a process of its own.
///
/// @param console where progress is shown
/// @param folder of runs and of their data
/// @param store where the model comes from and its next version is published
record Tuning(Console console, Path folder, ModelStore store) {
  /// Fewer teach nothing.
  static final int LEAST_QUESTIONS = 8;

  private static final int BATCH_SIZE = 32;
  private static final int EPOCHS = 3;
  private static final double LEARNING_RATE = 3e-5;
  private static final Duration GRACE = Duration.ofSeconds(20);

  /// Trains, and answers the version that it published, as `name@2`.
  ///
  /// @param model what is tuned, as `name@1`
  /// @param judged questions with labelled answers, as the executor Feedback exports them
  /// @throws FlowException where training fails
  String tune(Closing closing, String model, List<Document> judged)
      throws IOException, InterruptedException {
    Path data = folder.resolve("feedback.jsonl");
    DocumentFile.write(data, judged);
    RunConfig config =
        RunConfig.of(
            Map.of(
                "model",
                model,
                "train_data",
                List.of(data.toString()),
                "loss",
                "MultipleNegativesRankingLoss",
                "learning_rate",
                LEARNING_RATE,
                "epochs",
                EPOCHS,
                "batch_size",
                Math.min(BATCH_SIZE, judged.size())));
    RunFolder run = RunStore.at(folder.resolve("runs")).create(Preflight.check(config, store));
    RunProcess process = FitMain.start(run, store);
    closing.with(() -> {
      if (!run.state().status().isOver()) {
        var _ = process.cancel(GRACE);
      }
    });
    RunState end;
    try (FitProgress progress = new FitProgress(console)) {
      end = process.await(progress);
    }
    return run.artifact()
        .orElseThrow(() ->
            new FlowException(
                ErrorCode.INTERNAL,
                "run %s is %s: %s".formatted(run.id(), end.status(), end.details())))
        .model();
  }
}
