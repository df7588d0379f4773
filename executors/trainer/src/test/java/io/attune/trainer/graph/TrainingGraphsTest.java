package io.attune.trainer.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.attune.onnx.OnnxModel;
import io.attune.onnx.Tensor;
import io.attune.trainer.array.EngineArrays;
import io.attune.trainer.testing.OnnxRuntime;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// A perceptron with dropout and batch normalisation, exported as it trains (made by
/// `training_graphs.py`), against PyTorch and ONNX Runtime.
class TrainingGraphsTest {
  private static final double RATIO = 0.25;
  private static JsonNode golden;

  @BeforeAll
  static void start() throws IOException {
    TorchEngine.start(1);
    golden = new ObjectMapper().readTree(bytes("mlp.json"));
  }

  private static byte[] bytes(String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(TrainingGraphsTest.class.getResourceAsStream("training/" + name))) {
      return in.readAllBytes();
    }
  }

  private static DifferentiableGraph graph(String name) throws IOException {
    return DifferentiableGraph.load(OnnxModel.parse(bytes(name)).check());
  }

  private static float[] floats(JsonNode list) {
    float[] values = new float[list.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = list.get(i).floatValue();
    }
    return values;
  }

  private static Map<String, NDArray> image(NDManager manager) {
    return Map.of(
        "image", EngineArrays.of(manager, floats(golden.get("image")), new Shape(5, 2, 3)));
  }

  private static void assertClose(String what, float[] actual, JsonNode expected) {
    float[] values = floats(expected);
    assertThat(actual).as(what).hasSize(values.length);
    for (int i = 0; i < values.length; i++) {
      assertThat(actual[i]).as("%s, value %d", what, i).isCloseTo(values[i], within(2e-5f));
    }
  }

  /// The embedding of a pass in training.
  private static float[] train(DifferentiableGraph graph) {
    try (NDManager manager = TorchEngine.newManager();
        Gradients gradients = graph.gradients()) {
      NDArray embedding = graph.forward(image(manager), true);
      NDArray direction =
          EngineArrays.of(manager, floats(golden.get("direction")), embedding.getShape());
      gradients.backward(embedding.mul(direction).sum());
      return embedding.toFloatArray();
    }
  }

  private static void assertGradients(DifferentiableGraph graph, JsonNode expected) {
    for (Map.Entry<String, JsonNode> gradient : expected.properties()) {
      assertClose(
          gradient.getKey(),
          parameter(graph, gradient.getKey()).gradient().orElseThrow().toFloatArray(),
          gradient.getValue());
    }
  }

  private static Parameter parameter(DifferentiableGraph graph, String name) {
    return graph.parameters().stream()
        .filter(parameter -> parameter.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /// The same graph without dropout.
  private static DifferentiableGraph withoutDropout(String name) throws IOException {
    OnnxModel model = OnnxModel.parse(bytes(name));
    var proto = model.proto().toBuilder();
    for (var node : proto.getGraphBuilder().getNodeBuilderList()) {
      if (node.getOpType().equals("Dropout")) {
        List<String> first = List.of(node.getInput(0));
        node.setOpType("Identity").clearInput().addAllInput(first).clearAttribute();
        node.clearOutput().addOutput(model.graph().nodes().getLast().input(0));
      }
    }
    return DifferentiableGraph.load(OnnxModel.of(proto.build()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "train-11",
        "train-13",
        "train-15",
        "train-18",
        "train-dynamo-18",
        "train-dynamo-21",
        "eval-11",
        "eval-17",
        "eval-dynamo-18",
        "eval-dynamo-21"
      })
  void isServedWithoutDropoutAndByItsRunningStatistics(String kind) throws IOException {
    try (DifferentiableGraph graph = graph("mlp-" + kind + ".onnx");
        NDManager manager = TorchEngine.newManager()) {
      JsonNode expected = golden.get("frozen").get("embedding");
      assertClose("trainer", graph.forward(image(manager), false).toFloatArray(), expected);
      Tensor image = Tensor.floats("image", new long[] {5, 2, 3}, floats(golden.get("image")));
      OnnxModel tuned = graph.tuned().model();
      Tensor served = OnnxRuntime.run(tuned, List.of(image)).values().iterator().next();
      assertClose("ONNX Runtime", served.toFloats(), expected);
      assertThat(graph.parameters().stream().filter(Parameter::isTrainable)).hasSize(6);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"11", "13", "15", "17", "18", "dynamo-18", "dynamo-21"})
  void trainsOnRunningStatisticsAsPyTorchDoes(String opset) throws IOException {
    try (DifferentiableGraph graph = withoutDropout("mlp-train-" + opset + ".onnx")) {
      float[] mean = parameter(graph, "2.running_mean").array().toFloatArray();
      assertClose("embedding", train(graph), golden.get("frozen").get("embedding"));
      assertGradients(graph, golden.get("frozen").get("gradients"));
      assertThat(parameter(graph, "2.running_mean").array().toFloatArray()).isEqualTo(mean);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"11", "13", "15", "17", "18", "dynamo-18", "dynamo-21"})
  void followsTheStatisticsOfTheBatchWhereAsked(String opset) throws IOException {
    try (DifferentiableGraph graph = withoutDropout("mlp-train-" + opset + ".onnx")) {
      graph.followStatistics(true);
      assertClose("embedding", train(graph), golden.get("batch").get("embedding"));
      assertGradients(graph, golden.get("batch").get("gradients"));
      for (String name : List.of("running_mean", "running_var")) {
        float[] moved = parameter(graph, "2." + name).array().toFloatArray();
        assertClose(name, moved, golden.get("batch").get(name));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"11", "13", "18", "dynamo-21"})
  void dropoutFollowsFromSeedEpochAndStepAlone(String opset) throws IOException {
    try (DifferentiableGraph graph = graph("mlp-train-" + opset + ".onnx")) {
      List<float[]> passes = new ArrayList<>();
      for (long[] at : new long[][] {{1, 0, 0}, {1, 0, 1}, {1, 1, 0}, {2, 0, 0}, {1, 0, 0}}) {
        TorchEngine.seed(at[0], (int) at[1], at[2]);
        passes.add(train(graph));
        graph.clearGradients();
      }
      assertThat(passes.getLast()).isEqualTo(passes.getFirst());
      assertThat(passes.stream().map(Arrays::toString).distinct()).hasSize(4);
    }
  }

  @Test
  void dropoutLeavesTheMeanAndTakesWhatItsRatioSays() throws IOException {
    try (DifferentiableGraph graph = graph("mlp-train-18.onnx");
        NDManager manager = TorchEngine.newManager()) {
      float[] frozen = floats(golden.get("frozen").get("embedding"));
      double[] sums = new double[frozen.length];
      int passes = 500;
      for (int i = 0; i < passes; i++) {
        TorchEngine.seed(7, 0, i);
        try (NDArray embedding = graph.forward(image(manager), true)) {
          float[] values = embedding.toFloatArray();
          for (int k = 0; k < sums.length; k++) {
            sums[k] += values[k];
          }
        }
      }
      // the layer after the dropout is linear, so that the mean is what is served
      double deviation = Math.sqrt(RATIO / (1 - RATIO)) / Math.sqrt(passes);
      for (int k = 0; k < sums.length; k++) {
        assertThat(sums[k] / passes).isCloseTo(frozen[k], within(8 * deviation));
      }
    }
  }
}
