package io.attune.trainer.graph.op;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.attune.onnx.Node;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Operators that look at shapes or change them.
final class Shapes {
  private Shapes() {}

  static Map<String, OperationKind> kinds() {
    return Map.of(
        "Shape", (node, _) -> shape(node),
        "Reshape", (node, _) -> reshape(node),
        "Unsqueeze", Shapes::unsqueeze,
        "Transpose", (node, _) -> transpose(node),
        "Concat", (node, _) -> concat(node));
  }

  private static Operation shape(Node node) {
    int start = (int) node.longAttribute("start", 0);
    int end = (int) node.longAttribute("end", Integer.MAX_VALUE);
    return arguments -> {
      long[] dims = arguments.dims(0);
      int from = bounded(start, dims.length);
      return List.of(
          Value.vector(Arrays.copyOfRange(dims, from, Math.max(from, bounded(end, dims.length)))));
    };
  }

  private static int bounded(int position, int rank) {
    return Math.clamp(position < 0 ? position + (long) rank : position, 0, rank);
  }

  private static Operation reshape(Node node) {
    boolean allowZero = node.longAttribute("allowzero", 0) != 0;
    return arguments -> {
      long[] dims = arguments.dims(0);
      long[] target = arguments.longs(1).clone();
      for (int i = 0; i < target.length; i++) {
        if (target[i] == 0 && !allowZero) {
          target[i] = dims[i];
        }
      }
      return List.of(reshaped(arguments, target));
    };
  }

  private static Value reshaped(Arguments arguments, long... target) {
    if (arguments.value(0) instanceof Value.Whole whole && target.length <= 1) {
      return new Value.Whole(target.length == 1, whole.values());
    }
    NDArray input = arguments.array(0);
    Shape shape = new Shape(target);
    return Value.of(input.getShape().equals(shape) ? input : input.reshape(shape));
  }

  private static Operation unsqueeze(Node node, long opset) {
    long @Nullable [] fixed = opset < 13 ? node.longsAttribute("axes").orElse(new long[0]) : null;
    return arguments -> {
      long[] dims = arguments.dims(0);
      long[] axes = fixed == null ? arguments.longs(1) : fixed;
      int rank = dims.length + axes.length;
      TreeSet<Integer> added = new TreeSet<>();
      for (long axis : axes) {
        added.add((int) (axis < 0 ? axis + rank : axis));
      }
      long[] target = new long[rank];
      int next = 0;
      for (int i = 0; i < rank; i++) {
        target[i] = added.contains(i) ? 1 : dims[next++];
      }
      return List.of(reshaped(arguments, target));
    };
  }

  private static Operation transpose(Node node) {
    int @Nullable [] order =
        node.longsAttribute("perm")
            .map(p -> Arrays.stream(p).mapToInt(i -> (int) i).toArray())
            .orElse(null);
    return arguments -> {
      NDArray input = arguments.array(0);
      return Value.one(order == null ? input.transpose() : input.transpose(order));
    };
  }

  private static Operation concat(Node node) {
    int axis = (int) node.longAttribute("axis", 0);
    return arguments -> {
      if (arguments.allWhole()) {
        return List.of(concatenated(arguments));
      }
      if (arguments.count() == 1) { // the engine would copy it, and no gradient flows back
        return List.of(arguments.value(0));
      }
      List<NDArray> arrays = new ArrayList<>();
      for (int i = 0; i < arguments.count(); i++) {
        arrays.add(arguments.array(i));
      }
      int rank = arrays.getFirst().getShape().dimension();
      return Value.one(NDArrays.concat(new NDList(arrays), Math.floorMod(axis, rank)));
    };
  }

  private static Value concatenated(Arguments arguments) {
    long[] all = new long[0];
    for (int i = 0; i < arguments.count(); i++) {
      long[] part = arguments.longs(i);
      int length = all.length;
      all = Arrays.copyOf(all, length + part.length);
      System.arraycopy(part, 0, all, length, part.length);
    }
    return Value.vector(all);
  }
}
