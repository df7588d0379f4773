package io.attune.trainer.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.attune.onnx.ElementType;
import io.attune.onnx.Graph;
import io.attune.onnx.Node;
import io.attune.onnx.Tensor;
import io.attune.trainer.graph.op.Operations;
import io.attune.trainer.testing.OnnxRuntime;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class ExportedGraphsTest {
  /// The exporter writes `Min` of int64 there, which ONNX has from opset 12 on only.
  private static final String REFUSED_BY_ONNX_RUNTIME = "mpnet-script-eager-11";

  @BeforeAll
  static void start() {
    TorchEngine.start(1);
  }

  static Stream<ExportedGraph> graphs() throws Exception {
    return ExportedGraph.all();
  }

  @Test
  void graphsOfBothExportersAndAllOpsetsAreThere() throws Exception {
    Set<String> kinds = new TreeSet<>();
    for (ExportedGraph graph : graphs().toList()) {
      String[] parts = graph.label().split("-", -1);
      kinds.add(parts[0] + " " + parts[1] + " " + parts[3]);
      assertThat(graph.model().opset()).as(graph.label()).isEqualTo(Long.parseLong(parts[3]));
    }
    for (String model : new String[] {"bert", "bilstm", "distilbert", "mlp", "mpnet", "roberta"}) {
      for (String version : new String[] {"script 11", "script 13", "script 17", "script 18"}) {
        assertThat(kinds).contains(model + " " + version);
      }
      assertThat(kinds).contains(model + " dynamo 18", model + " dynamo 21");
    }
  }

  @Test
  void everyOperatorThatTheExportersEmitIsSupported() throws Exception {
    Operations operations = Operations.standard();
    for (ExportedGraph graph : graphs().toList()) {
      for (Node node : graph.model().graph().nodes()) {
        boolean supported = node.is("Constant") || operations.of(node).isPresent();
        assertThat(supported).as("%s: %s (%s)", graph, node, operations.names()).isTrue();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("graphs")
  void embedsAsPyTorchAndAsOnnxRuntime(ExportedGraph exported) {
    assertThat(exported.cases()).isNotEmpty();
    try (DifferentiableGraph graph = DifferentiableGraph.load(exported.model())) {
      for (ExportedGraph.Case one : exported.cases()) {
        try (NDManager manager = TorchEngine.newManager()) {
          float[] expected = one.embedding().toFloats();
          NDArray embedding = graph.forward(arrays(manager, one), false);
          assertThat(embedding.getShape().getShape()).isEqualTo(one.embedding().dims());
          assertClose("embedding", embedding.toFloatArray(), expected, 1e-5);
          if (!exported.label().equals(REFUSED_BY_ONNX_RUNTIME)) {
            Tensor reference =
                OnnxRuntime.run(exported.model(), one.inputs()).values().iterator().next();
            assertClose("onnxruntime", reference.toFloats(), expected, 1e-5);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("graphs")
  void givesTheGradientsOfPyTorch(ExportedGraph exported) {
    try (DifferentiableGraph graph = DifferentiableGraph.load(exported.model())) {
      for (ExportedGraph.Case one : exported.cases()) {
        try (NDManager manager = TorchEngine.newManager();
            Gradients gradients = graph.gradients()) {
          NDArray embedding = graph.forward(arrays(manager, one), true);
          NDArray direction = array(manager, one.direction());
          gradients.backward(embedding.mul(direction).sum());
          assertGradients(exported, graph, one.gradients());
        }
        graph.clearGradients();
      }
    }
  }

  private static void assertGradients(
      ExportedGraph exported, DifferentiableGraph graph, Map<String, Tensor> torch) {
    Map<String, Tensor> expected = folded(graph, torch);
    Map<String, float[]> actual = new LinkedHashMap<>();
    for (Parameter parameter : graph.parameters()) {
      assertThat(parameter.isTrainable()).as(parameter.name()).isTrue();
      NDArray gradient = parameter.gradient().orElseThrow();
      actual.put(parameter.name(), gradient.toFloatArray());
      assertThat(gradient.getShape().getShape()).isEqualTo(parameter.shape());
    }
    assertThat(actual).containsOnlyKeys(expected.keySet());
    for (Parameter parameter : graph.parameters()) {
      Tensor gradient = Objects.requireNonNull(expected.get(parameter.name()));
      boolean turned = isTurned(exported.model().graph(), parameter.storedName());
      float[] values = turned ? transposed(gradient) : gradient.toFloats();
      float[] mine = Objects.requireNonNull(actual.get(parameter.name()));
      assertClose(parameter.name(), mine, values, 1e-4);
    }
  }

  /// PyTorch's gradients under the names and shapes of the graph: TorchScript writes an LSTM's
  /// weights as ONNX has them, both directions in one tensor.
  private static Map<String, Tensor> folded(DifferentiableGraph graph, Map<String, Tensor> torch) {
    boolean onnx = graph.parameters().stream().anyMatch(p -> p.name().equals("1.weight_hh"));
    if (!onnx) {
      return torch;
    }
    Map<String, Tensor> folded = new LinkedHashMap<>(torch);
    folded.keySet().removeIf(name -> name.startsWith("1."));
    folded.put("1.weight_ih", lstm(torch, "1.weight_ih"));
    folded.put("1.weight_hh", lstm(torch, "1.weight_hh"));
    folded.put("1.bias", lstm(torch, "1.bias_ih", "1.bias_hh"));
    return folded;
  }

  private static Tensor lstm(Map<String, Tensor> torch, String... names) {
    int total = 0;
    float[] all = new float[0];
    for (String suffix : new String[] {"_l0", "_l0_reverse"}) {
      for (String name : names) {
        float[] values = onnxGates(Objects.requireNonNull(torch.get(name + suffix)).toFloats());
        all = Arrays.copyOf(all, total + values.length);
        System.arraycopy(values, 0, all, total, values.length);
        total += values.length;
      }
    }
    long[] dims = Objects.requireNonNull(torch.get(names[0] + "_l0")).dims();
    long rows = dims[0] * names.length;
    long[] shape = dims.length == 1 ? new long[] {2, rows} : new long[] {2, rows, dims[1]};
    return Tensor.floats(names[0], shape, all);
  }

  /// From input, forget, cell, output to input, output, forget, cell.
  private static float[] onnxGates(float[] torch) {
    int gate = torch.length / 4;
    float[] onnx = torch.clone();
    System.arraycopy(torch, 3 * gate, onnx, gate, gate);
    System.arraycopy(torch, gate, onnx, 2 * gate, 2 * gate);
    return onnx;
  }

  /// Whether a weight is stored (in, out), as a product has it; PyTorch has (out, in).
  private static boolean isTurned(Graph graph, String name) {
    return graph.consumers(name).stream().anyMatch(node -> node.is("MatMul"));
  }

  private static float[] transposed(Tensor tensor) {
    int rows = (int) tensor.dims()[0];
    int columns = (int) tensor.dims()[1];
    float[] values = tensor.toFloats();
    float[] result = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      result[i % columns * rows + i / columns] = values[i];
    }
    return result;
  }

  private static Map<String, NDArray> arrays(NDManager manager, ExportedGraph.Case one) {
    Map<String, NDArray> arrays = new LinkedHashMap<>();
    one.inputs().forEach(input -> arrays.put(input.name(), array(manager, input)));
    return arrays;
  }

  private static NDArray array(NDManager manager, Tensor tensor) {
    Shape shape = new Shape(tensor.dims());
    return tensor.type() == ElementType.INT64
        ? manager.create(tensor.toLongs(), shape)
        : manager.create(tensor.toFloats(), shape);
  }

  private static void assertClose(String what, float[] actual, float[] expected, double tolerance) {
    assertThat(actual).as(what).hasSize(expected.length);
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) actual[i])
          .as("%s, value %d", what, i)
          .isCloseTo(expected[i], within(tolerance * Math.max(1, Math.abs(expected[i]))));
    }
  }
}
