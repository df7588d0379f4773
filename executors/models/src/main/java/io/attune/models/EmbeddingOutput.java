package io.attune.models;

import io.attune.onnx.Graph;
import io.attune.onnx.InvalidModelException;
import io.attune.onnx.ValueInfo;
import java.util.List;

/// Finds the output of a graph that embeddings are made of.
final class EmbeddingOutput {
  /// The usual names, best first; the first two hold one vector to a text.
  private static final List<String> NAMES =
      List.of(Artifact.OUTPUT, "sentence_embedding", "last_hidden_state", "token_embeddings");

  private EmbeddingOutput() {}

  static ValueInfo of(Graph graph) {
    for (String name : NAMES) {
      if (graph.output(name).isPresent()) {
        return requireShape(graph.output(name).get());
      }
    }
    if (graph.outputs().size() == 1) {
      return requireShape(graph.outputs().getFirst());
    }
    throw new InvalidModelException(
        "outputs: %s (expected: one, or one of the names %s)".formatted(graph.outputs(), NAMES));
  }

  static int rank(ValueInfo output) {
    return output.shape().map(List::size).orElse(0);
  }

  private static ValueInfo requireShape(ValueInfo output) {
    int rank = rank(output);
    if (rank != 2 && rank != 3) {
      throw new InvalidModelException(
          "output %s (expected: [batch, dimension] or [batch, sequence, dimension])"
              .formatted(output));
    }
    return output;
  }
}
