package io.attune.trainer.graph;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.attune.models.Collation;
import io.attune.models.DefaultModel;
import io.attune.models.ModelStore;
import io.attune.models.OnnxSession;
import io.attune.models.SessionOptions;
import io.attune.models.StoredModel;
import io.attune.models.TextTokenizer;
import io.attune.models.Tokens;
import io.attune.onnx.OnnxModel;
import io.attune.onnx.Tensor;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The default model as the trainer sees it.
class MiniLmTest {
  @TempDir static Path folder;
  static StoredModel stored;
  static OnnxModel model;
  static TextTokenizer tokenizer;
  static OnnxSession session;

  @BeforeAll
  static void load() throws IOException {
    TorchEngine.start(2);
    stored = DefaultModel.in(ModelStore.at(folder));
    model = OnnxModel.read(stored.model());
    tokenizer = TextTokenizer.open(stored);
    session = OnnxSession.open(stored, SessionOptions.DEFAULT);
  }

  @AfterAll
  static void close() {
    session.close();
    tokenizer.close();
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "1, 60", "3, 7", "32, 12", "2, 500"})
  void embedsAsOnnxRuntimeDoes(int rows, int words) {
    Collation batch = batch(rows, words, 1);
    try (DifferentiableGraph graph = DifferentiableGraph.load(model);
        NDManager manager = TorchEngine.newManager()) {
      float[] ours = graph.forward(Inputs.of(manager, batch), false).toFloatArray();

      assertThat(ours).containsExactly(session.run(batch), within(1e-5f));
    }
  }

  @Test
  void runsKnownPatternsAsOneOperationEach() {
    try (DifferentiableGraph graph = DifferentiableGraph.load(model)) {
      List<String> steps = graph.steps();

      assertThat(Collections.frequency(steps, "Linear")).isEqualTo(36);
      assertThat(Collections.frequency(steps, "LayerNorm")).isEqualTo(13);
      assertThat(Collections.frequency(steps, "Gelu")).isEqualTo(6);
      assertThat(Collections.frequency(steps, "Attention")).isEqualTo(6);
      assertThat(steps).doesNotContain("MatMul", "Erf", "Softmax", "ReduceMean", "Pow", "Sqrt");
    }
  }

  @Test
  void namesParametersByTheirModules() {
    try (DifferentiableGraph graph = DifferentiableGraph.load(model)) {
      List<Parameter> parameters = graph.parameters();

      assertThat(parameters).hasSize(101).allMatch(Parameter::isTrainable);
      assertThat(parameters.stream().map(Parameter::name))
          .doesNotHaveDuplicates()
          .noneMatch(name -> name.contains("::"));
      Parameter query = named(graph, "encoder.layer.0.attention.self.query.weight");
      assertThat(query.storedName()).isEqualTo("onnx::MatMul_787");
      assertThat(query.shape()).containsExactly(384, 384);
      assertThat(query.layer()).hasValue(0);
      assertThat(named(graph, "embeddings.word_embeddings.weight").layer()).isEmpty();
      assertThat(parameters.stream().mapToLong(Parameter::elements).sum()).isEqualTo(22_565_376);
    }
  }

  @Test
  void trainsEverythingButWhatIsFrozen() {
    try (DifferentiableGraph graph = DifferentiableGraph.load(model)) {
      graph.freeze(List.of("encoder.layer.0"));
      step(graph, batch(8, 5, 2));
      Map<String, Tensor> before = model.graph().initializers();
      Map<String, Tensor> after = graph.tuned().model().graph().initializers();

      assertThat(graph.parameters().stream().filter(p -> !p.isTrainable()))
          .hasSize(16)
          .allMatch(p -> p.layer().orElse(-1) == 0);
      for (Parameter parameter : graph.parameters()) {
        Tensor old = requireNonNull(before.get(parameter.storedName()));
        Tensor tuned = requireNonNull(after.get(parameter.storedName()));
        if (parameter.layer().orElse(-1) == 0) {
          assertThat(tuned.toBytes()).as(parameter.name()).isEqualTo(old.toBytes());
        } else {
          assertThat(tuned.toBytes()).as(parameter.name()).isNotEqualTo(old.toBytes());
        }
      }
    }
  }

  @Test
  void servesTunedWeightsAsItTrainedThem() throws IOException {
    Collation batch = batch(4, 9, 3);
    try (DifferentiableGraph graph = DifferentiableGraph.load(model);
        NDManager manager = TorchEngine.newManager()) {
      step(graph, batch);
      float[] trained = graph.forward(Inputs.of(manager, batch), false).toFloatArray();
      TunedModel tuned = graph.tuned();
      Path file = folder.resolve("tuned.onnx");
      try (OutputStream out = Files.newOutputStream(file)) {
        tuned.model().check().write(out);
      }

      try (OnnxSession served = OnnxSession.open(file, 384, SessionOptions.DEFAULT)) {
        assertThat(served.run(batch)).containsExactly(trained, within(1e-5f));
      }
      assertThat(session.run(batch)).isNotEqualTo(trained);
      assertThat(tuned.edits()).hasSize(101).allMatch(edit -> edit.startsWith("replace init"));
      assertThat(tuned.model().graph().proto().getNodeList())
          .isEqualTo(model.graph().proto().getNodeList());
      assertThat(tuned.model().graph().initializers().keySet())
          .containsExactlyElementsOf(model.graph().initializers().keySet());
    }
  }

  @Test
  void writesAnUntouchedModelBackByteForByte() {
    try (DifferentiableGraph graph = DifferentiableGraph.load(model)) {
      assertThat(graph.tuned().edits()).isEmpty();
      assertThat(graph.tuned().model().bytes()).isEqualTo(model.bytes());
    }
  }

  @Test
  void refusesPatternsThatMatchNothing() {
    try (DifferentiableGraph graph = DifferentiableGraph.load(model)) {
      assertThatThrownBy(() -> graph.freeze(List.of("encoder.layers.0")))
          .isInstanceOf(FlowException.class)
          .hasMessageContaining("freeze: encoder.layers.0 matches no weight")
          .hasMessageContaining("did you mean encoder.layer.0?");
    }
  }

  @Test
  void projectsBeforeItNormalises() throws IOException {
    TunedModel headed = ProjectionHead.attach(model, 24, 5);
    Collation batch = batch(3, 6, 4);
    Path file = folder.resolve("headed.onnx");
    try (OutputStream out = Files.newOutputStream(file)) {
      headed.model().check().write(out);
    }
    try (DifferentiableGraph graph = DifferentiableGraph.load(headed.model());
        OnnxSession served = OnnxSession.open(file, 24, SessionOptions.DEFAULT);
        NDManager manager = TorchEngine.newManager()) {
      NDArray ours = graph.forward(Inputs.of(manager, batch), false);

      assertThat(ours.toFloatArray()).containsExactly(served.run(batch), within(1e-5f));
      assertThat(ours.norm(new int[] {1}, false).toFloatArray())
          .containsExactly(new float[] {1, 1, 1}, within(1e-5f));
      assertThat(named(graph, "projection.weight").shape()).containsExactly(384, 24);
      assertThat(named(graph, "projection.bias").isTrainable()).isTrue();
    }
  }

  /// One step of plain gradient descent that moves the embeddings.
  private static void step(DifferentiableGraph graph, Collation batch) {
    try (NDManager manager = TorchEngine.newManager()) {
      try (Gradients gradients = graph.gradients()) {
        NDArray embeddings = graph.forward(Inputs.of(manager, batch), true);
        NDArray direction =
            manager.arange((float) embeddings.size()).reshape(embeddings.getShape());
        gradients.backward(embeddings.mul(direction.sin()).sum());
      }
      for (Parameter parameter : graph.parameters()) {
        assertThat(parameter.gradient().isPresent())
            .as(parameter.name())
            .isEqualTo(parameter.isTrainable());
        parameter.gradient().ifPresent(g -> parameter.array().subi(g.mul(0.01f)));
      }
      graph.clearGradients();
    }
  }

  private static Parameter named(DifferentiableGraph graph, String name) {
    return graph.parameters().stream().filter(p -> p.name().equals(name)).findFirst().orElseThrow();
  }

  /// Rows of random words, the first of the full length and each next one shorter.
  private static Collation batch(int rows, int words, int seed) {
    Random random = new Random(seed);
    List<Tokens> texts = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      String[] text = new String[Math.max(1, words - row)];
      Arrays.setAll(text, _ -> "w" + random.nextInt(1000));
      texts.add(tokenizer.encode(String.join(" ", text)));
    }
    return Collation.of(texts);
  }
}
