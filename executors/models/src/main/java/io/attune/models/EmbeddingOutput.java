package io.attune.models;

import io.attune.onnx.Graph;
import io.attune.onnx.InvalidModelException;
import io.attune.onnx.ValueInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Finds the output of a graph that embeddings are made of.
final class EmbeddingOutput {
  /// The usual names of one vector to a text.
  private static final List<String> VECTORS = List.of(Artifact.OUTPUT, "sentence_embedding");

  /// The usual names of one vector to a token.
  private static final List<String> TOKENS = List.of("last_hidden_state", "token_embeddings");

  private static final List<String> NAMES =
      Stream.concat(VECTORS.stream(), TOKENS.stream()).toList();

  private EmbeddingOutput() {}

  /// @param tokensFirst whether vectors to tokens are wanted where the graph gives both
  static ValueInfo of(Graph graph, boolean tokensFirst) {
    List<String> order = new ArrayList<>(tokensFirst ? TOKENS : NAMES);
    order.addAll(NAMES);
    for (String name : order) {
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
