package io.attune.trainer.graph;

import io.attune.onnx.Graph;
import io.attune.onnx.Node;
import io.attune.onnx.OnnxModel;
import io.attune.runtime.FlowException;
import io.attune.trainer.graph.op.Operations;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The operations that an output needs, in order, known patterns fused.
final class StepDrafts {
  private static final List<Fusion> FUSIONS =
      List.of(new AttentionFusion(), new LayerNormFusion(), new GeluFusion(), new LinearFusion());

  private final OnnxModel model;
  private final Operations operations;
  private final List<Node> needed;
  private final GraphView view;

  StepDrafts(OnnxModel model, Constants constants, String output, Operations operations) {
    this.model = model;
    this.operations = operations;
    needed = needed(model.graph(), output);
    view = new GraphView(model.graph(), constants, output);
  }

  /// The nodes that the output depends on, each after those it depends on; without constants.
  List<Node> nodes() {
    return needed;
  }

  private static List<Node> needed(Graph graph, String output) {
    Set<Node> reached = new HashSet<>();
    Deque<String> values = new ArrayDeque<>(List.of(output));
    while (!values.isEmpty()) {
      Optional<Node> node = graph.producer(values.pop());
      if (node.isPresent() && reached.add(node.get())) {
        values.addAll(node.get().inputs());
      }
    }
    return graph.topological().stream()
        .filter(node -> reached.contains(node) && !node.is("Constant"))
        .toList();
  }

  /// The steps.
  ///
  /// @throws FlowException (INVALID_ARGUMENT) naming the first node whose operator is not supported
  List<Step.Draft> drafts() {
    Map<Node, Fusion.Fused> fused = fused();
    Set<Node> inside = new HashSet<>();
    fused.values().forEach(fusion -> inside.addAll(fusion.nodes()));
    List<Step.Draft> drafts = new ArrayList<>();
    for (Node node : needed) {
      Fusion.Fused fusion = fused.get(node);
      if (fusion != null) {
        drafts.add(
            new Step.Draft(
                fusion.kind() + " ending at " + node,
                fusion.kind(),
                fusion.operation(),
                fusion.inputs(),
                List.of(node.output(0))));
      } else if (!inside.contains(node)) {
        drafts.add(single(node));
      }
    }
    return drafts;
  }

  private Step.Draft single(Node node) {
    if (!node.subgraphs().isEmpty()) {
      throw unsupported(node);
    }
    long opset = model.opsets().getOrDefault(node.domain(), 1L);
    return new Step.Draft(
        node.toString(),
        node.opType(),
        operations.of(node).orElseThrow(() -> unsupported(node)).bind(node, opset),
        node.inputs(),
        node.outputs());
  }

  private FlowException unsupported(Node node) {
    String domain = node.domain().isEmpty() ? "" : " of domain " + node.domain();
    return FlowException.invalid(
        "%s: operator %s%s cannot be trained through (expected: one of %s)"
            .formatted(node, node.opType(), domain, String.join(", ", operations.names())));
  }

  /// The fusions by their last node. Larger patterns are looked for first; a node belongs to one.
  private Map<Node, Fusion.Fused> fused() {
    Map<Node, Fusion.Fused> found = new LinkedHashMap<>();
    Set<Node> inside = new HashSet<>();
    for (Fusion fusion : FUSIONS) {
      for (Node last : needed) {
        Optional<Fusion.Fused> candidate = fusion.endingAt(last, view);
        if (candidate.isPresent()
            && candidate.get().nodes().stream().noneMatch(inside::contains)
            && view.isClosed(candidate.get().nodes(), last)) {
          found.put(last, candidate.get());
          inside.addAll(candidate.get().nodes());
        }
      }
    }
    return found;
  }
}
