package io.attune.trainer.graph.op;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.attune.onnx.Node;
import io.attune.runtime.FlowException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Operators that look at the same elements in another shape or in parts.
final class Views {
  private Views() {}

  static Map<String, OperationKind> kinds() {
    return Map.of(
        "Squeeze",
        Views::squeeze,
        "Flatten",
        (node, _) -> flatten(node),
        "Split",
        Views::split,
        "Size",
        (_, _) -> Views::size);
  }

  /// Before opset 13 the axes are an attribute, from then on an input; without them all axes of
  /// size 1 go.
  private static Operation squeeze(Node node, long opset) {
    long @Nullable [] fixed = opset < 13 ? node.longsAttribute("axes").orElse(null) : null;
    return arguments -> {
      long[] dims = arguments.dims(0);
      long @Nullable [] axes = arguments.has(1) ? arguments.longs(1) : fixed;
      Set<Integer> gone = new TreeSet<>();
      for (int i = 0; i < dims.length; i++) {
        if (axes == null && dims[i] == 1) {
          gone.add(i);
        }
      }
      for (long axis : axes == null ? new long[0] : axes) {
        int at = Math.floorMod((int) axis, dims.length);
        gone.add(at);
        if (dims[at] != 1) {
          throw FlowException.invalid("axis %d: size %d (expected: 1)".formatted(axis, dims[at]));
        }
      }
      return List.of(squeezed(arguments, dims, gone));
    };
  }

  private static Value squeezed(Arguments arguments, long[] dims, Set<Integer> gone) {
    if (gone.isEmpty()) {
      return arguments.value(0);
    }
    if (arguments.value(0) instanceof Value.Whole whole) {
      return Value.scalar(whole.values()[0]);
    }
    long[] left = new long[dims.length - gone.size()];
    int next = 0;
    for (int i = 0; i < dims.length; i++) {
      if (!gone.contains(i)) {
        left[next++] = dims[i];
      }
    }
    return Value.of(arguments.array(0).reshape(new Shape(left)));
  }

  private static Operation flatten(Node node) {
    int axis = (int) node.longAttribute("axis", 1);
    return arguments -> {
      NDArray input = arguments.array(0);
      Shape shape = input.getShape();
      int from = axis < 0 ? axis + shape.dimension() : axis;
      long rows = shape.slice(0, from).size();
      Shape flat = new Shape(rows, shape.slice(from).size());
      return List.of(shape.equals(flat) ? arguments.value(0) : Value.of(input.reshape(flat)));
    };
  }

  /// Sizes are an attribute before opset 13 and an input from then on; without them the parts are
  /// equal, but that the last may be smaller.
  private static Operation split(Node node, long opset) {
    int axis = (int) node.longAttribute("axis", 0);
    int parts = (int) node.longAttribute("num_outputs", node.outputs().size());
    long @Nullable [] fixed = opset < 13 ? node.longsAttribute("split").orElse(null) : null;
    return arguments -> {
      long[] dims = arguments.dims(0);
      int along = Math.floorMod(axis, dims.length);
      long @Nullable [] given = arguments.has(1) ? arguments.longs(1) : fixed;
      long[] sizes = given == null ? equal(dims[along], parts) : given;
      List<Value> outputs = new ArrayList<>(sizes.length);
      long from = 0;
      for (long size : sizes) {
        outputs.add(part(arguments, along, from, from + size));
        from += size;
      }
      return outputs;
    };
  }

  private static long[] equal(long size, int parts) {
    long each = Math.ceilDiv(size, (long) parts);
    long[] sizes = new long[parts];
    Arrays.setAll(sizes, i -> Math.clamp(size - i * each, 0, each));
    return sizes;
  }

  private static Value part(Arguments arguments, int axis, long from, long to) {
    return switch (arguments.value(0)) {
      case Value.Whole whole ->
          Value.vector(Arrays.copyOfRange(whole.values(), (int) from, (int) to));
      case Value.Array(NDArray array) ->
          Value.of(JniUtils.slice((PtNDArray) array, axis, from, to, 1));
    };
  }

  private static List<Value> size(Arguments arguments) {
    return List.of(Value.scalar(new Shape(arguments.dims(0)).size()));
  }
}
