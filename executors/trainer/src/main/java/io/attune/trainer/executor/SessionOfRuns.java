package io.attune.trainer.executor;

import io.attune.document.DocumentArray;
import io.attune.models.DefaultModel;
import io.attune.models.ModelStore;
import io.attune.models.StoredModel;
import io.attune.runtime.FlowException;
import io.attune.trainer.architecture.Architecture;
import io.attune.trainer.label.SessionRuns;
import io.attune.trainer.run.RunArtifact;
import io.attune.trainer.run.RunFolder;
import io.attune.trainer.run.RunStatus;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The runs of a labelling session, in a trainer's store.
///
/// @param store where the model is that a session begins with
record SessionOfRuns(TrainerRuns runs, ModelStore store) implements SessionRuns {
  @Override
  public Optional<StoredModel> tuned(String experiment) {
    for (RunFolder run : runs.list(Optional.empty()).reversed()) {
      if (run.experiment().equals(experiment) && isFinished(run)) {
        Optional<StoredModel> model = run.artifact().flatMap(SessionOfRuns::open);
        if (model.isPresent()) {
          return model;
        }
      }
    }
    return Optional.empty();
  }

  private static boolean isFinished(RunFolder run) {
    try {
      return run.state().status() == RunStatus.FINISHED;
    } catch (FlowException _) {
      return false; // damaged, or deleted meanwhile
    }
  }

  /// What a run published; empty where it was removed from its store since.
  private static Optional<StoredModel> open(RunArtifact artifact) {
    try {
      return Optional.of(artifact.open());
    } catch (FlowException _) {
      return Optional.empty();
    }
  }

  @Override
  public Optional<StoredModel> base(String model) {
    return Architecture.NAMES.contains(model)
        ? Optional.empty()
        : Optional.of(DefaultModel.resolve(store, model));
  }

  @Override
  public boolean hasRoom() {
    return runs.hasRoom();
  }

  @Override
  public Map<String, @Nullable Object> start(
      UUID cause, Map<String, ? extends @Nullable Object> values, DocumentArray documents) {
    RunFolder run = runs.fitOnce(cause, values, documents);
    Map<String, @Nullable Object> summary = new LinkedHashMap<>();
    summary.put("id", run.id());
    summary.putAll(run.summary());
    return summary;
  }
}
