package io.attune.trainer.graph.op;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.attune.onnx.Node;
import io.attune.runtime.FlowException;
import io.attune.trainer.array.EngineArrays;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// Operators that take parts of an array.
final class Indexing {
  private Indexing() {}

  static Map<String, OperationKind> kinds() {
    return Map.of("Gather", (node, _) -> gather(node), "Slice", Indexing::slice);
  }

  private static Operation gather(Node node) {
    int axis = (int) node.longAttribute("axis", 0);
    return arguments -> {
      long[] dims = arguments.dims(0);
      int along = Math.floorMod(axis, dims.length);
      if (arguments.value(1) instanceof Value.Whole indices) {
        long[] wanted = inRange(node, indices.values(), dims[along]);
        if (arguments.value(0) instanceof Value.Whole data) {
          return List.of(picked(data, new Value.Whole(indices.vector(), wanted)));
        }
        return Value.one(select(arguments, along, new Value.Whole(indices.vector(), wanted)));
      }
      return Value.one(
          lookup(arguments, arguments.array(0), along, fromStart(arguments, dims[along])));
    };
  }

  /// Indices counted from the end become such from the start; those of tokens never are.
  private static NDArray fromStart(Arguments arguments, long size) {
    NDArray indices = arguments.array(1);
    if (indices.size() == 0) {
      return indices;
    }
    NDArray least = arguments.temporary(indices.min());
    if (arguments.temporary(least.toType(DataType.INT64, false)).getLong() >= 0) {
      return indices;
    }
    NDArray negative = arguments.temporary(indices.lt(0));
    NDArray offset = arguments.temporary(negative.toType(indices.getDataType(), false));
    return arguments.temporary(
        indices.add(arguments.temporary(EngineArrays.times(offset, (double) size))));
  }

  private static Value picked(Value.Whole data, Value.Whole indices) {
    long[] result = new long[indices.values().length];
    for (int i = 0; i < result.length; i++) {
      result[i] = data.values()[(int) indices.values()[i]];
    }
    return new Value.Whole(indices.vector(), result);
  }

  /// A position of the axis, or several; one alone is a view.
  private static NDArray select(Arguments arguments, int axis, Value.Whole indices) {
    NDArray data = arguments.array(0);
    if (!indices.vector()) {
      long at = indices.values()[0];
      NDArray slice = arguments.temporary(JniUtils.slice((PtNDArray) data, axis, at, at + 1, 1));
      return slice.squeeze(axis);
    }
    return lookup(
        arguments,
        data,
        axis,
        arguments.temporary(
            EngineArrays.of(
                arguments.manager(), indices.values(), new Shape(indices.values().length))));
  }

  /// Rows of a table by their numbers; along another axis than the first, the table is turned.
  private static NDArray lookup(Arguments arguments, NDArray data, int axis, NDArray indices) {
    Shape shape = data.getShape();
    if (axis == 0 && shape.dimension() == 2) {
      return JniUtils.embedding((PtNDArray) indices, (PtNDArray) data, false);
    }
    int rank = shape.dimension();
    NDArray front = arguments.temporary(moved(data, axis, 0));
    Shape rest = front.getShape().slice(1);
    NDArray table = arguments.temporary(front.reshape(shape.get(axis), rest.size()));
    PtNDArray rows = JniUtils.embedding((PtNDArray) indices, (PtNDArray) table, false);
    Shape full = indices.getShape().addAll(rest);
    NDArray shaped = arguments.temporary(arguments.temporary(rows).reshape(full));
    int indexRank = indices.getShape().dimension();
    int[] order = new int[indexRank + rank - 1];
    for (int i = 0; i < order.length; i++) {
      order[i] = i < axis ? indexRank + i : i < axis + indexRank ? i - axis : i;
    }
    return shaped.transpose(order);
  }

  private static NDArray moved(NDArray array, int from, int to) {
    int rank = array.getShape().dimension();
    int[] order = new int[rank];
    int next = 0;
    for (int i = 0; i < rank; i++) {
      if (i == to) {
        order[i] = from;
        continue;
      }
      next = next == from ? next + 1 : next;
      order[i] = next++;
    }
    return array.transpose(order);
  }

  private static long[] inRange(Node node, long[] indices, long size) {
    long[] result = indices.clone();
    for (int i = 0; i < result.length; i++) {
      long index = result[i] < 0 ? result[i] + size : result[i];
      if (index < 0 || index >= size) {
        throw FlowException.invalid(
            "%s: index %d (expected: %d..%d)".formatted(node, result[i], -size, size - 1));
      }
      result[i] = index;
    }
    return result;
  }

  /// Before opset 10 starts, ends and axes are attributes, from then on inputs.
  private static Operation slice(Node node, long opset) {
    if (opset < 10) {
      long[] starts = node.longsAttribute("starts").orElse(new long[0]);
      long[] ends = node.longsAttribute("ends").orElse(new long[0]);
      long[] axes = node.longsAttribute("axes").orElse(counted(starts.length));
      return arguments -> List.of(sliced(arguments, starts, ends, axes, ones(axes.length)));
    }
    return arguments -> {
      long[] starts = arguments.longs(1);
      long[] axes = arguments.has(3) ? arguments.longs(3) : counted(starts.length);
      long[] steps = arguments.has(4) ? arguments.longs(4) : ones(axes.length);
      return List.of(sliced(arguments, starts, arguments.longs(2), axes, steps));
    };
  }

  private static Value sliced(
      Arguments arguments, long[] starts, long[] ends, long[] axes, long[] steps) {
    long[] dims = arguments.dims(0);
    Value result = arguments.value(0);
    for (int i = 0; i < axes.length; i++) {
      int axis = Math.floorMod((int) axes[i], dims.length);
      Range range = Range.of(starts[i], ends[i], steps[i], dims[axis]);
      if (result instanceof Value.Array(NDArray array) && i > 0) {
        arguments.temporary(array);
      }
      result = range.of(result, axis);
    }
    return result;
  }

  /// The positions `start, start + step, …` before `end`, all in range.
  private record Range(long start, long count, long step) {
    static Range of(long start, long end, long step, long size) {
      if (size == 0) {
        return new Range(0, 0, step);
      }
      long low = step > 0 ? 0 : -1;
      long high = step > 0 ? size : size - 1;
      long from = Math.clamp(start < 0 ? start + size : start, 0, high);
      long to = Math.clamp(end < 0 ? Math.max(end, -size - 1) + size : end, low, high);
      long span = step > 0 ? to - from : from - to;
      return new Range(from, span <= 0 ? 0 : Math.ceilDiv(span, Math.abs(step)), step);
    }

    Value of(Value value, int axis) {
      return switch (value) {
        case Value.Whole whole -> {
          long[] result = new long[(int) count];
          for (int i = 0; i < result.length; i++) {
            result[i] = whole.values()[(int) (start + i * step)];
          }
          yield Value.vector(result);
        }
        case Value.Array(NDArray array) -> Value.of(of((PtNDArray) array, axis));
      };
    }

    private NDArray of(PtNDArray array, int axis) {
      if (step > 0) {
        long end = count == 0 ? start : start + (count - 1) * step + 1;
        return JniUtils.slice(array, axis, start, end, step);
      }
      long last = start + (count - 1) * step;
      try (PtNDArray forward =
          JniUtils.slice(array, axis, count == 0 ? 0 : last, count == 0 ? 0 : start + 1, -step)) {
        return JniUtils.flip(forward, new long[] {axis});
      }
    }
  }

  private static long[] counted(int count) {
    long[] axes = new long[count];
    for (int i = 0; i < count; i++) {
      axes[i] = i;
    }
    return axes;
  }

  private static long[] ones(int count) {
    long[] ones = new long[count];
    Arrays.fill(ones, 1);
    return ones;
  }
}
