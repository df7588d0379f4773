package io.attune.trainer.graph.op;

import ai.djl.ndarray.NDArray;
import io.attune.onnx.Node;
import io.attune.trainer.array.EngineArrays;
import java.util.Map;

/// Matrix products.
final class Products {
  private Products() {}

  static Map<String, OperationKind> kinds() {
    return Map.of(
        "MatMul",
        (_, _) -> arguments -> Value.one(arguments.array(0).matMul(arguments.array(1))),
        "Gemm",
        (node, _) -> gemm(node));
  }

  /// `alpha * A' * B' + beta * C`, A' and B' transposed where the attributes say so.
  private static Operation gemm(Node node) {
    float alpha = node.floatAttribute("alpha", 1);
    float beta = node.floatAttribute("beta", 1);
    boolean transposeA = node.longAttribute("transA", 0) != 0;
    boolean transposeB = node.longAttribute("transB", 0) != 0;
    return arguments -> {
      NDArray a = transposed(arguments, 0, transposeA);
      NDArray b = transposed(arguments, 1, transposeB);
      NDArray product = a.matMul(b);
      if (alpha != 1) {
        product = EngineArrays.times(arguments.temporary(product), alpha);
      }
      if (!arguments.has(2)) {
        return Value.one(product);
      }
      NDArray c = arguments.array(2);
      NDArray scaled = beta == 1 ? c : arguments.temporary(EngineArrays.times(c, beta));
      return Value.one(arguments.temporary(product).add(scaled));
    };
  }

  private static NDArray transposed(Arguments arguments, int position, boolean transpose) {
    NDArray array = arguments.array(position);
    return transpose ? arguments.temporary(array.transpose()) : array;
  }
}
