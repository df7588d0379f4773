package io.attune.encoder;

import io.attune.document.Document;
import io.attune.encoder.rollout.ParticipantService;
import io.attune.encoder.rollout.Participation;
import io.attune.encoder.rollout.StandingFile;
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
import io.grpc.BindableService;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
/// parameter `model` goes before both. Rollouts load further versions beside the live one and
/// change which is live, through the service `Participant`.
///
/// `/index` and `/update` are writes and so bulk; `/search`, `/encode` and every other endpoint are
/// reads and so interactive, unless the call says its priority.
public final class Encoder implements Executor {
  private static final Logger LOG = LoggerFactory.getLogger(Encoder.class);
  private static final String ENDPOINT = "/encode";

  private final EncoderOptions options;
  private final EncoderMetrics metrics;
  private final LoadMetrics loads;
  private final ResidentModels models;
  private final BatchQueue<Input, float[]> queue;
  private final @Nullable Participation participation;
  private final List<BindableService> adminServices;

  /// Takes over the model. It takes part in no rollouts.
  Encoder(String name, EmbeddingModel model, EncoderOptions options, MeterRegistry meters) {
    this(name, new ResidentModels(model), options, meters, null);
  }

  /// Takes over the models.
  private Encoder(
      String name,
      ResidentModels models,
      EncoderOptions options,
      MeterRegistry meters,
      @Nullable Start start) {
    this.options = options;
    this.metrics = new EncoderMetrics(meters, name);
    this.models = models;
    this.loads = new LoadMetrics(meters, name, models);
    this.participation = start == null ? null : start.participation(models, loads);
    this.adminServices =
        participation == null ? List.of() : List.of(new ParticipantService(name, participation));
    BatchOptions batching =
        BatchOptions.of(name, options.sessions())
            .withCapacity(options.interactiveQueueTokens(), options.bulkQueueTokens())
            .withBulkShare(options.bulkShare())
            .withYieldingBulk();
    this.queue =
        new BatchQueue<>(
            batching,
            new NearEqualCost(options.tokenBudget(), options.batchSize(), options.maxPadding()),
            Input::cost,
            this::run,
            meters);
  }

  /// An encoder as its context's options say, or where its workspace says that rollouts have left
  /// it; its models loaded, checked and warm.
  ///
  /// @throws io.attune.runtime.FlowException where an option is wrong or the model cannot be loaded
  public static Encoder open(ExecutorContext context) {
    EncoderOptions options = EncoderOptions.from(context.with());
    Start start = Start.of(options, new StandingFile(context.workspace()));
    return new Encoder(context.name(), start.models(), options, context.meters(), start);
  }

  @Override
  public List<BindableService> adminServices() {
    return adminServices;
  }

  /// Goes on with the command that a killed process left, and waits for the coordinator as long as
  /// `join_seconds` says: until a command is obeyed, or it says that none is needed.
  @Override
  public void join() throws InterruptedException {
    if (participation == null) {
      return;
    }
    participation.resume();
    Duration time = options.join();
    if (!time.isZero() && !participation.awaitReached(time)) {
      LOG.atWarn()
          .addKeyValue("seconds", time.toSeconds())
          .addKeyValue("standing", participation.standing())
          .log("no coordinator said where the Flow is; serving what was known here");
    }
  }

  @Override
  public void confirmed() {
    if (participation != null) {
      participation.confirmed();
    }
  }

  @Override
  public void bind(Endpoints endpoints) {
    endpoints
        .write("/index", call -> encode(call, true))
        .write("/update", call -> encode(call, true))
        .read("/search", call -> encode(call, false))
        .read(ENDPOINT, call -> encode(call, false))
        .read("/default", call -> encode(call, false));
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
  void live(ModelVersion version) {
    models.live(version);
  }

  /// Gives up a version: requests under way finish, new ones that ask for it are refused.
  ///
  /// @throws io.attune.runtime.FlowException UNAVAILABLE where it is not loaded,
  ///   FAILED_PRECONDITION where it is live
  void unload(ModelVersion version) {
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

  private Answer encode(Call call, boolean isWrite) {
    EncodeParameters parameters = EncodeParameters.of(call, options.traversalPaths(), isWrite);
    List<Document> documents = reached(call, parameters.traversalPaths());
    ModelVersion version =
        !isWrite && parameters.model().isPresent()
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
    try (ResidentModels.Lease lease = models.leaseAgain(Objects.requireNonNull(key.model()))) {
      return lease.model().embed(inputs);
    }
  }

  @Override
  public void close() {
    if (participation != null) {
      participation.close();
    }
    queue.close();
    models.close();
    loads.close();
    metrics.close();
  }
}
