package io.attune.trainer.graph.op;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.attune.onnx.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// Normalisation over the last axes.
final class Normalization {
  private Normalization() {}

  static Map<String, OperationKind> kinds() {
    return Map.of("LayerNormalization", (node, _) -> layerNormalization(node));
  }

  private static Operation layerNormalization(Node node) {
    int axis = (int) node.longAttribute("axis", -1);
    float epsilon = node.floatAttribute("epsilon", 1e-5f);
    boolean statistics = !node.output(1).isEmpty() || !node.output(2).isEmpty();
    return arguments -> {
      NDArray input = arguments.array(0);
      int from = Math.floorMod(axis, input.getShape().dimension());
      Shape normalized = input.getShape().slice(from);
      List<Value> outputs = new ArrayList<>(3);
      outputs.add(Value.of(normalized(arguments, normalized, epsilon)));
      if (statistics) {
        addStatistics(arguments, outputs, from, epsilon);
      }
      return outputs;
    };
  }

  /// The engine wants scale and bias of the normalised shape; ONNX lets them broadcast to it.
  private static NDArray normalized(Arguments arguments, Shape shape, float epsilon) {
    NDArray input = arguments.array(0);
    NDArray scale = arguments.array(1);
    boolean fits =
        scale.getShape().equals(shape)
            && (!arguments.has(2) || arguments.array(2).getShape().equals(shape));
    NDManager manager = arguments.manager();
    DataType type = input.getDataType();
    if (fits) {
      NDArray bias =
          arguments.has(2) ? arguments.array(2) : arguments.temporary(manager.zeros(shape, type));
      return layerNorm(input, shape, scale, bias, epsilon);
    }
    NDArray ones = arguments.temporary(manager.ones(shape, type));
    NDArray zeros = arguments.temporary(manager.zeros(shape, type));
    NDArray plain = arguments.temporary(layerNorm(input, shape, ones, zeros, epsilon));
    NDArray scaled = plain.mul(scale);
    return arguments.has(2) ? arguments.temporary(scaled).add(arguments.array(2)) : scaled;
  }

  private static NDArray layerNorm(
      NDArray input, Shape shape, NDArray scale, NDArray bias, float epsilon) {
    return JniUtils.layerNorm(
        (PtNDArray) input, shape, (PtNDArray) scale, (PtNDArray) bias, epsilon);
  }

  private static void addStatistics(
      Arguments arguments, List<Value> outputs, int from, float epsilon) {
    NDArray input = arguments.array(0);
    int[] axes = IntStream.range(from, input.getShape().dimension()).toArray();
    NDArray mean = Reductions.mean(arguments, input, axes, true);
    NDArray centred = arguments.temporary(input.sub(mean));
    NDArray squares = arguments.temporary(centred.mul(centred));
    NDArray variance = arguments.temporary(Reductions.mean(arguments, squares, axes, true));
    NDArray deviation = arguments.temporary(arguments.temporary(variance.add(epsilon)).sqrt());
    NDArray one = arguments.temporary(arguments.manager().ones(new Shape(), input.getDataType()));
    outputs.add(Value.of(mean));
    outputs.add(Value.of(one.div(deviation)));
  }
}
