package io.attune.trainer.fit;

import io.attune.trainer.callback.EvaluationData;
import io.attune.trainer.data.DataOptions;
import io.attune.trainer.data.DataSplit;
import io.attune.trainer.data.TrainingData;
import io.attune.trainer.run.CallbackConfig;
import io.attune.trainer.run.RunConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The data of a run, read as its configuration says.
final class FitData implements AutoCloseable {
  private final RunConfig config;
  private final Consumer<String> notes;
  private final List<TrainingData> open = new ArrayList<>();
  private final TrainingData training;
  private final @Nullable TrainingData validation;

  /// @param notes told what in the data deserves a look
  FitData(RunConfig config, Consumer<String> notes) {
    this.config = config;
    this.notes = notes;
    try {
      if (config.valSplit() > 0 && config.evalData().isEmpty()) {
        DataSplit split =
            DataSplit.read(
                paths(config.trainData()),
                config.csvOptions().withSplitBy(config.splitBy()),
                config.valSplit(),
                config.seed());
        open.add(split.training());
        open.add(split.heldOut());
        training = split.training();
        validation = split.heldOut();
        split.lines().forEach(notes);
        training.report().lines().forEach(notes);
        noteLeakage("held out", validation);
      } else {
        training = read(config.trainData(), config.csvOptions());
        training.report().lines().forEach(notes);
        validation = config.evalData().isEmpty() ? null : measured(config.evalData());
        if (validation != null) {
          noteLeakage(String.join(", ", config.evalData()), validation);
        }
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private static List<Path> paths(List<String> files) {
    return files.stream().map(Path::of).toList();
  }

  /// What is measured on is read whole, as a part of it would flatter, and may be JSON lines where
  /// what is trained on is CSV with columns of its own.
  private TrainingData measured(List<String> files) {
    DataOptions whole = config.csvOptions().withSize(0).withSamplingRate(1, 0);
    return read(files, whole.withoutColumnsUnlessCsv(paths(files)));
  }

  private TrainingData read(List<String> files, DataOptions options) {
    TrainingData data = TrainingData.read(paths(files), options);
    open.add(data);
    return data;
  }

  private void noteLeakage(String file, TrainingData evaluation) {
    training.leakage(evaluation).lines().forEach(line -> notes.accept(file + ": " + line));
  }

  TrainingData training() {
    return training;
  }

  /// What `val_loss` is measured on; null where nothing is.
  @Nullable TrainingData validation() {
    return validation;
  }

  /// The queries and the index of an evaluation, and what belongs together.
  EvaluationData evaluation(CallbackConfig.Evaluation evaluation) {
    TrainingData queries = measured(List.of(evaluation.queryData()));
    noteLeakage(evaluation.queryData(), queries);
    String index = evaluation.indexData();
    return EvaluationSet.of(queries, index == null ? null : measured(List.of(index)));
  }

  @Override
  public void close() {
    open.forEach(TrainingData::close);
  }
}
