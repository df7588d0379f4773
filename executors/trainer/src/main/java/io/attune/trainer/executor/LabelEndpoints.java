package io.attune.trainer.executor;

import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.json.StructJson;
import io.attune.models.ModelStore;
import io.attune.models.StoredModel;
import io.attune.runtime.Answer;
import io.attune.runtime.Call;
import io.attune.runtime.Endpoints;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.trainer.label.LabelOptions;
import io.attune.trainer.label.Labelling;
import io.attune.trainer.label.NextQuestions;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// The endpoints of labelling by hand, and `/fit` with labels; see `docs/labelling.md`.
final class LabelEndpoints implements AutoCloseable {
  private static final String FOLDER = ".labelling";
  private static final int MOST_EPOCHS = 100_000;

  private final Labelling labelling;
  private final DataRoot dataRoot;
  private final boolean hasDataRoot;
  private final Predicate<String> ignored;

  /// @param ignored parameters that are not looked at
  LabelEndpoints(
      LabelOptions interactive,
      TrainerOptions options,
      TrainerRuns runs,
      Predicate<String> ignored) {
    this.labelling =
        new Labelling(
            options.runs().resolve(FOLDER),
            (long) options.mostDataMb() << 20,
            interactive,
            new SessionOfRuns(runs, ModelStore.at(options.store())));
    this.dataRoot = new DataRoot(options.dataRoot());
    this.hasDataRoot = options.dataRoot() != null;
    this.ignored = ignored;
  }

  void bind(Endpoints endpoints) {
    endpoints
        .write("/feed", this::feed)
        .read("/next", this::next)
        .write("/save", this::save)
        .write("/terminate", this::terminate);
  }

  /// Whether a request to `/fit` brings labels; else it asks for a run of its own.
  boolean takes(Call call) {
    Map<String, ?> parameters = call.parameters().struct().getFieldsMap();
    return !parameters.containsKey("model") && !parameters.containsKey("train_data");
  }

  Answer fit(Call call) {
    RunParameters parameters = RunParameters.of(call, ignored, "epochs");
    int epochs = parameters.whole("epochs", -1, 0, MOST_EPOCHS);
    return results(
        labelling.submit(call.requestId(), call.documents(), epochs < 0 ? null : epochs));
  }

  private Answer feed(Call call) {
    var _ = RunParameters.of(call, ignored);
    return results(labelling.feed(call.documents()));
  }

  private Answer next(Call call) {
    var _ = RunParameters.of(call, ignored, "start", "end", "topk", "sample_size", "mode");
    Labelling.Asked asked = labelling.next(NextQuestions.of(call.parameters()));
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("model", asked.model());
    result.put("of", asked.of());
    return Answer.of(asked.questions()).withResults(StructJson.of(result));
  }

  private Answer save(Call call) {
    Optional<String> path = RunParameters.of(call, ignored, "model_path").text("model_path");
    StoredModel model =
        labelling
            .model()
            .orElseThrow(() ->
                new FlowException(
                    ErrorCode.FAILED_PRECONDITION,
                    "model: none yet (expected: a run of this session that finished)"));
    Map<String, Object> result = new LinkedHashMap<>();
    try (SavedModel saved = SavedModel.of(model)) {
      result.put("artifact", saved.artifact());
      result.put("bytes", saved.size());
      if (path.isEmpty() && !hasDataRoot) {
        Document document = Document.create().blob(saved.whole()).mimeType("application/zip");
        return Answer.of(DocumentArray.of(document)).withResults(StructJson.of(result));
      }
      Path target = dataRoot.target("model_path", path.orElse("trained.model"));
      saved.copyTo(target);
      result.put("model_path", path.orElse("trained.model"));
      return results(result);
    }
  }

  private Answer terminate(Call call) {
    var _ = RunParameters.of(call, ignored);
    return results(labelling.terminate());
  }

  /// Trains labels that wait for it.
  void trainWhatWaits() {
    labelling.trainWhatWaits();
  }

  private static Answer results(Map<String, ?> result) {
    return Answer.of(DocumentArray.of()).withResults(StructJson.of(result));
  }

  @Override
  public void close() {
    labelling.close();
  }
}
