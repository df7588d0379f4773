package io.attune.trainer.graph;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.attune.onnx.Node;
import io.attune.trainer.graph.op.Operation;
import io.attune.trainer.graph.op.TorchScript;
import io.attune.trainer.graph.op.Value;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Scaled dot-product attention (Vaswani et al., 2017) as exporters take it apart: `softmax(q k' *
/// scale + mask) v`, where scale and mask may be left out and the scale may sit at the query or the
/// key. Its backward pass computes the scores again instead of keeping them.
final class AttentionFusion implements Fusion {
  @Override
  public Optional<Fused> endingAt(Node last, GraphView view) {
    if (!last.is("MatMul")) {
      return Optional.empty();
    }
    return view.producer(last.input(0), "Softmax")
        .filter(AttentionFusion::overLast)
        .flatMap(softmax -> new Match(view, last, softmax).scores(softmax.input(0)));
  }

  /// An axis counted from the front is the last one where heads have an axis of their own.
  private static boolean overLast(Node softmax) {
    long axis = softmax.longAttribute("axis", 0);
    return axis == -1 || axis == 3;
  }

  /// One attempt, with the nodes seen so far.
  private static final class Match {
    private final GraphView view;
    private final Node last;
    private final Set<Node> nodes = new LinkedHashSet<>();
    private double scale = 1;

    Match(GraphView view, Node last, Node softmax) {
      this.view = view;
      this.last = last;
      nodes.addAll(List.of(last, softmax));
    }

    Optional<Fused> scores(String value) {
      Optional<Node> sum = view.producer(value, "Add");
      if (sum.isEmpty()) {
        return product(value, Optional.empty());
      }
      nodes.add(sum.get());
      Set<Node> before = Set.copyOf(nodes);
      return product(sum.get().input(0), Optional.of(sum.get().input(1)))
          .or(() -> {
            nodes.retainAll(before); // the mask may have a factor of its own
            scale = 1;
            return product(sum.get().input(1), Optional.of(sum.get().input(0)));
          });
    }

    private Optional<Fused> product(String value, Optional<String> mask) {
      Optional<Node> product = view.producer(unscaled(value), "MatMul");
      if (product.isEmpty()) {
        return Optional.empty();
      }
      nodes.add(product.get());
      List<String> inputs = new ArrayList<>();
      inputs.add(unscaled(product.get().input(0)));
      inputs.add(unscaled(product.get().input(1)));
      inputs.add(last.input(1));
      mask.ifPresent(inputs::add);
      return Optional.of(new Fused("Attention", nodes, inputs, attention(scale, mask.isPresent())));
    }

    /// What a value is before a constant factor or divisor, which is added to the scale.
    private String unscaled(String value) {
      Optional<Node> node = view.producer(value);
      if (node.isEmpty() || !(node.get().is("Mul") || node.get().is("Div"))) {
        return value;
      }
      for (int side = 0; side < (node.get().is("Div") ? 1 : 2); side++) {
        Optional<Float> number = view.constants().number(node.get().input(1 - side));
        if (number.isPresent()) {
          nodes.add(node.get());
          scale *= node.get().is("Div") ? 1.0 / number.get() : number.get();
          return node.get().input(side);
        }
      }
      return value;
    }
  }

  private static Operation attention(double scale, boolean masked) {
    TorchScript attention = TorchScript.attention(scale, masked);
    return arguments -> {
      NDArray query = arguments.array(0);
      PtNDArray turned = (PtNDArray) arguments.array(1);
      int rank = turned.getShape().dimension();
      NDArray key = arguments.temporary(JniUtils.transpose(turned, rank - 2, rank - 1));
      NDArray value = arguments.array(2);
      return Value.one(
          masked
              ? attention.apply(query, key, value, arguments.array(3))
              : attention.apply(query, key, value));
    };
  }
}
