package io.attune.trainer.graph;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.attune.onnx.Node;
import io.attune.trainer.graph.op.Value;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// GELU (Hendrycks and Gimpel, 2016) as exporters take it apart: the product of `x`, 0.5 and `1 +
/// erf(x / sqrt(2))`, in any order.
final class GeluFusion implements Fusion {
  @Override
  public Optional<Fused> endingAt(Node last, GraphView view) {
    if (!last.is("Mul")) {
      return Optional.empty();
    }
    for (int side = 0; side < 2; side++) {
      Optional<Node> inner = view.producer(last.input(side), "Mul");
      if (inner.isPresent()) {
        Optional<Fused> found = product(last, inner.get(), last.input(1 - side), view);
        if (found.isPresent()) {
          return found;
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<Fused> product(Node last, Node inner, String third, GraphView view) {
    List<String> factors = new ArrayList<>(List.of(inner.input(0), inner.input(1), third));
    if (!factors.removeIf(factor -> view.isNumber(factor, 0.5)) || factors.size() != 2) {
      return Optional.empty();
    }
    for (int side = 0; side < 2; side++) {
      Set<Node> nodes = new LinkedHashSet<>(List.of(last, inner));
      String input = factors.get(1 - side);
      if (isOnePlusErf(factors.get(side), input, nodes, view)) {
        return Optional.of(
            new Fused(
                "Gelu",
                nodes,
                List.of(input),
                arguments -> Value.one(JniUtils.gelu((PtNDArray) arguments.array(0)))));
      }
    }
    return Optional.empty();
  }

  private static boolean isOnePlusErf(String value, String input, Set<Node> nodes, GraphView view) {
    Optional<Node> sum = view.producer(value, "Add");
    if (sum.isEmpty()) {
      return false;
    }
    for (int side = 0; side < 2; side++) {
      Optional<Node> erf = view.producer(sum.get().input(side), "Erf");
      Optional<Node> scaled = erf.flatMap(node -> view.producer(node.input(0)));
      if (view.isNumber(sum.get().input(1 - side), 1)
          && scaled.isPresent()
          && isOverRootTwo(scaled.get(), input, view)) {
        nodes.addAll(List.of(sum.get(), erf.get(), scaled.get()));
        return true;
      }
    }
    return false;
  }

  private static boolean isOverRootTwo(Node node, String input, GraphView view) {
    if (node.is("Div")) {
      return node.input(0).equals(input) && view.isNumber(node.input(1), Math.sqrt(2));
    }
    return node.is("Mul")
        && (node.input(0).equals(input) || node.input(1).equals(input))
        && view.isNumber(GraphView.other(node, input), Math.sqrt(0.5));
  }
}
