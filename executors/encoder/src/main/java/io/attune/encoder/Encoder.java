package io.attune.encoder;

import io.attune.document.Document;
import io.attune.models.DefaultModel;
import io.attune.models.ModelStore;
import io.attune.models.StoredModel;
import io.attune.runtime.Answer;
import io.attune.runtime.Call;
import io.attune.runtime.Endpoints;
import io.attune.runtime.Executor;
import io.attune.runtime.ExecutorContext;
import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;
import io.attune.runtime.Priority;
import io.attune.runtime.batching.BatchKey;
import io.attune.runtime.batching.BatchOptions;
import io.attune.runtime.batching.BatchQueue;
import io.attune.runtime.batching.NearEqualCost;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Objects;

/// Gives documents their embeddings.
///
/// Every document that the traversal paths reach, and that has content the model reads, gets the
/// embedding of that content, marked with the model's space. One that has an embedding keeps it,
/// unless the request says `overwrite`; one without such content is left alone. Texts longer than
/// the model's `max_length` are cut. All of it is counted, in metrics and in the answer's results
/// (`model`, `space`, `encoded`, `kept`, `skipped`, `cut`).
///
/// Texts are tokenised on the thread of the request, then queued by their number of tokens;
/// workers, one to a core, take batches of near-equal length. A batch holds one model version only.
/// The version is the one the request is stamped with, or else the live one; for reads, the
/// parameter `model` goes before both. Further versions are loaded beside the live one by [#load].
///
/// `/index` and `/update` are writes and so bulk; `/search`, `/encode` and every other endpoint are
/// reads and so interactive, unless the call says its priority.
public final class Encoder implements Executor {
  private static final String ENDPOINT = "/encode";

  private final EncoderOptions options;
  private final EncoderMetrics metrics;
  private final ResidentModels models;
  private final BatchQueue<Input, float[]> queue;

  /// Takes over the model.
  Encoder(String name, EmbeddingModel model, EncoderOptions options, MeterRegistry meters) {
    this.options = options;
    this.metrics = new EncoderMetrics(meters, name);
    this.models = new ResidentModels(model);
    BatchOptions batching =
        BatchOptions.of(name, options.sessions())
            .withCapacity(options.interactiveQueueTokens(), options.bulkQueueTokens())
            .withBulkShare(options.bulkShare());
    this.queue =
        new BatchQueue<>(
            batching,
            new NearEqualCost(options.tokenBudget(), options.batchSize(), options.maxPadding()),
            Input::cost,
            this::run,
            meters);
  }

  /// An encoder as its context's options say, its model loaded, checked and warm.
  ///
  /// @throws io.attune.runtime.FlowException where an option is wrong or the model cannot be loaded
  public static Encoder open(ExecutorContext context) {
    EncoderOptions options = EncoderOptions.from(context.with());
    ModelStore store = ModelStore.at(options.store());
    StoredModel stored = DefaultModel.resolve(store, options.model());
    return new Encoder(context.name(), ModelLoader.load(stored), options, context.meters());
  }

  @Override
  public void bind(Endpoints endpoints) {
    endpoints
        .write("/index", call -> encode(call, false))
        .write("/update", call -> encode(call, false))
        .read("/search", call -> encode(call, true))
        .read(ENDPOINT, call -> encode(call, true))
        .read("/default", call -> encode(call, true));
  }

  /// Loads a version beside those that are there. Blocks until it is checked and warm.
  ///
  /// @throws io.attune.runtime.FlowException ALREADY_EXISTS where it is there, or where it cannot
  ///   be loaded
  public void load(StoredModel stored) {
    EmbeddingModel model = ModelLoader.load(stored);
    try {
      add(model);
    } catch (RuntimeException refused) {
      model.close();
      throw refused;
    }
  }

  /// Takes over a loaded model.
  void add(EmbeddingModel model) {
    models.add(model);
  }

  /// How many tokens wait for a worker.
  public long waitingTokens(Priority priority) {
    return queue.waitingCost(priority);
  }

  /// Lets a loaded version serve requests without a stamp.
  ///
  /// @throws io.attune.runtime.FlowException UNAVAILABLE where it is not loaded
  public void live(ModelVersion version) {
    models.live(version);
  }

  /// Gives up a version: requests under way finish, new ones that ask for it are refused.
  ///
  /// @throws io.attune.runtime.FlowException UNAVAILABLE where it is not loaded,
  ///   FAILED_PRECONDITION where it is live
  public void unload(ModelVersion version) {
    models.remove(version);
  }

  /// The versions that are loaded.
  public List<ModelVersion> versions() {
    return models.versions();
  }

  /// The version that serves requests without a stamp.
  public ModelVersion live() {
    return models.live();
  }

  private Answer encode(Call call, boolean mayChoose) {
    EncodeParameters parameters = EncodeParameters.of(call, options.traversalPaths());
    List<Document> documents = reached(call, parameters.traversalPaths());
    ModelVersion version =
        mayChoose && parameters.model().isPresent()
            ? models.named(parameters.model().get())
            : models.stamped(call.models());
    try (ResidentModels.Lease lease = models.lease(version)) {
      Work work = Work.read(lease.model(), documents, parameters);
      work.embed((shape, inputs) -> {
        BatchKey key = new BatchKey(ENDPOINT, parameters.batching(shape), version, call.priority());
        return queue.run(key, inputs, call.deadline(), call.context());
      });
      metrics.count(work);
      return Answer.results(work.results());
    }
  }

  private static List<Document> reached(Call call, String paths) {
    try {
      return call.documents().traverseFlat(paths);
    } catch (IllegalArgumentException unreadable) {
      throw FlowException.invalid("traversal_paths: " + unreadable.getMessage());
    }
  }

  private List<float[]> run(BatchKey key, List<Input> inputs) {
    try (ResidentModels.Lease lease = models.lease(Objects.requireNonNull(key.model()))) {
      return lease.model().embed(inputs);
    }
  }

  @Override
  public void close() {
    queue.close();
    models.close();
    metrics.close();
  }
}
