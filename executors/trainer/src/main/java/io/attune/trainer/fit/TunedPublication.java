package io.attune.trainer.fit;

import io.attune.document.Document;
import io.attune.models.Artifact;
import io.attune.models.CheckLimits;
import io.attune.models.ModelStore;
import io.attune.models.Preprocess;
import io.attune.models.Publication;
import io.attune.models.Sha256;
import io.attune.models.StoredModel;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;
import io.attune.trainer.data.TrainingData;
import io.attune.trainer.graph.TunedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/// Publishes a tuned graph once ONNX Runtime gives what the trainer gives.
///
/// A run may be killed after it published and before that was noted in its folder. So what it would
/// publish is looked for first: a version of the same run, parent, data and metrics whose graph is
/// the same bit for bit.
final class TunedPublication {
  private static final int GOLDEN_TENSORS = 8;

  private final ModelStore store;
  private final BaseModel base;
  private final TunedModel tuned;
  private final Consumer<String> notes;

  TunedPublication(ModelStore store, BaseModel base, TunedModel tuned, Consumer<String> notes) {
    this.store = store;
    this.base = base;
    this.tuned = tuned;
    this.notes = notes;
  }

  /// Checks and publishes.
  ///
  /// @param run the run's id
  /// @param metrics what was measured of it
  StoredModel publish(
      TrainedGraph graph,
      BaseModel.Reader serving,
      TrainingData data,
      String run,
      Map<String, Double> metrics) {
    try {
      Artifact draft =
          base.draft()
              .from(base.parent().orElse(null), run, data.sha256(), metrics)
              .with(List.of());
      Optional<StoredModel> before = published(draft);
      if (before.isPresent()) {
        notes.accept("published as " + before.get().id() + " by an earlier attempt");
        return before.get();
      }
      Agreement agreement = new Agreement(graph, base, serving, data);
      Publication publication =
          new Publication(
              store,
              CheckLimits.DEFAULT,
              notes,
              file ->
                  notes.accept(
                      "the artifact agrees with the trainer to %.1e at batches of %s and lengths of %s"
                          .formatted(
                              agreement.require(file), Agreement.BATCHES, Agreement.LENGTHS)));
      StoredModel stored =
          draft.preprocess() == Preprocess.TEXT
              ? publication.ofText(
                  draft, tuned.model(), Files.readAllBytes(Objects.requireNonNull(tokenizer())))
              : ofTensors(publication, draft, data);
      notes.accept("published as " + stored.id());
      return stored;
    } catch (IOException e) {
      throw new FlowException(ErrorCode.INTERNAL, "artifact: " + e.getMessage(), e);
    }
  }

  private Optional<StoredModel> published(Artifact draft) throws IOException {
    for (int version : store.versions(draft.name()).reversed()) {
      Optional<StoredModel> stored =
          opened(new ModelVersion(draft.name(), version))
              .filter(model -> isOfTheSame(model.artifact(), draft));
      if (stored.isPresent() && isTuned(stored.get())) {
        return stored;
      }
    }
    return Optional.empty();
  }

  private static boolean isOfTheSame(Artifact there, Artifact draft) {
    return there.run().equals(draft.run())
        && there.parent().equals(draft.parent())
        && there.dataHash().equals(draft.dataHash())
        && there.metrics().equals(draft.metrics());
  }

  private boolean isTuned(StoredModel stored) throws IOException {
    return Sha256.of(tuned.model()::write).equals(stored.artifact().files().get(Artifact.MODEL));
  }

  private Optional<StoredModel> opened(ModelVersion version) {
    try {
      return Optional.of(store.open(version));
    } catch (FlowException _) {
      return Optional.empty(); // one that cannot be read is in nobody's way here
    }
  }

  private Path tokenizer() {
    return Objects.requireNonNull(base.tokenizer(), "a model of texts has a tokenizer");
  }

  private StoredModel ofTensors(Publication publication, Artifact draft, TrainingData data) {
    List<float[]> tensors = new ArrayList<>();
    long[] shape = {};
    for (int item = 0; item < Math.min(GOLDEN_TENSORS, data.size()); item++) {
      Document document = data.document(item);
      tensors.add(document.tensor().orElseThrow().floats());
      int[] one = document.tensor().orElseThrow().shape();
      shape = new long[one.length];
      for (int i = 0; i < one.length; i++) {
        shape[i] = one[i];
      }
    }
    return publication.ofTensors(draft, tuned.model(), tensors, shape);
  }
}
