package io.attune.trainer.graph;

import io.attune.onnx.Graph;
import io.attune.onnx.Node;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;

/// A graph as patterns are looked for in it: from a node back to those that give its inputs.
final class GraphView {
  private final Graph graph;
  private final Constants constants;
  private final String output;

  GraphView(Graph graph, Constants constants, String output) {
    this.graph = graph;
    this.constants = constants;
    this.output = output;
  }

  Constants constants() {
    return constants;
  }

  /// The node of a type that gives a value.
  Optional<Node> producer(String value, String opType) {
    return graph.producer(value).filter(node -> node.is(opType));
  }

  Optional<Node> producer(String value) {
    return graph.producer(value);
  }

  /// Whether a value is a constant of floats that holds one number near another.
  boolean isNumber(String value, double number) {
    return constants
        .number(value)
        .filter(v -> Math.abs(v - number) <= 1e-5 * Math.abs(number))
        .isPresent();
  }

  /// Of a node with two inputs, the one that is not the other.
  static String other(Node node, String input) {
    return node.input(0).equals(input) ? node.input(1) : node.input(0);
  }

  /// Whether nothing but these nodes reads what they give, the last one's output aside.
  boolean isClosed(Collection<Node> nodes, Node last) {
    Set<Node> inside = Set.copyOf(nodes);
    for (Node node : nodes) {
      if (node.equals(last)) {
        continue;
      }
      for (String value : node.outputs()) {
        if (value.equals(output) || !inside.containsAll(graph.consumers(value))) {
          return false;
        }
      }
    }
    return true;
  }
}
