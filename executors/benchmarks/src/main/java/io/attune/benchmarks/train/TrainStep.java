package io.attune.benchmarks.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.attune.models.StoredModel;
import io.attune.onnx.OnnxModel;
import io.attune.trainer.array.EngineArrays;
import io.attune.trainer.data.Supervision;
import io.attune.trainer.graph.DifferentiableGraph;
import io.attune.trainer.graph.Gradients;
import io.attune.trainer.graph.TorchEngine;
import io.attune.trainer.loss.Loss;
import io.attune.trainer.loss.Losses;
import io.attune.trainer.optimizer.Optimizer;
import io.attune.trainer.optimizer.Optimizers;
import io.attune.trainer.optimizer.Trainable;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;

/// One training step of a text model on random tokens: forward, MultipleNegativesRanking over pairs
/// of neighbours, backward, AdamW.
final class TrainStep implements AutoCloseable {
  private static final int FIRST_WORD = 1000;
  private static final int WORDS = 20_000;

  private final DifferentiableGraph graph;
  private final Optimizer optimizer;
  private final Loss loss;
  private final NDManager manager = TorchEngine.newManager();
  private final long[] ids;
  private final int length;
  private final Map<String, NDArray> inputs;
  private final Supervision pairs;

  /// @param rows how many texts, an even number
  /// @param length the tokens of each
  TrainStep(StoredModel model, int rows, int length, int threads) throws IOException {
    graph = DifferentiableGraph.load(OnnxModel.read(model.model()));
    optimizer =
        Optimizers.catalog()
            .named("AdamW")
            .make(
                Map.of("learning_rate", 1e-5, "max_grad_norm", 0),
                Trainable.of(graph.parameters()),
                threads);
    loss = Losses.catalog().named("MultipleNegativesRankingLoss").make(Map.of(), null);
    this.length = length;
    ids = new Random(1).longs((long) rows * length, FIRST_WORD, FIRST_WORD + WORDS).toArray();
    inputs = inputs(manager, length);
    int[] sessions = new int[rows];
    byte[] roles = new byte[rows];
    for (int row = 0; row < rows; row++) {
      sessions[row] = row / 2;
      roles[row] = row % 2 == 0 ? Supervision.Sessions.ANCHOR : Supervision.Sessions.POSITIVE;
    }
    pairs = new Supervision.Sessions(sessions, roles);
  }

  /// The first tokens of each text.
  private Map<String, NDArray> inputs(NDManager owner, int tokens) {
    int rows = ids.length / length;
    long[] taken = new long[rows * tokens];
    for (int row = 0; row < rows; row++) {
      System.arraycopy(ids, row * length, taken, row * tokens, tokens);
    }
    long[] mask = new long[taken.length];
    Arrays.fill(mask, 1);
    Shape shape = new Shape(rows, tokens);
    return Map.of(
        "input_ids", EngineArrays.of(owner, taken, shape),
        "attention_mask", EngineArrays.of(owner, mask, shape),
        "token_type_ids", EngineArrays.of(owner, new long[taken.length], shape));
  }

  /// Takes one step.
  ///
  /// @return its milliseconds
  double take() {
    return take(inputs);
  }

  /// Takes one step on the first tokens of each text, given to the engine anew as a run does.
  ///
  /// @param tokens from 1 to the length
  /// @return its milliseconds
  double take(int tokens) {
    try (NDManager step = TorchEngine.newManager()) {
      return take(inputs(step, tokens));
    }
  }

  private double take(Map<String, NDArray> read) {
    long start = System.nanoTime();
    try (Gradients gradients = graph.gradients();
        NDArray embeddings = graph.forward(read, true);
        NDArray value = loss.of(embeddings, pairs, 0)) {
      gradients.backward(value);
    }
    optimizer.step(1, 1);
    graph.clearGradients();
    return (System.nanoTime() - start) / 1e6;
  }

  @Override
  public void close() {
    optimizer.close();
    graph.close();
    manager.close();
  }
}
