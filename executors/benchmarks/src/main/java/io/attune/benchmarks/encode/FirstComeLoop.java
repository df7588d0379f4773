package io.attune.benchmarks.encode;

import io.attune.models.OnnxSession;
import io.attune.models.SessionOptions;
import io.attune.models.StoredModel;
import io.attune.models.Tokens;
import java.util.List;

/// A bare ONNX Runtime loop in the shape of text-embeddings-inference's ONNX backend: texts in the
/// order they come, up to 8 to a batch, padded to the longest, one session of two spinning threads.
/// It is given tokens, so it pays neither for tokenising nor for a network.
final class FirstComeLoop implements AutoCloseable {
  static final String NAME = "ONNX Runtime, first come, up to 8, padded, one 2-thread session";
  private static final int BATCH = 8;
  private static final SessionOptions OPTIONS =
      new SessionOptions(2, true, SessionOptions.Optimization.ALL);

  private final OnnxSession session;

  FirstComeLoop(StoredModel model) {
    session = OnnxSession.open(model, OPTIONS);
  }

  /// Embeds all texts.
  ///
  /// @return texts per second
  double run(List<Tokens> texts) {
    long start = System.nanoTime();
    int embedded = 0;
    for (int from = 0; from < texts.size(); from += BATCH) {
      embedded += session.embed(texts.subList(from, Math.min(texts.size(), from + BATCH))).length;
    }
    return embedded * 1e9 / (System.nanoTime() - start);
  }

  @Override
  public void close() {
    session.close();
  }
}
