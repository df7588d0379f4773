package io.attune.trainer.graph.op;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.attune.onnx.Node;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Operators that reduce axes to one number each.
final class Reductions {
  private Reductions() {}

  static Map<String, OperationKind> kinds() {
    return Map.of(
        "ReduceMean", reduction(18, Reductions::mean),
        "ReduceSum", reduction(13, (_, input, axes, keep) -> input.sum(axes, keep)),
        "ReduceMax", reduction(18, Reductions::max),
        "ReduceL2", reduction(18, Reductions::norm));
  }

  /// Reduces axes, which are in range and sorted.
  @FunctionalInterface
  interface Reduction {
    NDArray apply(Arguments arguments, NDArray input, int[] axes, boolean keepDimensions);
  }

  /// An operator that reduces.
  ///
  /// @param axesAsInput the opset from which on the axes are an input and no attribute
  static OperationKind reduction(long axesAsInput, Reduction reduction) {
    return (node, opset) -> bind(node, opset < axesAsInput, reduction);
  }

  private static Operation bind(Node node, boolean attribute, Reduction reduction) {
    long @Nullable [] fixed = node.longsAttribute("axes").orElse(null);
    boolean keep = node.longAttribute("keepdims", 1) != 0;
    boolean emptyIsNone = node.longAttribute("noop_with_empty_axes", 0) != 0;
    return arguments -> {
      long @Nullable [] axes = attribute ? fixed : arguments.has(1) ? arguments.longs(1) : null;
      NDArray input = arguments.array(0);
      int rank = input.getShape().dimension();
      if (axes == null || axes.length == 0) {
        if (emptyIsNone) {
          return List.of(arguments.value(0));
        }
        axes = allAxes(rank);
      }
      int[] sorted =
          Arrays.stream(axes).mapToInt(a -> Math.floorMod((int) a, rank)).sorted().toArray();
      return Value.one(reduction.apply(arguments, input, sorted, keep));
    };
  }

  private static long[] allAxes(int rank) {
    long[] axes = new long[rank];
    Arrays.setAll(axes, i -> i);
    return axes;
  }

  private static NDArray mean(Arguments arguments, NDArray input, int[] axes, boolean keep) {
    if (axes.length == 1) {
      return JniUtils.mean((PtNDArray) input, axes[0], keep);
    }
    long count = 1;
    for (int axis : axes) {
      count *= input.getShape().get(axis);
    }
    return arguments.temporary(input.sum(axes, keep)).div(count);
  }

  private static NDArray max(Arguments arguments, NDArray input, int[] axes, boolean keep) {
    NDArray result = input;
    for (int i = axes.length - 1; i >= 0; i--) {
      result = JniUtils.max((PtNDArray) result, axes[i], keep);
      if (i > 0) {
        arguments.temporary(result);
      }
    }
    return result;
  }

  /// As the engine's norm, whose gradient at 0 is 0, where a square root's is not a number.
  private static NDArray norm(Arguments arguments, NDArray input, int[] axes, boolean keep) {
    return JniUtils.norm((PtNDArray) input, 2, axes, keep);
  }
}
