package io.attune.trainer.graph.op;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.attune.onnx.ElementType;
import io.attune.onnx.Node;
import io.attune.trainer.array.EngineArrays;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/// Operators of one operand that keep its shape.
final class Pointwise {
  private Pointwise() {}

  static Map<String, OperationKind> kinds() {
    return Map.of(
        "Identity",
        (_, _) -> arguments -> List.of(arguments.value(0)),
        "Sqrt",
        unary(NDArray::sqrt),
        "Erf",
        unary(NDArray::erf),
        "Clip",
        Pointwise::clip,
        "Cast",
        (node, _) -> cast(node));
  }

  private static OperationKind unary(UnaryOperator<NDArray> operator) {
    return (_, _) -> arguments -> Value.one(operator.apply(arguments.array(0)));
  }

  /// Before opset 11 the bounds are attributes, from then on inputs.
  private static Operation clip(Node node, long opset) {
    double min = node.floatAttribute("min", -Float.MAX_VALUE);
    double max = node.floatAttribute("max", Float.MAX_VALUE);
    return arguments -> {
      double low = opset >= 11 && arguments.has(1) ? arguments.number(1) : min;
      double high = opset >= 11 && arguments.has(2) ? arguments.number(2) : max;
      if (arguments.value(0) instanceof Value.Whole whole) {
        return List.of(new Value.Whole(whole.vector(), clipped(whole.values(), low, high)));
      }
      NDArray input = arguments.array(0);
      return Value.one(
          input.getDataType().isInteger()
              ? clipped(arguments, input, low, high)
              : input.clip(low, high));
    };
  }

  private static long[] clipped(long[] values, double low, double high) {
    return Arrays.stream(values)
        .map(value -> value < low ? (long) low : value > high ? (long) high : value)
        .toArray();
  }

  /// Of whole numbers, of which the engine's own would make floats.
  private static NDArray clipped(Arguments arguments, NDArray input, double low, double high) {
    NDArray from = number(arguments, low, input.getDataType());
    NDArray to = number(arguments, high, input.getDataType());
    return arguments.temporary(input.maximum(from)).minimum(to);
  }

  private static NDArray number(Arguments arguments, double value, DataType type) {
    return arguments.temporary(
        EngineArrays.of(arguments.manager(), new long[] {(long) value}, new Shape())
            .toType(type, false));
  }

  private static Operation cast(Node node) {
    DataType type = Types.of(node, ElementType.of((int) node.longAttribute("to", 0)));
    return arguments -> List.of(cast(arguments, type));
  }

  private static Value cast(Arguments arguments, DataType type) {
    if (arguments.value(0) instanceof Value.Whole whole) {
      if (type.isInteger()) {
        return whole;
      }
      if (type == DataType.BOOLEAN) {
        long[] truth = whole.values().clone();
        for (int i = 0; i < truth.length; i++) {
          truth[i] = truth[i] == 0 ? 0 : 1;
        }
        return new Value.Whole(whole.vector(), truth);
      }
    }
    NDArray input = arguments.array(0);
    return Value.of(input.getDataType() == type ? input : input.toType(type, false));
  }
}
