package io.attune.trainer.graph.op;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.attune.trainer.array.EngineArrays;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.LongUnaryOperator;
import java.util.function.UnaryOperator;

/// Elementary functions of one operand.
final class Elementary {
  private Elementary() {}

  static Map<String, OperationKind> kinds() {
    return Map.ofEntries(
        Map.entry("Abs", unary(NDArray::abs, Math::abs)),
        Map.entry("Neg", unary(NDArray::neg, value -> -value)),
        Map.entry("Sign", unary(NDArray::sign, Long::signum)),
        Map.entry("Exp", unary(NDArray::exp)),
        Map.entry("Log", unary(NDArray::log)),
        Map.entry("Sin", unary(NDArray::sin)),
        Map.entry("Cos", unary(NDArray::cos)),
        Map.entry("Floor", unary(NDArray::floor)),
        Map.entry("Ceil", unary(NDArray::ceil)),
        Map.entry("Round", unary(NDArray::round)),
        Map.entry("IsNaN", unary(array -> JniUtils.isNaN((PtNDArray) array))),
        Map.entry("Reciprocal", (_, _) -> Elementary::reciprocal));
  }

  /// An operator of arrays only.
  static OperationKind unary(UnaryOperator<NDArray> arrays) {
    return (_, _) -> arguments -> Value.one(arrays.apply(arguments.array(0)));
  }

  /// An operator of arrays, and of whole numbers that stay in Java.
  static OperationKind unary(UnaryOperator<NDArray> arrays, LongUnaryOperator whole) {
    return (_, _) ->
        arguments ->
            switch (arguments.value(0)) {
              case Value.Whole(boolean vector, long[] values) ->
                  List.of(new Value.Whole(vector, Arrays.stream(values).map(whole).toArray()));
              case Value.Array(NDArray array) -> Value.one(arrays.apply(array));
            };
  }

  private static List<Value> reciprocal(Arguments arguments) {
    NDArray input = arguments.array(0);
    DataType type = input.getDataType();
    return Value.one(
        arguments.temporary(EngineArrays.number(arguments.manager(), 1, type)).div(input));
  }
}
