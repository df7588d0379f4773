package io.attune.trainer.optimizer;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.attune.onnx.Dimension;
import io.attune.onnx.ElementType;
import io.attune.onnx.Node;
import io.attune.onnx.OnnxModel;
import io.attune.onnx.Tensor;
import io.attune.onnx.ValueInfo;
import io.attune.onnx.proto.GraphProto;
import io.attune.onnx.proto.ModelProto;
import io.attune.onnx.proto.OperatorSetIdProto;
import io.attune.onnx.proto.TensorProto;
import io.attune.trainer.data.Supervision;
import io.attune.trainer.graph.DifferentiableGraph;
import io.attune.trainer.graph.Gradients;
import io.attune.trainer.graph.TorchEngine;
import io.attune.trainer.loss.Loss;
import io.attune.trainer.loss.Losses;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Loss, graph and optimiser together: training steps of a small graph.
class TrainingStepsTest {
  private static final int ITEMS = 6;
  private static final int TOKENS = 5;
  private static final Supervision PAIRS = new Supervision.Labels(new int[] {0, 0, 1, 1, 2, 2});

  @Test
  void theLossFallsAndAllWeightsChange() {
    TorchEngine.start(2);
    OnnxModel model = model();
    Map<String, Object> options = Map.of("learning_rate", 0.01, "layer_wise_lr_decay", 0.9);
    Loss loss = Losses.catalog().named("MultipleNegativesRankingLoss").make(Map.of(), null);
    try (DifferentiableGraph graph = DifferentiableGraph.load(model)) {
      List<Trainable> trainables = Trainable.of(graph.parameters());
      List<float[]> before =
          trainables.stream().map(each -> each.weights().toFloatArray()).toList();
      try (Optimizer optimizer = Optimizers.catalog().named("AdamW").make(options, trainables, 2)) {
        double first = step(graph, optimizer, loss);
        double last = first;
        while (optimizer.steps() < 30) {
          last = step(graph, optimizer, loss);
        }
        assertThat(last).isLessThan(first / 2);
        assertThat(optimizer.groups())
            .extracting(ParameterGroup::learningRateScale)
            .containsOnly(0.9, StrictMath.pow(0.9, 2), StrictMath.pow(0.9, 3));
      }
      for (int i = 0; i < before.size(); i++) {
        Trainable trainable = trainables.get(i);
        assertThat(trainable.weights().toFloatArray())
            .as(trainable.name())
            .isNotEqualTo(before.get(i));
      }
    }
  }

  /// The mean of token embeddings, through two linear layers.
  private static OnnxModel model() {
    GraphProto.Builder graph = GraphProto.newBuilder().setName("tiny");
    graph.addInput(
        ValueInfo.tensor(
                "input_ids", ElementType.INT64, Dimension.of("batch"), Dimension.of("sequence"))
            .proto());
    graph.addInitializer(weight("embeddings.weight", 24, 8));
    graph.addNode(
        Node.op("Gather")
            .inputs("embeddings.weight", "input_ids")
            .outputs("tokens")
            .build()
            .proto());
    graph.addNode(
        Node.op("ReduceMean")
            .inputs("tokens")
            .outputs("x0")
            .attribute("axes", new long[] {1})
            .attribute("keepdims", 0)
            .build()
            .proto());
    for (int layer = 0; layer < 2; layer++) {
      String name = "layer." + layer;
      graph
          .addInitializer(weight(name + ".weight", 8, 8))
          .addInitializer(weight(name + ".bias", 8));
      graph.addNode(
          Node.op("Gemm")
              .inputs("x" + layer, name + ".weight", name + ".bias")
              .outputs(layer == 1 ? "embedding" : "x1")
              .attribute("transB", 1)
              .build()
              .proto());
    }
    graph.addOutput(
        ValueInfo.tensor("embedding", ElementType.FLOAT, Dimension.of("batch"), Dimension.of(8))
            .proto());
    return OnnxModel.of(
        ModelProto.newBuilder()
            .setIrVersion(8)
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17))
            .setGraph(graph)
            .build());
  }

  private static TensorProto weight(String name, long... shape) {
    int count = (int) (shape[0] * (shape.length > 1 ? shape[1] : 1));
    ByteBuffer bytes = ByteBuffer.allocate(count * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    SplittableRandom random = new SplittableRandom(name.hashCode());
    for (int i = 0; i < count; i++) {
      bytes.putFloat((float) random.nextDouble() - 0.5f);
    }
    return Tensor.raw(name, ElementType.FLOAT, shape, bytes.flip()).proto();
  }

  private static double step(DifferentiableGraph graph, Optimizer optimizer, Loss loss) {
    try (NDManager manager = TorchEngine.newManager()) {
      Map<String, NDArray> inputs = Map.of("input_ids", tokens(manager));
      double value;
      try (Gradients gradients = graph.gradients()) {
        NDArray scalar = loss.of(graph.forward(inputs, true), PAIRS, optimizer.steps());
        gradients.backward(scalar);
        value = scalar.getFloat();
      }
      optimizer.step(1, 1);
      graph.clearGradients();
      return value;
    }
  }

  private static NDArray tokens(NDManager manager) {
    long[] values = new long[ITEMS * TOKENS];
    for (int i = 0; i < values.length; i++) {
      values[i] = i * 7L % 23;
    }
    NDArray array = manager.create(new Shape(ITEMS, TOKENS), DataType.INT64);
    array.set(LongBuffer.wrap(values));
    return array;
  }
}
