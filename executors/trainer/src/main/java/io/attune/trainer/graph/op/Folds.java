package io.attune.trainer.graph.op;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.attune.onnx.Node;
import io.attune.trainer.array.EngineArrays;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.LongBinaryOperator;

/// Operators that fold any number of operands into one, with broadcasting; and the remainder.
final class Folds {
  private Folds() {}

  static Map<String, OperationKind> kinds() {
    return Map.of(
        "Min", fold(NDArray::minimum, Math::min),
        "Max", fold(NDArray::maximum, Math::max),
        "Sum", fold(NDArray::add, Long::sum),
        "Mean", (_, _) -> Folds::mean,
        "Mod", (node, _) -> mod(node));
  }

  private static OperationKind fold(BinaryOperator<NDArray> arrays, LongBinaryOperator whole) {
    return (_, _) ->
        arguments -> {
          if (arguments.count() == 1) {
            return List.of(arguments.value(0));
          }
          if (arguments.count() == 2) {
            return Arithmetic.apply(arguments, arrays, whole);
          }
          return Value.one(folded(arguments, arrays));
        };
  }

  private static NDArray folded(Arguments arguments, BinaryOperator<NDArray> arrays) {
    NDArray result = arguments.array(0);
    for (int i = 1; i < arguments.count(); i++) {
      NDArray next = arrays.apply(result, arguments.array(i));
      if (i > 1) {
        arguments.temporary(result);
      }
      result = next;
    }
    return result;
  }

  private static List<Value> mean(Arguments arguments) {
    if (arguments.count() == 1) {
      return List.of(arguments.value(0));
    }
    NDArray sum = arguments.temporary(folded(arguments, NDArray::add));
    return Value.one(EngineArrays.divided(sum, arguments.count()));
  }

  /// The remainder has the divisor's sign, or with `fmod` the dividend's.
  private static Operation mod(Node node) {
    if (node.longAttribute("fmod", 0) == 0) {
      return arguments ->
          Arithmetic.apply(
              arguments,
              (a, b) -> JniUtils.remainder((PtNDArray) a, (PtNDArray) b),
              Math::floorMod);
    }
    return arguments ->
        Arithmetic.apply(arguments, (a, b) -> truncated(arguments, a, b), (a, b) -> a % b);
  }

  private static NDArray truncated(Arguments arguments, NDArray a, NDArray b) {
    DataType type = a.getDataType();
    NDArray left = arguments.temporary(a.toType(DataType.FLOAT64, true));
    NDArray quotient = arguments.temporary(arguments.temporary(left.div(b)).trunc());
    NDArray product = arguments.temporary(quotient.mul(b));
    return arguments.temporary(left.sub(product)).toType(type, false);
  }
}
