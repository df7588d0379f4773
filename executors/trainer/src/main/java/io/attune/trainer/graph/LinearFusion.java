package io.attune.trainer.graph;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.attune.onnx.Node;
import io.attune.trainer.graph.op.Arguments;
import io.attune.trainer.graph.op.Operation;
import io.attune.trainer.graph.op.Value;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// `x W + b`: a product with a constant matrix and the addition of a constant vector, or a `Gemm`.
final class LinearFusion implements Fusion {
  @Override
  public Optional<Fused> endingAt(Node last, GraphView view) {
    if (last.is("Gemm")) {
      return gemm(last, view);
    }
    if (!last.is("Add")) {
      return Optional.empty();
    }
    for (int side = 0; side < 2; side++) {
      String product = last.input(side);
      String bias = last.input(1 - side);
      Optional<Node> matmul = view.producer(product, "MatMul");
      if (matmul.isPresent()
          && view.constants().isFloat(bias, 1)
          && view.constants().isFloat(matmul.get().input(1), 2)) {
        return Optional.of(
            new Fused(
                "Linear",
                Set.of(matmul.get(), last),
                List.of(matmul.get().input(0), matmul.get().input(1), bias),
                linear(true)));
      }
    }
    return Optional.empty();
  }

  private static Optional<Fused> gemm(Node node, GraphView view) {
    boolean plain =
        node.floatAttribute("alpha", 1) == 1
            && node.floatAttribute("beta", 1) == 1
            && node.longAttribute("transA", 0) == 0
            && view.constants().isFloat(node.input(1), 2)
            && view.constants().isFloat(node.input(2), 1);
    return plain
        ? Optional.of(
            new Fused(
                "Linear",
                Set.of(node),
                node.inputs(),
                linear(node.longAttribute("transB", 0) == 0)))
        : Optional.empty();
  }

  /// @param transpose whether the matrix is (in, out), as ONNX's products have it; PyTorch's linear
  ///   has (out, in)
  private static Operation linear(boolean transpose) {
    return arguments -> {
      PtNDArray weight = (PtNDArray) arguments.array(1);
      PtNDArray turned = transpose ? turned(arguments, weight) : weight;
      NDArray result =
          JniUtils.linear((PtNDArray) arguments.array(0), turned, (PtNDArray) arguments.array(2));
      return Value.one(result);
    };
  }

  private static PtNDArray turned(Arguments arguments, PtNDArray weight) {
    return (PtNDArray) arguments.temporary(JniUtils.transpose(weight, 0, 1));
  }
}
