package io.attune.trainer.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
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
import io.attune.trainer.testing.OnnxRuntime;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Batch normalisation that was never trained, as an exporter writes equal tensors: once.
class OwnStatisticsTest {
  @BeforeAll
  static void start() {
    TorchEngine.start(1);
  }

  private static OnnxModel model() {
    GraphProto.Builder graph =
        GraphProto.newBuilder()
            .setName("fresh")
            .addInput(tensor("x").proto())
            .addOutput(tensor("embedding").proto())
            .addInitializer(Tensor.floats("norm.weight", new long[] {2}, 1, 1).proto())
            .addInitializer(Tensor.floats("norm.bias", new long[] {2}, 0, 0).proto());
    for (List<String> ends : List.of(List.of("x", "y"), List.of("y", "embedding"))) {
      graph.addNode(
          Node.op("BatchNormalization")
              .name("/norm/" + ends.getFirst())
              .inputs(ends.getFirst(), "norm.weight", "norm.bias", "norm.bias", "norm.weight")
              .outputs(ends.getLast())
              .attribute("epsilon", 0f)
              .build()
              .proto());
    }
    return OnnxModel.of(
        ModelProto.newBuilder()
            .setIrVersion(8)
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(15))
            .setGraph(graph)
            .build());
  }

  private static ValueInfo tensor(String name) {
    return ValueInfo.tensor(name, ElementType.FLOAT, Dimension.of("batch"), Dimension.of(2));
  }

  @Test
  void areNotTrainedAsTheScale() {
    try (DifferentiableGraph graph = DifferentiableGraph.load(model());
        NDManager manager = TorchEngine.newManager()) {
      assertThat(graph.parameters().stream().map(Parameter::name))
          .containsExactlyInAnyOrder(
              "norm.weight",
              "norm.bias",
              "norm.bias.running_mean",
              "norm.weight.running_var",
              "norm.bias.running_mean_2",
              "norm.weight.running_var_2");
      assertThat(graph.parameters().stream().filter(Parameter::isTrainable).map(Parameter::name))
          .containsExactly("norm.weight", "norm.bias");
      assertThat(graph.edits()).isNotEmpty();
      graph.parameters().getFirst().set(new float[] {3, 5});
      float[] values =
          graph
              .forward(Map.of("x", manager.create(new float[] {1, 2}, new Shape(1, 2))), false)
              .toFloatArray();
      assertThat(values).containsExactly(new float[] {9, 50}, within(1e-5f));
      Tensor served =
          Objects.requireNonNull(
              OnnxRuntime.run(
                      graph.tuned().model(), List.of(Tensor.floats("x", new long[] {1, 2}, 1, 2)))
                  .get("embedding"));
      assertThat(served.toFloats()).containsExactly(new float[] {9, 50}, within(1e-5f));
    }
  }
}
