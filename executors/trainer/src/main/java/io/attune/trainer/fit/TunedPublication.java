package io.attune.trainer.fit;

import io.attune.document.Document;
import io.attune.models.Artifact;
import io.attune.models.CheckLimits;
import io.attune.models.ModelStore;
import io.attune.models.Preprocess;
import io.attune.models.Publication;
import io.attune.models.StoredModel;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.trainer.data.TrainingData;
import io.attune.trainer.graph.TunedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/// Publishes a tuned graph once ONNX Runtime gives what the trainer gives.
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
      Agreement agreement = new Agreement(graph, base, serving, data);
      Artifact draft = base.draft().from(base.parent().orElse(null), run, metrics).with(List.of());
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
