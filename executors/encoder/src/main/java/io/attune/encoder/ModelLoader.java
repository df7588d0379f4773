package io.attune.encoder;

import io.attune.models.Artifact;
import io.attune.models.Golden;
import io.attune.models.OnnxSession;
import io.attune.models.SessionOptions;
import io.attune.models.StoredModel;
import io.attune.models.TextTokenizer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Loads models, and refuses those that do not give what their goldens say.
final class ModelLoader {
  private static final Logger LOG = LoggerFactory.getLogger(ModelLoader.class);

  private ModelLoader() {}

  /// Loads a model: hashes of its files, session, tokeniser, then its goldens, which also warm it.
  ///
  /// One session serves all workers: with one thread to a run, each worker computes on its own
  /// core, and the weights are in memory once.
  static EmbeddingModel load(StoredModel stored) {
    long start = System.nanoTime();
    EmbeddingModel model = open(stored.requireIntact());
    try {
      GoldenCheck.run(model, Golden.read(stored.golden()));
    } catch (RuntimeException failed) {
      model.close();
      throw failed;
    }
    LOG.atInfo()
        .addKeyValue("model", stored.id())
        .addKeyValue("space", model.space())
        .addKeyValue("millis", (System.nanoTime() - start) / 1_000_000)
        .log("model loaded");
    return model;
  }

  private static EmbeddingModel open(StoredModel stored) {
    Artifact artifact = stored.artifact();
    OnnxSession session = OnnxSession.open(stored, SessionOptions.DEFAULT);
    try {
      return switch (artifact.preprocess()) {
        case TEXT -> new TextModel(artifact, TextTokenizer.open(stored), session);
        case TENSOR -> new TensorModel(artifact, session);
      };
    } catch (RuntimeException failed) {
      session.close();
      throw failed;
    }
  }
}
