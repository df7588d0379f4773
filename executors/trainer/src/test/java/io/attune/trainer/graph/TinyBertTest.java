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
import io.attune.onnx.ModelEdit;
import io.attune.onnx.Node;
import io.attune.onnx.OnnxModel;
import io.attune.onnx.Tensor;
import io.attune.onnx.proto.GraphProto;
import io.attune.runtime.FlowException;
import io.attune.trainer.optimizer.Optimizer;
import io.attune.trainer.optimizer.Optimizers;
import io.attune.trainer.optimizer.Trainable;
import io.attune.trainer.testing.OnnxRuntime;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
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
  void scoresMayBeAddedToTheirMask() {
    ModelEdit edit = model.edit();
    int turned = 0;
    for (Node softmax : model.graph().nodes()) {
      if (softmax.is("Softmax")) {
        Node sum = model.graph().producer(softmax.input(0)).orElseThrow();
        edit.replaceNode(
            sum.index(),
            Node.op("Add")
                .name(sum.name())
                .inputs(sum.input(1), sum.input(0))
                .outputs(sum.output(0))
                .build());
        turned++;
      }
    }
    assertThat(turned).isPositive();
    try (DifferentiableGraph graph = DifferentiableGraph.load(edit.build());
        NDManager manager = TorchEngine.newManager()) {
      assertThat(Collections.frequency(graph.steps(), "Attention")).isEqualTo(turned);
      assertThat(graph.forward(inputs(manager), false).toFloatArray())
          .containsExactly(expected.embedding, within(1e-5f));
    }
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
    OnnxModel half = half(model, ElementType.FLOAT16);
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

  /// ONNX's own operators, and those of ONNX Runtime that its quantisation tools write.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "DequantizeLinear",
        "QuantizeLinear",
        "DynamicQuantizeLinear",
        "QLinearMatMul",
        "MatMulInteger",
        "ConvInteger",
        "MatMulIntegerToFloat",
        "DynamicQuantizeMatMul",
        "DynamicQuantizeLSTM",
        "QAttention",
        "QEmbedLayerNormalization",
        "QGemm",
        "QOrderedMatMul",
        "MatMulNBits",
        "MatMulBnb4",
        "GatherBlockQuantized"
      })
  void refusesQuantisedGraphs(String op) {
    OnnxModel quantised =
        model
            .edit()
            .append(Node.op(op).name("/quant/node").inputs("a", "b").outputs("c").build())
            .build();
    assertThatThrownBy(() -> DifferentiableGraph.load(quantised))
        .isInstanceOf(FlowException.class)
        .hasMessageContaining("node \"/quant/node\" (%s)".formatted(op))
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

  /// Older exporters write weights as nodes.
  @Test
  void aWeightInAConstantNodeIsTrainedAndWrittenBackThere() {
    Tensor weight =
        model.graph().initializers().values().stream()
            .filter(tensor -> tensor.name().endsWith("word_embeddings.weight"))
            .findFirst()
            .orElseThrow();
    GraphProto.Builder graph = model.graph().proto().toBuilder();
    graph.removeInitializer(
        List.copyOf(model.graph().initializers().keySet()).indexOf(weight.name()));
    graph.addNode(
        0,
        Node.op("Constant")
            .name("/words/Constant")
            .outputs(weight.name())
            .attribute("value", weight.named(""))
            .build()
            .proto());
    OnnxModel tuned =
        tunedByOneStep(OnnxModel.of(model.proto().toBuilder().setGraph(graph).build()));
    assertThat(tuned.graph().initializers()).doesNotContainKey(weight.name());
    Node constant = tuned.graph().producer(weight.name()).orElseThrow();
    assertThat(constant.name()).isEqualTo("/words/Constant");
    Tensor written = constant.tensorAttribute("value").orElseThrow();
    assertThat(written.dims()).isEqualTo(weight.dims());
    assertThat(written.toFloats()).isNotEqualTo(weight.toFloats());
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT16", "BFLOAT16"})
  void halfPrecisionTrainsAndIsServedInSingle(ElementType type) {
    OnnxModel tuned = tunedByOneStep(half(model, type));
    assertThat(tuned.graph().initializers().values()).noneMatch(tensor -> tensor.type() == type);
  }

  /// Trains one step, and requires that ONNX Runtime gives what the trainer does then.
  private static OnnxModel tunedByOneStep(OnnxModel from) {
    try (DifferentiableGraph graph = DifferentiableGraph.load(from);
        NDManager manager = TorchEngine.newManager();
        Optimizer sgd =
            Optimizers.catalog()
                .named("SGD")
                .make(Map.of("learning_rate", 0.05), Trainable.of(graph.parameters()), 1)) {
      float[] before = graph.forward(inputs(manager), false).toFloatArray();
      backward(graph);
      var _ = sgd.step(1, 1);
      float[] after = graph.forward(inputs(manager), false).toFloatArray();
      assertThat(distance(before, after)).isGreaterThan(1e-3f);
      OnnxModel tuned = graph.tuned().model();
      Tensor served =
          OnnxRuntime.run(
                  tuned,
                  List.of(
                      Tensor.longs("input_ids", expected.shape, expected.inputIds),
                      Tensor.longs("attention_mask", expected.shape, expected.attentionMask),
                      Tensor.longs("token_type_ids", expected.shape, expected.tokenTypeIds)))
              .values()
              .iterator()
              .next();
      assertThat(served.toFloats()).containsExactly(after, within(1e-5f));
      return tuned;
    }
  }

  private static float distance(float[] a, float... b) {
    float most = 0;
    for (int i = 0; i < a.length; i++) {
      most = Math.max(most, Math.abs(a[i] - b[i]));
    }
    return most;
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

  /// The model with its float32 initialisers in half precision.
  private static OnnxModel half(OnnxModel single, ElementType type) {
    GraphProto.Builder graph = single.graph().proto().toBuilder();
    for (int i = 0; i < graph.getInitializerCount(); i++) {
      Tensor tensor = single.graph().initializer(graph.getInitializer(i).getName());
      if (tensor.type() == ElementType.FLOAT) {
        float[] values = tensor.toFloats();
        ByteBuffer bytes = ByteBuffer.allocate(2 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
          bytes.putShort(
              type == ElementType.FLOAT16
                  ? Float.floatToFloat16(value)
                  : (short) (Float.floatToRawIntBits(value) >>> 16));
        }
        bytes.flip();
        graph.setInitializer(i, Tensor.raw(tensor.name(), type, tensor.dims(), bytes).proto());
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
