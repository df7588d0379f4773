package io.attune.encoder;

import io.attune.models.Artifact;
import io.attune.models.CheckLimits;
import io.attune.models.Golden;
import io.attune.models.ModelCheck;
import io.attune.models.OnnxSession;
import io.attune.models.SessionOptions;
import io.attune.models.StoredModel;
import io.attune.models.TextTokenizer;
import io.attune.models.Trial;
import io.attune.runtime.FlowException;
import io.attune.runtime.error.Failures;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Loads models, and refuses those that do not give what their goldens say.
///
/// One session serves all workers: with one thread to a run, each worker computes on its own core,
/// and the weights are in memory once.
final class ModelLoader {
  private static final Logger LOG = LoggerFactory.getLogger(ModelLoader.class);

  private final EncoderOptions options;

  ModelLoader(EncoderOptions options) {
    this.options = options;
  }

  /// Loads a model that served before, or with which the encoder starts: hashes of its files,
  /// session, tokeniser, then its goldens, which also warm it.
  static EmbeddingModel load(StoredModel stored) {
    long start = System.nanoTime();
    EmbeddingModel model = open(stored.requireIntact());
    try {
      GoldenCheck.run(model, Golden.read(stored.golden()));
    } catch (RuntimeException failed) {
      model.close();
      throw failed;
    }
    loaded(model, start);
    return model;
  }

  /// Loads a model that shall serve beside another: hashes of its files; its graph and its goldens,
  /// in a process of its own that may crash, hang, or take too much; its pace, against the live
  /// one; then as above, and over the batch shapes of serving.
  ///
  /// @param live the live model
  /// @param steps told what is being done
  EmbeddingModel tried(StoredModel stored, EmbeddingModel live, Consumer<String> steps) {
    long start = System.nanoTime();
    LoadOptions loading = options.loading();
    steps.accept("computing the hashes of " + stored.id() + ", and trying it in another process");
    Trial trial = trial(stored, live, loading);
    steps.accept("loading " + stored.id());
    EmbeddingModel model = open(stored);
    try {
      GoldenCheck.run(model, trial.golden());
      steps.accept("warming up " + stored.id());
      WarmUp.run(
          model, trial.golden(), options.tokenBudget(), options.batchSize(), options.sessions());
    } catch (RuntimeException failed) {
      model.close();
      throw failed;
    }
    loaded(model, start);
    return model;
  }

  /// The hashes are computed and the live model timed beside the trial, which takes longer. Where
  /// both fail, a file that is not what was published is the reason.
  private static Trial trial(StoredModel stored, EmbeddingModel live, LoadOptions loading) {
    ModelCheck check = new ModelCheck(CheckLimits.DEFAULT.withTimeout(loading.timeout()));
    ThreadFactory threads = Thread.ofPlatform().name("trial of " + stored.id()).daemon().factory();
    try (ExecutorService beside = Executors.newThreadPerTaskExecutor(threads)) { // waits for both
      Future<StoredModel> hashes = beside.submit(stored::requireIntact);
      Future<Pace> pace = beside.submit(() -> Pace.of(live, Golden.read(stored.golden())));
      Trial trial;
      try {
        trial = check.trial(stored);
      } catch (FlowException failed) {
        var _ = Failures.get(hashes);
        throw failed;
      }
      var _ = Failures.get(hashes);
      Failures.get(pace).require(stored.id(), trial, loading.slowest());
      return trial;
    }
  }

  private static void loaded(EmbeddingModel model, long start) {
    LOG.atInfo()
        .addKeyValue("model", model.id())
        .addKeyValue("space", model.space())
        .addKeyValue("bytes", model.bytes())
        .addKeyValue("millis", (System.nanoTime() - start) / 1_000_000)
        .log("model loaded");
  }

  private static EmbeddingModel open(StoredModel stored) {
    Artifact artifact = stored.artifact();
    long bytes = MemoryRoom.taken(stored);
    OnnxSession session = OnnxSession.open(stored, SessionOptions.DEFAULT);
    try {
      return switch (artifact.preprocess()) {
        case TEXT -> new TextModel(artifact, TextTokenizer.open(stored), session, bytes);
        case TENSOR -> new TensorModel(artifact, session, bytes);
      };
    } catch (RuntimeException failed) {
      session.close();
      throw failed;
    }
  }
}
