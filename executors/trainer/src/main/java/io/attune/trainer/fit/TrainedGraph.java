package io.attune.trainer.fit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.attune.document.Document;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.trainer.data.collation.Collator;
import io.attune.trainer.data.collation.Encoded;
import io.attune.trainer.data.collation.EncodedBatch;
import io.attune.trainer.data.collation.EncodedStep;
import io.attune.trainer.graph.DifferentiableGraph;
import io.attune.trainer.graph.Gradients;
import io.attune.trainer.graph.Parameter;
import io.attune.trainer.graph.TorchEngine;
import io.attune.trainer.loss.Loss;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/// A graph with the loss it is trained on. Used by one thread.
final class TrainedGraph implements AutoCloseable {
  private final DifferentiableGraph graph;
  private final Loss loss;
  private final long seed;

  TrainedGraph(DifferentiableGraph graph, Loss loss, long seed) {
    this.graph = graph;
    this.loss = loss;
    this.seed = seed;
  }

  DifferentiableGraph graph() {
    return graph;
  }

  /// Adds a batch's gradients to those of the weights.
  ///
  /// @param epoch from 0
  /// @param step of the epoch, from 0
  /// @return the loss
  double train(EncodedStep batch, int epoch, int step) {
    TorchEngine.seed(seed, epoch, step);
    try (NDManager manager = TorchEngine.newManager();
        Gradients gradients = graph.gradients()) {
      NDArray value = loss(batch, manager, true, drawn(epoch, step));
      double loss = finite(value.getFloat(), epoch, step);
      gradients.backward(value);
      return loss;
    }
  }

  /// A batch's loss without gradients, dropout inactive.
  double validate(EncodedStep batch) {
    try (NDManager manager = TorchEngine.newManager()) {
      return loss(batch, manager, false, drawn(0, batch.step())).getFloat();
    }
  }

  private NDArray loss(EncodedStep batch, NDManager manager, boolean training, long random) {
    NDList parts = new NDList();
    for (EncodedBatch part : batch.parts()) {
      parts.add(graph.forward(part.toArrays(manager), training));
    }
    NDArray embeddings = parts.size() == 1 ? parts.getFirst() : NDArrays.concat(parts);
    return loss.of(embeddings, batch.batch().supervision(), random);
  }

  private long drawn(int epoch, int step) {
    return new SplittableRandom(seed ^ ((long) epoch << 32) ^ step).nextLong();
  }

  private static double finite(float loss, int epoch, int step) {
    if (!Float.isFinite(loss)) {
      throw new FlowException(
          ErrorCode.FAILED_PRECONDITION,
          "loss: %s in epoch %d, batch %d (expected: a finite number; try a smaller learning_rate, or max_grad_norm)"
              .formatted(loss, epoch + 1, step + 1));
    }
    return loss;
  }

  /// The embeddings of documents with the weights of now.
  float[][] embed(Collator collator, List<Document> documents, boolean queries, int batchSize) {
    List<Integer> byLength =
        IntStream.range(0, documents.size())
            .boxed()
            .sorted(Comparator.comparingInt(i -> documents.get(i).text().length()))
            .toList();
    float[][] rows = new float[documents.size()][];
    for (int from = 0; from < rows.length; from += batchSize) {
      List<Integer> taken = byLength.subList(from, Math.min(rows.length, from + batchSize));
      Encoded encoded = collator.encode(taken.stream().map(documents::get).toList(), _ -> queries);
      int row = 0;
      for (EncodedBatch part : encoded.parts()) {
        for (float[] embedding : forward(part)) {
          rows[taken.get(encoded.order()[row++])] = embedding;
        }
      }
    }
    return rows;
  }

  /// The embeddings of one forward pass.
  List<float[]> forward(EncodedBatch part) {
    try (NDManager manager = TorchEngine.newManager()) {
      float[] flat = graph.forward(part.toArrays(manager), false).toFloatArray();
      int dimension = flat.length / part.rows();
      List<float[]> rows = new ArrayList<>(part.rows());
      for (int row = 0; row < part.rows(); row++) {
        float[] embedding = new float[dimension];
        System.arraycopy(flat, row * dimension, embedding, 0, dimension);
        rows.add(embedding);
      }
      return rows;
    }
  }

  /// The weights that can change, by name.
  Map<String, float[]> weights() {
    Map<String, float[]> weights = new LinkedHashMap<>();
    for (Parameter parameter : graph.parameters()) {
      weights.put(parameter.name(), parameter.array().toFloatArray());
    }
    return weights;
  }

  /// The same weights as they were loaded.
  Map<String, float[]> pretrained() {
    Map<String, float[]> weights = new LinkedHashMap<>();
    for (Parameter parameter : graph.parameters()) {
      weights.put(parameter.name(), graph.loaded(parameter));
    }
    return weights;
  }

  /// Writes weights over those of now, in place.
  void restore(Map<String, float[]> weights) {
    for (Parameter parameter : graph.parameters()) {
      float[] values = weights.get(parameter.name());
      if (values == null || values.length != parameter.elements()) {
        throw new FlowException(
            ErrorCode.FAILED_PRECONDITION,
            "checkpoint: without %s (expected: the weights of this model)".formatted(parameter));
      }
      parameter.set(values);
    }
  }

  @Override
  public void close() {
    graph.close();
  }
}
