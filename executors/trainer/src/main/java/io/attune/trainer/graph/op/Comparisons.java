package io.attune.trainer.graph.op;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.LongBinaryOperator;
import org.jspecify.annotations.Nullable;

/// Comparisons, logic and choice. No gradient flows through a truth value.
final class Comparisons {
  private Comparisons() {}

  static Map<String, OperationKind> kinds() {
    return Map.ofEntries(
        Map.entry("Equal", compare(NDArray::eq, (a, b) -> a == b ? 1 : 0)),
        Map.entry("Less", compare(NDArray::lt, (a, b) -> a < b ? 1 : 0)),
        Map.entry("LessOrEqual", compare(NDArray::lte, (a, b) -> a <= b ? 1 : 0)),
        Map.entry("Greater", compare(NDArray::gt, (a, b) -> a > b ? 1 : 0)),
        Map.entry("GreaterOrEqual", compare(NDArray::gte, (a, b) -> a >= b ? 1 : 0)),
        Map.entry("And", logic(NDArray::logicalAnd, (a, b) -> a & b)),
        Map.entry("Or", logic(NDArray::logicalOr, (a, b) -> a | b)),
        Map.entry("Xor", logic(NDArray::logicalXor, (a, b) -> a ^ b)),
        Map.entry("Not", (_, _) -> Comparisons::not),
        Map.entry("Where", (_, _) -> Comparisons::where));
  }

  private static OperationKind compare(BinaryOperator<NDArray> arrays, LongBinaryOperator whole) {
    return (_, _) -> arguments -> Arithmetic.apply(arguments, arrays, whole);
  }

  private static OperationKind logic(BinaryOperator<NDArray> arrays, LongBinaryOperator whole) {
    return (_, _) ->
        arguments ->
            arguments.allWhole()
                ? Arithmetic.apply(
                    arguments,
                    (a, b) -> arrays.apply(truth(arguments, a), truth(arguments, b)),
                    whole)
                : Value.one(
                    arrays.apply(
                        truth(arguments, arguments.array(0)),
                        truth(arguments, arguments.array(1))));
  }

  private static List<Value> not(Arguments arguments) {
    if (arguments.value(0) instanceof Value.Whole(boolean vector, long[] values)) {
      long[] result = new long[values.length];
      for (int i = 0; i < result.length; i++) {
        result[i] = 1 - values[i];
      }
      return List.of(new Value.Whole(vector, result));
    }
    return Value.one(truth(arguments, arguments.array(0)).logicalNot());
  }

  private static List<Value> where(Arguments arguments) {
    @Nullable Value inJava = wholeWhere(arguments);
    if (inJava != null) {
      return List.of(inJava);
    }
    return Value.one(
        JniUtils.where(
            (PtNDArray) truth(arguments, arguments.array(0)),
            (PtNDArray) arguments.array(1),
            (PtNDArray) arguments.array(2)));
  }

  private static @Nullable Value wholeWhere(Arguments arguments) {
    if (!(arguments.value(0) instanceof Value.Whole condition
        && arguments.value(1) instanceof Value.Whole left
        && arguments.value(2) instanceof Value.Whole right)) {
      return null;
    }
    Value.Whole[] all = {condition, left, right};
    int length = 1;
    boolean vector = false;
    for (Value.Whole one : all) {
      length = one.values().length == 1 ? length : one.values().length;
      vector |= one.vector();
    }
    for (Value.Whole one : all) {
      if (one.values().length != 1 && one.values().length != length) {
        return null;
      }
    }
    long[] result = new long[length];
    for (int i = 0; i < length; i++) {
      result[i] = at(condition, i) != 0 ? at(left, i) : at(right, i);
    }
    return new Value.Whole(vector, result);
  }

  private static long at(Value.Whole whole, int position) {
    return whole.values()[whole.values().length == 1 ? 0 : position];
  }

  /// Truth values as the engine knows them; those kept in Java became int64.
  private static NDArray truth(Arguments arguments, NDArray array) {
    return array.getDataType() == DataType.BOOLEAN
        ? array
        : arguments.temporary(array.toType(DataType.BOOLEAN, false));
  }
}
