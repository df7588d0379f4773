package io.attune.trainer.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.attune.onnx.ElementType;
import io.attune.onnx.Node;
import io.attune.onnx.OnnxModel;
import io.attune.onnx.Tensor;
import io.attune.onnx.proto.GraphProto;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/// A small random BERT against what PyTorch gave for it; the fixtures are made by
/// `src/test/python/tiny_bert.py`.
class TinyBertTest {
  private static OnnxModel model;
  private static Expected expected;

  @SuppressWarnings("ArrayRecordComponent") // a fixture, never compared
  private record Gradient(long[] shape, float[] values) {}

  @SuppressWarnings("ArrayRecordComponent") // a fixture, never compared
  private record Expected(
      long[] shape,
      @JsonProperty("input_ids") long[] inputIds,
      @JsonProperty("attention_mask") long[] attentionMask,
      @JsonProperty("token_type_ids") long[] tokenTypeIds,
      float[] direction,
      float[] embedding,
      float loss,
      Map<String, Gradient> gradients) {}

  @BeforeAll
  static void load() throws IOException {
    TorchEngine.start(2);
    model = OnnxModel.parse(resource("tiny-bert.onnx"));
    expected = JsonMapper.shared().readValue(resource("tiny-bert.json"), Expected.class);
  }

  @Test
  void gradientsAreThoseOfPyTorch() {
    try (DifferentiableGraph graph = DifferentiableGraph.load(model);
        NDManager manager = TorchEngine.newManager()) {
      try (Gradients gradients = graph.gradients()) {
        NDArray embedding = graph.forward(inputs(manager), true);
        assertThat(embedding.toFloatArray()).containsExactly(expected.embedding, within(1e-5f));
        gradients.backward(loss(embedding));
      }
      assertThat(graph.parameters().stream().map(Parameter::name))
          .containsExactlyInAnyOrderElementsOf(expected.gradients.keySet());
      graph.parameters().forEach(TinyBertTest::requireGradient);
    }
  }

  private static void requireGradient(Parameter parameter) {
    Gradient torch = Objects.requireNonNull(expected.gradients.get(parameter.name()));
    NDArray ours = parameter.gradient().orElseThrow();
    boolean turned =
        parameter.storedName().startsWith("onnx::MatMul"); // ONNX has (in, out), PyTorch (out, in)
    float[] values = (turned ? ours.transpose() : ours).toFloatArray();
    assertThat(values).as(parameter.name()).containsExactly(torch.values, within(2e-4f));
  }

  @Test
  void gradientsAddUpUntilTheyAreCleared() {
    try (DifferentiableGraph graph = DifferentiableGraph.load(model)) {
      Parameter parameter = graph.parameters().getFirst();
      backward(graph);
      float[] once = parameter.gradient().orElseThrow().toFloatArray();
      backward(graph);
      NDArray twice = parameter.gradient().orElseThrow();
      assertThat(twice.div(2).toFloatArray()).containsExactly(once, within(1e-4f));
      graph.clearGradients();
      assertThat(parameter.gradient()).isEmpty();
      backward(graph);
      assertThat(parameter.gradient().orElseThrow().toFloatArray()).isEqualTo(once);
    }
  }

  @Test
  void recordsNothingOutsideOfAScope() throws InterruptedException {
    try (DifferentiableGraph graph = DifferentiableGraph.load(model)) {
      AtomicReference<Throwable> failure = new AtomicReference<>();
      Thread fresh =
          new Thread(() -> {
            try (NDManager manager = TorchEngine.newManager()) {
              NDArray embedding = graph.forward(inputs(manager), true);
              try (Gradients gradients = graph.gradients()) {
                gradients.backward(loss(embedding));
              }
            } catch (EngineException e) {
              failure.set(e);
            }
          });
      fresh.start();
      fresh.join();
      assertThat(failure.get()).hasMessageContaining("does not require grad");
      assertThat(graph.parameters()).allMatch(parameter -> parameter.gradient().isEmpty());
    }
  }

  @Test
  void halfPrecisionTrainsAndIsWrittenAsSingle() {
    OnnxModel half = half(model);
    try (DifferentiableGraph graph = DifferentiableGraph.load(half);
        NDManager manager = TorchEngine.newManager()) {
      float[] values = graph.forward(inputs(manager), false).toFloatArray();
      assertThat(values).containsExactly(expected.embedding, within(5e-3f));
      TunedModel tuned = graph.tuned();
      assertThat(tuned.edits()).anyMatch(edit -> edit.startsWith("widen "));
      assertThat(tuned.model().graph().initializers().values())
          .noneMatch(tensor -> tensor.type() == ElementType.FLOAT16);
    }
  }

  @Test
  void refusesQuantisedGraphs() {
    OnnxModel quantised =
        model
            .edit()
            .append(
                Node.op("DequantizeLinear")
                    .name("/quant/Dequantize")
                    .inputs("a", "b")
                    .outputs("c")
                    .build())
            .build();
    assertThatThrownBy(() -> DifferentiableGraph.load(quantised))
        .isInstanceOf(FlowException.class)
        .hasMessageContaining("node \"/quant/Dequantize\" (DequantizeLinear)")
        .hasMessageContaining("expected: the fp32 master");
  }

  @Test
  void refusesOperatorsItCannotTrainThrough() {
    OnnxModel strange =
        model
            .edit()
            .renameValue("embedding", "inner")
            .append(Node.op("Det").name("/odd/Det").inputs("inner").outputs("embedding").build())
            .outputs(model.graph().outputs().getFirst())
            .build();
    assertThatThrownBy(() -> DifferentiableGraph.load(strange))
        .isInstanceOf(FlowException.class)
        .hasMessageContaining("node \"/odd/Det\" (Det): operator Det cannot be trained through")
        .hasMessageContaining("expected: one of Abs, Add, ");
  }

  @Test
  void namesTheInputThatIsMissing() {
    try (DifferentiableGraph graph = DifferentiableGraph.load(model);
        NDManager manager = TorchEngine.newManager()) {
      Map<String, NDArray> inputs = Map.of("input_ids", inputs(manager).get("input_ids"));
      assertThatThrownBy(() -> graph.forward(inputs, false))
          .isInstanceOf(FlowException.class)
          .hasMessageContaining("(expected: attention_mask among them)");
    }
  }

  @Test
  void leavesNoArraysBehind() {
    try (DifferentiableGraph graph = DifferentiableGraph.load(model);
        NDManager manager = TorchEngine.newManager()) {
      Map<String, NDArray> inputs = inputs(manager);
      int before = manager.getManagedArrays().size();
      graph.forward(inputs, false).close();
      assertThat(manager.getManagedArrays()).hasSize(before);
    }
  }

  private static void backward(DifferentiableGraph graph) {
    try (NDManager manager = TorchEngine.newManager();
        Gradients gradients = graph.gradients()) {
      gradients.backward(loss(graph.forward(inputs(manager), true)));
    }
  }

  private static NDArray loss(NDArray embedding) {
    NDArray direction = embedding.getManager().create(expected.direction, embedding.getShape());
    return embedding.mul(direction).sum();
  }

  private static Map<String, NDArray> inputs(NDManager manager) {
    return Inputs.of(
        manager,
        new Shape(expected.shape),
        expected.inputIds,
        expected.attentionMask,
        expected.tokenTypeIds);
  }

  /// The model with its float32 initialisers in float16.
  private static OnnxModel half(OnnxModel single) {
    GraphProto.Builder graph = single.graph().proto().toBuilder();
    for (int i = 0; i < graph.getInitializerCount(); i++) {
      Tensor tensor = single.graph().initializer(graph.getInitializer(i).getName());
      if (tensor.type() == ElementType.FLOAT) {
        float[] values = tensor.toFloats();
        ByteBuffer bytes = ByteBuffer.allocate(2 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
          bytes.putShort(Float.floatToFloat16(value));
        }
        bytes.flip();
        graph.setInitializer(
            i, Tensor.raw(tensor.name(), ElementType.FLOAT16, tensor.dims(), bytes).proto());
      }
    }
    return OnnxModel.of(single.proto().toBuilder().setGraph(graph).build());
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(TinyBertTest.class.getResourceAsStream(name), name)) {
      return in.readAllBytes();
    }
  }
}
