package io.attune.trainer.graph;

import io.attune.onnx.Node;
import io.attune.trainer.graph.op.Operation;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A pattern of nodes that runs as one operation.
@FunctionalInterface
interface Fusion {
  /// The nodes that a fusion replaces, and by what.
  ///
  /// @param kind what it is, for messages and profiles
  /// @param nodes the nodes, the last one among them
  /// @param inputs the values that the operation reads; an empty name leaves one out
  /// @param operation gives the last node's output
  record Fused(String kind, Set<Node> nodes, List<String> inputs, Operation operation) {
    public Fused {
      nodes = Set.copyOf(nodes);
      inputs = List.copyOf(inputs);
    }
  }

  /// The fusion that ends at a node, where there is one. That nobody else reads its inner values is
  /// checked by the caller.
  Optional<Fused> endingAt(Node last, GraphView view);
}
