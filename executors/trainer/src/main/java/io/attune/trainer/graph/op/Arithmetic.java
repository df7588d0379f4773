package io.attune.trainer.graph.op;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.LongBinaryOperator;

/// Operators of two operands with broadcasting. Whole numbers in Java stay there.
final class Arithmetic {
  private Arithmetic() {}

  static Map<String, OperationKind> kinds() {
    return Map.of(
        "Add", binary(NDArray::add, Long::sum),
        "Sub", binary(NDArray::sub, (a, b) -> a - b),
        "Mul", binary(NDArray::mul, (a, b) -> a * b),
        "Div", (_, _) -> Arithmetic::divide,
        "Pow", binary(NDArray::pow, Arithmetic::power));
  }

  private static OperationKind binary(BinaryOperator<NDArray> arrays, LongBinaryOperator whole) {
    return (_, _) -> arguments -> apply(arguments, arrays, whole);
  }

  /// Applies an operator to two operands, in Java where both are there.
  static List<Value> apply(
      Arguments arguments, BinaryOperator<NDArray> arrays, LongBinaryOperator whole) {
    if (arguments.value(0) instanceof Value.Whole left
        && arguments.value(1) instanceof Value.Whole right
        && broadcastable(left, right)) {
      return List.of(whole(left, right, whole));
    }
    return Value.one(arrays.apply(arguments.array(0), arguments.array(1)));
  }

  private static boolean broadcastable(Value.Whole left, Value.Whole right) {
    int a = left.values().length;
    int b = right.values().length;
    return a == b || a == 1 || b == 1;
  }

  private static Value whole(Value.Whole left, Value.Whole right, LongBinaryOperator operator) {
    long[] a = left.values();
    long[] b = right.values();
    int length = a.length == 1 ? b.length : a.length;
    long[] result = new long[length];
    for (int i = 0; i < length; i++) {
      result[i] = operator.applyAsLong(a[a.length == 1 ? 0 : i], b[b.length == 1 ? 0 : i]);
    }
    return new Value.Whole(left.vector() || right.vector(), result);
  }

  /// ONNX divides whole numbers towards zero; the engine would give fractions.
  private static List<Value> divide(Arguments arguments) {
    return apply(
        arguments,
        (a, b) -> {
          if (!a.getDataType().isInteger()) {
            return a.div(b);
          }
          NDArray left = arguments.temporary(a.toType(DataType.FLOAT64, true));
          NDArray quotient = arguments.temporary(left.div(b));
          return arguments.temporary(quotient.trunc()).toType(a.getDataType(), true);
        },
        (a, b) -> a / b);
  }

  private static long power(long base, long exponent) {
    return (long) Math.pow((double) base, (double) exponent);
  }
}
