package io.attune.trainer.graph.op;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.attune.onnx.Node;
import io.attune.runtime.FlowException;
import io.attune.trainer.array.EngineArrays;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/// Activation functions. Constants are floats: a double would make a double of an array of rank 0.
final class Activations {
  /// √(2/π)
  private static final float ROOT = (float) Math.sqrt(2 / Math.PI);

  private Activations() {}

  static Map<String, OperationKind> kinds() {
    return Map.ofEntries(
        Map.entry("Relu", Elementary.unary(a -> JniUtils.relu((PtNDArray) a))),
        Map.entry("Sigmoid", Elementary.unary(a -> JniUtils.sigmoid((PtNDArray) a))),
        Map.entry("Tanh", Elementary.unary(NDArray::tanh)),
        Map.entry("Softplus", Elementary.unary(a -> JniUtils.softPlus((PtNDArray) a))),
        Map.entry("Softsign", Elementary.unary(a -> JniUtils.softSign((PtNDArray) a))),
        Map.entry("Gelu", (node, _) -> gelu(node)),
        Map.entry("Elu", (node, _) -> elu(node)),
        Map.entry("LeakyRelu", (node, _) -> leakyRelu(node)),
        Map.entry("HardSigmoid", (node, _) -> hardSigmoid(node)),
        Map.entry("HardSwish", (_, _) -> Activations::hardSwish),
        Map.entry("Mish", (_, _) -> Activations::mish),
        Map.entry("Softmax", along(NDArray::softmax)),
        Map.entry("LogSoftmax", along(NDArray::logSoftmax)));
  }

  private static Operation gelu(Node node) {
    String approximate = node.stringAttribute("approximate", "none");
    return switch (approximate) {
      case "none" -> arguments -> Value.one(JniUtils.gelu((PtNDArray) arguments.array(0)));
      case "tanh" -> Activations::geluTanh;
      default ->
          throw FlowException.invalid(
              "%s: approximate \"%s\" (expected: none, tanh)".formatted(node, approximate));
    };
  }

  /// `x/2 (1 + tanh(√(2/π) (x + .044715 x³)))`, D. Hendrycks, K. Gimpel, arXiv:1606.08415.
  private static List<Value> geluTanh(Arguments arguments) {
    NDArray x = arguments.array(0);
    NDArray square = arguments.temporary(x.mul(x));
    NDArray slope =
        arguments.temporary(arguments.temporary(EngineArrays.times(square, .044715f)).add(1));
    NDArray inner =
        arguments.temporary(EngineArrays.times(arguments.temporary(slope.mul(x)), ROOT));
    NDArray gate = arguments.temporary(arguments.temporary(inner.tanh()).add(1));
    return Value.one(arguments.temporary(EngineArrays.times(x, .5)).mul(gate));
  }

  private static Operation elu(Node node) {
    double alpha = node.floatAttribute("alpha", 1);
    return arguments -> Value.one(JniUtils.elu((PtNDArray) arguments.array(0), alpha));
  }

  private static Operation leakyRelu(Node node) {
    double alpha = node.floatAttribute("alpha", .01f);
    return arguments -> Value.one(JniUtils.leakyRelu((PtNDArray) arguments.array(0), alpha));
  }

  private static Operation hardSigmoid(Node node) {
    float alpha = node.floatAttribute("alpha", .2f);
    float beta = node.floatAttribute("beta", .5f);
    return arguments -> {
      NDArray scaled = arguments.temporary(EngineArrays.times(arguments.array(0), alpha));
      return Value.one(arguments.temporary(scaled.add(beta)).clip(0, 1));
    };
  }

  private static List<Value> hardSwish(Arguments arguments) {
    NDArray input = arguments.array(0);
    NDArray line =
        arguments.temporary(arguments.temporary(EngineArrays.divided(input, 6)).add(.5f));
    return Value.one(input.mul(arguments.temporary(line.clip(0, 1))));
  }

  private static List<Value> mish(Arguments arguments) {
    NDArray input = arguments.array(0);
    NDArray soft = arguments.temporary(JniUtils.softPlus((PtNDArray) input));
    return Value.one(input.mul(arguments.temporary(soft.tanh())));
  }

  /// Normalises along the axis. Before opset 13 the operand counts as a matrix whose rows begin at
  /// the axis.
  private static OperationKind along(BiFunction<NDArray, Integer, NDArray> normalize) {
    return (node, opset) -> {
      int axis = (int) node.longAttribute("axis", opset < 13 ? 1 : -1);
      return arguments -> {
        NDArray input = arguments.array(0);
        Shape shape = input.getShape();
        int from = Math.floorMod(axis, Math.max(1, shape.dimension()));
        if (opset >= 13 || from == shape.dimension() - 1) {
          return Value.one(normalize.apply(input, from));
        }
        Shape rows = new Shape(shape.slice(0, from).size(), shape.slice(from).size());
        NDArray matrix = arguments.temporary(input.reshape(rows));
        return Value.one(arguments.temporary(normalize.apply(matrix, 1)).reshape(shape));
      };
    };
  }
}
