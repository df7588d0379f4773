package io.attune.trainer.graph;

import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.attune.onnx.Node;
import io.attune.trainer.graph.op.Operation;
import io.attune.trainer.graph.op.Value;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Layer normalisation over the last axis (Ba et al., 2016) as exporters take it apart: `(x - mean)
/// / sqrt(variance + epsilon) * scale + shift`.
final class LayerNormFusion implements Fusion {
  @Override
  public Optional<Fused> endingAt(Node last, GraphView view) {
    if (!last.is("Add")) {
      return Optional.empty();
    }
    for (int side = 0; side < 2; side++) {
      if (view.constants().isFloat(last.input(1 - side), 1)) {
        Optional<Fused> found =
            new Match(view, last).scaled(last.input(side), last.input(1 - side));
        if (found.isPresent()) {
          return found;
        }
      }
    }
    return Optional.empty();
  }

  /// One attempt, with the nodes seen so far.
  private static final class Match {
    private final GraphView view;
    private final Set<Node> nodes = new LinkedHashSet<>();

    Match(GraphView view, Node last) {
      this.view = view;
      nodes.add(last);
    }

    Optional<Fused> scaled(String value, String shift) {
      Optional<Node> mul = take(value, "Mul");
      if (mul.isEmpty()) {
        return Optional.empty();
      }
      for (int side = 0; side < 2; side++) {
        String scale = mul.get().input(1 - side);
        if (view.constants().isFloat(scale, 1)) {
          return normalised(mul.get().input(side), scale, shift);
        }
      }
      return Optional.empty();
    }

    private Optional<Fused> normalised(String value, String scale, String shift) {
      Optional<Node> div = take(value, "Div");
      Optional<Node> centred = div.flatMap(node -> take(node.input(0), "Sub"));
      Optional<Node> deviation = div.flatMap(node -> take(node.input(1), "Sqrt"));
      Optional<Node> raised = deviation.flatMap(node -> take(node.input(0), "Add"));
      if (centred.isEmpty() || raised.isEmpty()) {
        return Optional.empty();
      }
      String input = centred.get().input(0);
      for (int side = 0; side < 2; side++) {
        Optional<Float> epsilon = view.constants().number(raised.get().input(1 - side));
        if (epsilon.isPresent()
            && isMeanOf(centred.get().input(1), input)
            && isVariance(raised.get().input(side), input)) {
          return Optional.of(
              new Fused(
                  "LayerNorm", nodes, List.of(input, scale, shift), normalise(epsilon.get())));
        }
      }
      return Optional.empty();
    }

    private boolean isMeanOf(String value, String input) {
      Optional<Node> mean = take(value, "ReduceMean");
      return mean.isPresent() && mean.get().input(0).equals(input) && overLast(mean.get());
    }

    private boolean isVariance(String value, String input) {
      Optional<Node> mean = take(value, "ReduceMean");
      if (mean.isEmpty() || !overLast(mean.get())) {
        return false;
      }
      String squares = mean.get().input(0);
      Optional<Node> power = take(squares, "Pow").filter(n -> view.isNumber(n.input(1), 2));
      Optional<Node> square =
          power.or(() -> take(squares, "Mul").filter(n -> n.input(0).equals(n.input(1))));
      Optional<Node> centred = square.flatMap(node -> take(node.input(0), "Sub"));
      return centred.isPresent()
          && centred.get().input(0).equals(input)
          && isMeanOf(centred.get().input(1), input);
    }

    /// Whether the axes, an attribute or a constant, are the last one alone, which is kept.
    private boolean overLast(Node mean) {
      Optional<long[]> axes =
          mean.longsAttribute("axes")
              .or(() -> view.constants().of(mean.input(1)).map(tensor -> tensor.toLongs()));
      return axes.isPresent()
          && axes.get().length == 1
          && axes.get()[0] == -1
          && mean.longAttribute("keepdims", 1) == 1;
    }

    private Optional<Node> take(String value, String opType) {
      Optional<Node> node = view.producer(value, opType);
      node.ifPresent(nodes::add);
      return node;
    }
  }

  private static Operation normalise(double epsilon) {
    return arguments -> {
      PtNDArray scale = (PtNDArray) arguments.array(1);
      return Value.one(
          JniUtils.layerNorm(
              (PtNDArray) arguments.array(0),
              new Shape(scale.getShape().getShape()),
              scale,
              (PtNDArray) arguments.array(2),
              epsilon));
    };
  }
}
