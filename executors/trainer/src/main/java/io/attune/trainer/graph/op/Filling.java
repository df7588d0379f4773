package io.attune.trainer.graph.op;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.attune.onnx.ElementType;
import io.attune.onnx.Node;
import io.attune.onnx.Tensor;
import io.attune.runtime.FlowException;
import io.attune.trainer.array.EngineArrays;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// Operators that make arrays from a shape or a pattern.
final class Filling {
  private Filling() {}

  static Map<String, OperationKind> kinds() {
    return Map.of(
        "ConstantOfShape", (node, _) -> constantOfShape(node),
        "Range", (_, _) -> Filling::range,
        "Expand", (_, _) -> Filling::expand,
        "Tile", (_, _) -> Filling::tile,
        "CumSum", (node, _) -> cumSum(node),
        "Trilu", (node, _) -> trilu(node));
  }

  private static Operation constantOfShape(Node node) {
    Tensor value = node.tensorAttribute("value").orElse(Tensor.floats("", new long[] {1}, 0));
    if (value.elements() != 1) {
      throw FlowException.invalid(
          "%s: a value of %d elements (expected: 1)".formatted(node, value.elements()));
    }
    if (value.type() == ElementType.INT64 || value.type() == ElementType.BOOL) {
      long whole = value.toLongs()[0];
      DataType type = value.type() == ElementType.BOOL ? DataType.BOOLEAN : DataType.INT64;
      return arguments -> {
        long[] shape = arguments.longs(0);
        if (shape.length > 1) {
          return Value.one(filled(arguments.manager(), shape, (double) whole, type));
        }
        long[] values = new long[shape.length == 0 ? 1 : Math.toIntExact(shape[0])];
        Arrays.fill(values, whole);
        return List.of(new Value.Whole(shape.length == 1, values));
      };
    }
    double number = value.type().floating() ? value.toFloats()[0] : value.toLongs()[0];
    DataType type = Types.of(node, value.type());
    return arguments -> Value.one(filled(arguments.manager(), arguments.longs(0), number, type));
  }

  private static NDArray filled(NDManager manager, long[] shape, double value, DataType type) {
    NDArray zeros = manager.zeros(new Shape(shape), type);
    if (value == 0) {
      return zeros;
    }
    try (zeros) {
      if (type != DataType.BOOLEAN) {
        return zeros.add(value).toType(type, false);
      }
      return zeros.logicalNot();
    }
  }

  private static List<Value> range(Arguments arguments) {
    if (arguments.allWhole()) {
      long start = arguments.longs(0)[0];
      long step = arguments.longs(2)[0];
      long count = Math.max(0, Math.ceilDiv(arguments.longs(1)[0] - start, step));
      long[] values = new long[Math.toIntExact(count)];
      Arrays.setAll(values, i -> start + i * step);
      return List.of(Value.vector(values));
    }
    double start = arguments.number(0);
    double step = arguments.number(2);
    int count = (int) Math.max(0, Math.ceil((arguments.number(1) - start) / step));
    double[] values = new double[count];
    Arrays.setAll(values, i -> start + i * step);
    NDArray array = arguments.temporary(EngineArrays.of(arguments.manager(), values));
    return Value.one(array.toType(arguments.array(0).getDataType(), true));
  }

  /// Both ways: a dimension of 1 in the wanted shape leaves the operand's.
  private static List<Value> expand(Arguments arguments) {
    long[] dims = arguments.dims(0);
    long[] wanted = arguments.longs(1);
    int rank = Math.max(dims.length, wanted.length);
    long[] shape = new long[rank];
    for (int i = 0; i < rank; i++) {
      int own = i - (rank - dims.length);
      int target = i - (rank - wanted.length);
      long size = target < 0 ? 1 : wanted[target];
      shape[i] = own < 0 || dims[own] == 1 ? size : dims[own];
    }
    if (Arrays.equals(shape, dims)) {
      return List.of(arguments.value(0));
    }
    if (rank == 1 && arguments.value(0) instanceof Value.Whole whole) {
      long[] values = new long[Math.toIntExact(shape[0])];
      Arrays.fill(values, whole.values()[0]);
      return List.of(Value.vector(values));
    }
    return Value.one(JniUtils.broadcast((PtNDArray) arguments.array(0), new Shape(shape)));
  }

  private static List<Value> tile(Arguments arguments) {
    return Value.one(JniUtils.tile((PtNDArray) arguments.array(0), arguments.longs(1)));
  }

  private static Operation cumSum(Node node) {
    boolean exclusive = node.longAttribute("exclusive", 0) != 0;
    boolean reverse = node.longAttribute("reverse", 0) != 0;
    return arguments -> {
      NDArray input = arguments.array(0);
      int axis = Math.floorMod((int) arguments.number(1), input.getShape().dimension());
      PtNDArray data = (PtNDArray) (reverse ? flipped(arguments, input, axis) : input);
      NDArray sum = JniUtils.cumSum(data, axis);
      if (sum.getDataType() != input.getDataType()) {
        sum = arguments.temporary(sum).toType(input.getDataType(), false);
      }
      if (exclusive) {
        sum = arguments.temporary(sum).sub(data);
      }
      return Value.one(
          reverse ? JniUtils.flip((PtNDArray) arguments.temporary(sum), new long[] {axis}) : sum);
    };
  }

  private static NDArray flipped(Arguments arguments, NDArray array, int axis) {
    return arguments.temporary(JniUtils.flip((PtNDArray) array, new long[] {axis}));
  }

  /// The upper or lower triangle of matrices, from the k-th diagonal on; the rest is 0.
  private static Operation trilu(Node node) {
    boolean upper = node.longAttribute("upper", 1) != 0;
    return arguments -> {
      NDArray input = arguments.array(0);
      int rank = input.getShape().dimension();
      int rows = (int) input.getShape().get(rank - 2);
      int columns = (int) input.getShape().get(rank - 1);
      long diagonal = arguments.has(1) ? arguments.longs(1)[0] : 0;
      boolean[] kept = new boolean[rows * columns];
      for (int i = 0; i < kept.length; i++) {
        long offset = i % columns - i / columns - diagonal;
        kept[i] = upper ? offset >= 0 : offset <= 0;
      }
      NDManager manager = arguments.manager();
      NDArray mask = arguments.temporary(EngineArrays.of(manager, kept, new Shape(rows, columns)));
      NDArray zero = arguments.temporary(manager.zeros(new Shape(), input.getDataType()));
      return Value.one(JniUtils.where((PtNDArray) mask, (PtNDArray) input, (PtNDArray) zero));
    };
  }
}
