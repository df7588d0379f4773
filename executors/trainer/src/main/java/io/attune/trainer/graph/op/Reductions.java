package io.attune.trainer.graph.op;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.attune.onnx.Node;
import io.attune.trainer.array.EngineArrays;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Operators that reduce axes to one number each.
final class Reductions {
  private static final Reduction LARGEST = extreme(JniUtils::max, Double.NEGATIVE_INFINITY);

  private Reductions() {}

  static Map<String, OperationKind> kinds() {
    return Map.ofEntries(
        Map.entry("ReduceMean", reduction(18, Reductions::mean)),
        Map.entry("ReduceSum", reduction(13, (_, input, axes, keep) -> input.sum(axes, keep))),
        Map.entry("ReduceMax", reduction(18, LARGEST)),
        Map.entry("ReduceMin", reduction(18, extreme(JniUtils::min, Double.POSITIVE_INFINITY))),
        Map.entry("ReduceProd", reduction(18, axisByAxis(JniUtils::prod))),
        Map.entry("ReduceL1", reduction(18, Reductions::absolute)),
        Map.entry("ReduceL2", reduction(18, Reductions::norm)),
        Map.entry("ReduceSumSquare", reduction(18, Reductions::squares)),
        Map.entry("ReduceLogSumExp", reduction(18, Reductions::logSumExp)));
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
        if (emptyIsNone || rank == 0) {
          return Value.one(ofEachElement(arguments, reduction));
        }
        axes = allAxes(rank);
      }
      int[] sorted =
          Arrays.stream(axes).mapToInt(a -> Math.floorMod((int) a, rank)).sorted().toArray();
      return Value.one(reduction.apply(arguments, input, sorted, keep));
    };
  }

  /// Over no axis: what one number reduces to, such as its absolute value for a norm.
  private static NDArray ofEachElement(Arguments arguments, Reduction reduction) {
    NDArray input = arguments.array(0);
    int rank = input.getShape().dimension();
    NDArray wide = arguments.temporary(input.expandDims(rank));
    return reduction.apply(arguments, wide, new int[] {rank}, false);
  }

  private static long[] allAxes(int rank) {
    long[] axes = new long[rank];
    Arrays.setAll(axes, i -> i);
    return axes;
  }

  static NDArray mean(Arguments arguments, NDArray input, int[] axes, boolean keep) {
    if (axes.length == 1) {
      return JniUtils.mean((PtNDArray) input, axes[0], keep);
    }
    long count = 1;
    for (int axis : axes) {
      count *= input.getShape().get(axis);
    }
    return EngineArrays.divided(arguments.temporary(input.sum(axes, keep)), (double) count);
  }

  /// Reduces one axis.
  @FunctionalInterface
  private interface AxisReduction {
    PtNDArray apply(PtNDArray input, long axis, boolean keepDimension);
  }

  private static Reduction axisByAxis(AxisReduction reduction) {
    return (arguments, input, axes, keep) -> {
      PtNDArray result = (PtNDArray) input;
      for (int i = axes.length - 1; i >= 0; i--) {
        result = reduction.apply(result, axes[i], keep);
        if (i > 0) {
          arguments.temporary(result);
        }
      }
      return result;
    };
  }

  /// The largest or smallest; of no elements, what ONNX says since opset 20.
  private static Reduction extreme(AxisReduction reduction, double ofNone) {
    Reduction nonEmpty = axisByAxis(reduction);
    return (arguments, input, axes, keep) -> {
      if (Arrays.stream(axes).noneMatch(axis -> input.getShape().get(axis) == 0)) {
        return nonEmpty.apply(arguments, input, axes, keep);
      }
      NDArray zeros = arguments.temporary(input.sum(axes, keep)); // a sum of none is 0
      return zeros.add(
          arguments.temporary(
              EngineArrays.number(arguments.manager(), ofNone, input.getDataType())));
    };
  }

  private static NDArray absolute(Arguments arguments, NDArray input, int[] axes, boolean keep) {
    return arguments.temporary(input.abs()).sum(axes, keep);
  }

  private static NDArray squares(Arguments arguments, NDArray input, int[] axes, boolean keep) {
    return arguments.temporary(input.mul(input)).sum(axes, keep);
  }

  /// The largest is taken out, so that no exponential overflows.
  private static NDArray logSumExp(Arguments arguments, NDArray input, int[] axes, boolean keep) {
    NDArray largest = arguments.temporary(LARGEST.apply(arguments, input, axes, true));
    NDArray most = arguments.temporary(largest.stopGradient());
    NDArray powers = arguments.temporary(arguments.temporary(input.sub(most)).exp());
    NDArray sum = arguments.temporary(powers.sum(axes, true));
    NDArray result = arguments.temporary(sum.log()).add(most);
    if (keep) {
      return result;
    }
    NDArray kept = arguments.temporary(result);
    return kept.squeeze(axes);
  }

  /// As the engine's norm, whose gradient at 0 is 0, where a square root's is not a number.
  private static NDArray norm(Arguments arguments, NDArray input, int[] axes, boolean keep) {
    return JniUtils.norm((PtNDArray) input, 2, axes, keep);
  }
}
