package io.attune.trainer.architecture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.attune.onnx.Dimension;
import io.attune.onnx.OnnxModel;
import io.attune.onnx.Tensor;
import io.attune.runtime.FlowException;
import io.attune.trainer.testing.OnnxRuntime;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

final class ArchitectureTest {
  static List<JsonNode> goldens() throws IOException {
    try (InputStream in = ArchitectureTest.class.getResourceAsStream("architectures.json")) {
      List<JsonNode> cases = new ArrayList<>();
      new ObjectMapper().readTree(Objects.requireNonNull(in)).get("cases").forEach(cases::add);
      return cases;
    }
  }

  @ParameterizedTest
  @MethodSource("goldens")
  void givesWhatPyTorchGivesWithTheSameWeights(JsonNode golden) {
    Map<String, Object> options = new LinkedHashMap<>();
    golden
        .get("options")
        .properties()
        .forEach(option -> options.put(option.getKey(), plain(option.getValue())));
    Architecture architecture = Architecture.of(golden.get("architecture").asString(), options);
    OnnxModel model = architecture.initialized(golden.get("seed").asLong());
    List<Tensor> inputs =
        golden.has("rows")
            ? tokens(rows(golden), "skip".equals(options.get("padding")))
            : List.of(image(golden, ((Mlp) architecture).inputShape()));

    Tensor embedding = Objects.requireNonNull(OnnxRuntime.run(model, inputs).get("embedding"));

    assertThat(embedding.dims()[1]).isEqualTo(architecture.dimension());
    assertClose(embedding.toFloats(), floats(golden.get("embeddings")));
  }

  @ParameterizedTest
  @EnumSource
  void skippedPaddingChangesNothing(BiLstm.Readout readout) {
    BiLstm sizes = new BiLstm();
    OnnxModel model =
        new BiLstm(
                sizes.vocabularySize(),
                sizes.embeddingDim(),
                sizes.hiddenSize(),
                sizes.outputDim(),
                readout,
                sizes.padding(),
                sizes.vocabulary())
            .initialized(4);
    long[][] rows = {{17, 4999, 3}, {2, 3, 4, 5, 6, 7, 8}, {}};
    float[] together = embed(model, rows);
    for (int i = 0; i < rows.length; i++) {
      float[] alone = embed(model, new long[][] {rows[i].length == 0 ? new long[] {0} : rows[i]});
      assertClose(Arrays.copyOfRange(together, 32 * i, 32 * (i + 1)), alone);
    }
  }

  private static float[] embed(OnnxModel model, long[][] rows) {
    Map<String, Tensor> outputs = OnnxRuntime.run(model, tokens(rows, true));
    return Objects.requireNonNull(outputs.get("embedding")).toFloats();
  }

  @ParameterizedTest
  @CsvSource({"bilstm", "mlp"})
  void oneSeedGivesOneFileAndAnotherAnother(String name) {
    Architecture architecture = Architecture.of(name, Map.of());
    assertThat(architecture.initialized(1).bytes()).isEqualTo(architecture.initialized(1).bytes());
    assertThat(architecture.initialized(1).bytes())
        .isNotEqualTo(architecture.initialized(2).bytes());
    assertThat(architecture.dimension()).isEqualTo(32);
    assertThat(architecture.name()).isEqualTo(name);
  }

  @Test
  void drawsAsPyTorchModulesDo() {
    OnnxModel model = new BiLstm().initialized(7);
    float[] embedding = model.graph().initializer("embedding.weight").toFloats();
    assertThat(embedding).hasSize(5000 * 64);
    assertThat(mean(embedding, 1)).isCloseTo(0, within(4 / Math.sqrt(embedding.length)));
    assertThat(mean(embedding, 2)).isCloseTo(1, within(.02));
    assertThat(mean(embedding, 4)).isCloseTo(3, within(.1)); // a normal's fourth moment
    for (String name : List.of("lstm.weight_ih", "lstm.weight_hh", "lstm.bias")) {
      assertUniform(model.graph().initializer(name).toFloats(), 1 / Math.sqrt(64));
    }
    assertUniform(model.graph().initializer("linear.weight").toFloats(), 1 / Math.sqrt(128));
    OnnxModel mlp = new Mlp().initialized(7);
    assertUniform(mlp.graph().initializer("layers.0.weight").toFloats(), 1.0 / 28);
  }

  private static void assertUniform(float[] values, double bound) {
    double largest = 0;
    for (float value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    assertThat(largest).isBetween(.95 * bound, bound);
    assertThat(mean(values, 1)).isCloseTo(0, within(5 * bound / Math.sqrt(values.length)));
    assertThat(mean(values, 2)).isCloseTo(bound * bound / 3, within(.1 * bound * bound));
  }

  private static double mean(float[] values, int power) {
    double sum = 0;
    for (float value : values) {
      sum += Math.pow(value, power);
    }
    return sum / values.length;
  }

  @Test
  void batchAndSequenceMayHaveAnySize() {
    OnnxModel model = new BiLstm().initialized(1);
    assertThat(model.graph().input("input_ids").orElseThrow().shape().orElseThrow())
        .containsExactly(Dimension.of("batch"), Dimension.of("sequence"));
    assertThat(model.graph().output("embedding").orElseThrow().shape().orElseThrow())
        .containsExactly(Dimension.of("batch"), Dimension.of(32));
  }

  @Test
  void optionsMayBeTextOrNumbers() {
    assertThat(Architecture.of("mlp", Map.of("input_shape", "784", "hidden_sizes", "256,64")))
        .isEqualTo(new Mlp(List.of(784), List.of(256, 64), 32));
    assertThat(Architecture.of("mlp", Map.of("hidden_sizes", List.of(), "output_dim", 8)))
        .isEqualTo(new Mlp(List.of(28, 28), List.of(), 8));
    assertThat(
            Architecture.of(
                "bilstm",
                Map.of(
                    "vocabulary_size",
                    "100",
                    "embedding_dim",
                    3,
                    "hidden_size",
                    5,
                    "output_dim",
                    7,
                    "readout",
                    "final",
                    "padding",
                    "read",
                    "vocabulary",
                    "pieces")))
        .isEqualTo(
            new BiLstm(
                100, 3, 5, 7, BiLstm.Readout.FINAL, BiLstm.Padding.READ, BiLstm.Vocabulary.PIECES));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "cnn | output_dim | 1 | architecture: \"cnn\" (expected: one of [bilstm, mlp])",
        "mlp | output_dims | 1 | mlp.output_dims: unknown option (expected: one of [input_shape, hidden_sizes, output_dim])",
        "mlp | output_dim | 0 | output_dim: 0 (expected: 1..4096)",
        "mlp | output_dim | 1,2 | output_dim: [1, 2] (expected: one number)",
        "mlp | hidden_sizes | wide | hidden_sizes: wide (expected: whole numbers, as 128 or 784,128)",
        "mlp | input_shape | 70000,70000 | input_shape: a weight of 70000 x 70000 (expected: at most 268435456 elements)",
        "mlp | input_shape | '' | input_shape: [] (expected: one size or more)",
        "bilstm | vocabulary_size | 1 | vocabulary_size: 1 (expected: 2..10000000)",
        "bilstm | hidden_size | 5000 | hidden_size: 5000 (expected: 1..4096)",
        "bilstm | readout | first | readout: first (expected: one of [last, final, mean, max])",
      })
  void refusesWhatIsNoOption(String name, String key, String value, String message) {
    assertThatThrownBy(() -> Architecture.of(name, Map.of(key, value)))
        .isInstanceOf(FlowException.class)
        .hasMessage(message);
  }

  private static Object plain(JsonNode node) {
    if (node.isArray()) {
      List<Object> items = new ArrayList<>();
      node.forEach(item -> items.add(item.asInt()));
      return items;
    }
    return node.isInt() ? node.asInt() : node.asString();
  }

  private static long[][] rows(JsonNode golden) {
    JsonNode rows = golden.get("rows");
    long[][] ids = new long[rows.size()][];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = new long[rows.get(i).size()];
      for (int j = 0; j < ids[i].length; j++) {
        ids[i][j] = rows.get(i).get(j).asLong();
      }
    }
    return ids;
  }

  private static List<Tensor> tokens(long[][] rows, boolean masked) {
    int longest = Arrays.stream(rows).mapToInt(row -> row.length).max().orElseThrow();
    long[] ids = new long[rows.length * longest];
    long[] mask = new long[ids.length];
    for (int i = 0; i < rows.length; i++) {
      for (int j = 0; j < rows[i].length; j++) {
        ids[i * longest + j] = rows[i][j];
        mask[i * longest + j] = 1;
      }
    }
    long[] dims = {rows.length, longest};
    Tensor input = Tensor.longs("input_ids", dims, ids);
    return masked ? List.of(input, Tensor.longs("attention_mask", dims, mask)) : List.of(input);
  }

  private static Tensor image(JsonNode golden, List<Integer> shape) {
    float[] values = floats(golden.get("values"));
    long[] dims = new long[shape.size() + 1];
    dims[0] = values.length;
    for (int i = 0; i < shape.size(); i++) {
      dims[i + 1] = shape.get(i);
      dims[0] /= shape.get(i);
    }
    return Tensor.floats("input", dims, values);
  }

  private static float[] floats(JsonNode list) {
    float[] values = new float[list.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = list.get(i).floatValue();
    }
    return values;
  }

  private static void assertClose(float[] actual, float[] expected) {
    assertThat(actual).hasSize(expected.length);
    for (int i = 0; i < expected.length; i++) {
      assertThat(actual[i]).as("value %d", i).isCloseTo(expected[i], within(1e-5f));
    }
  }
}
