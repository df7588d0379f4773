package io.attune.trainer.graph.op;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.attune.onnx.Node;
import io.attune.runtime.FlowException;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Map;
import java.util.stream.IntStream;

/// Batch normalisation (Ioffe and Szegedy, 2015) of (batch, channels, …).
///
/// It reads the running statistics, in training too, unless the graph was told to follow them: then
/// training normalises by the mean and variance of the batch, and they move by ONNX's formula, `new
/// = momentum · old + (1 − momentum) · batch`, the variance that of the population.
final class BatchNormalization {
  private BatchNormalization() {}

  static Map<String, OperationKind> kinds() {
    return Map.of("BatchNormalization", (node, _) -> bind(node));
  }

  private static Operation bind(Node node) {
    float epsilon = node.floatAttribute("epsilon", 1e-5f);
    float momentum = node.floatAttribute("momentum", .9f);
    if (node.longAttribute("spatial", 1) == 0) {
      throw FlowException.invalid("%s: spatial 0 (expected: 1)".formatted(node));
    }
    return arguments -> {
      boolean follows = arguments.training() && arguments.followsStatistics();
      NDArray normalized =
          JniUtils.batchNorm(
              (PtNDArray) arguments.array(0),
              (PtNDArray) arguments.array(3),
              (PtNDArray) arguments.array(4),
              (PtNDArray) arguments.array(1),
              (PtNDArray) arguments.array(2),
              follows,
              0, // the engine leaves the statistics as they are; its formula is not ONNX's
              epsilon);
      if (follows) {
        follow(arguments, momentum);
      }
      return Value.one(normalized);
    };
  }

  private static void follow(Arguments arguments, double momentum) {
    NDArray input = arguments.temporary(arguments.array(0).stopGradient());
    int rank = input.getShape().dimension();
    int[] axes = IntStream.range(0, rank).filter(axis -> axis != 1).toArray();
    NDArray mean = arguments.temporary(Reductions.mean(arguments, input, axes, true));
    NDArray centred = arguments.temporary(input.sub(mean));
    NDArray squares = arguments.temporary(centred.mul(centred));
    NDArray variance = arguments.temporary(Reductions.mean(arguments, squares, axes, true));
    move(arguments.array(3), mean, momentum);
    move(arguments.array(4), variance, momentum);
  }

  /// In place: the statistics are the graph's own, and are saved with its weights.
  private static void move(NDArray running, NDArray batch, double momentum) {
    float[] now = batch.toFloatArray();
    FloatBuffer memory = running.toByteBuffer(true).order(ByteOrder.nativeOrder()).asFloatBuffer();
    for (int i = 0; i < now.length; i++) {
      memory.put(i, (float) (momentum * memory.get(i) + (1 - momentum) * now[i]));
    }
  }
}
