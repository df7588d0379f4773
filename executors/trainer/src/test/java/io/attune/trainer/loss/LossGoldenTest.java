package io.attune.trainer.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.attune.trainer.data.Supervision;
import io.attune.trainer.graph.TorchEngine;
import io.attune.trainer.miner.Miner;
import io.attune.trainer.miner.Miners;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// Values and gradients equal those of pytorch-metric-learning and sentence-transformers on the
/// cases of `src/test/python/losses.py`.
class LossGoldenTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  @BeforeAll
  static void start() {
    TorchEngine.start(1);
  }

  static Stream<Arguments> cases() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(LossGoldenTest.class.getResourceAsStream("losses.json"))) {
      JsonNode document = MAPPER.readTree(in);
      return document
          .get("cases")
          .valueStream()
          .map(each ->
              Arguments.of(
                  each.get("name").asString(),
                  each,
                  document.get("embeddings").get(each.get("embeddings").asString())))
          .toList()
          .stream();
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void equalsTheOriginal(String name, JsonNode given, JsonNode points) {
    float[][] rows = MAPPER.convertValue(points, float[][].class);
    Loss loss = loss(given);
    try (NDManager manager = TorchEngine.newManager()) {
      NDArray embeddings = manager.create(rows);
      embeddings.setRequiresGradient(true);
      int before = manager.getManagedArrays().size();
      NDArray value;
      try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        value = loss.of(embeddings, supervision(given.get("supervision")), 7);
        assertThat(manager.getManagedArrays()).as("arrays left open").hasSize(before + 1);
        collector.backward(value);
      }
      double expected = given.get("value").asDouble();
      assertThat(value.getShape()).isEqualTo(new Shape());
      assertThat((double) value.getFloat())
          .isCloseTo(expected, within(2e-6 + 2e-6 * Math.abs(expected)));
      float[] gradient = MAPPER.convertValue(given.get("gradient"), float[].class);
      assertClose(embeddings.getGradient().toFloatArray(), gradient);
    }
  }

  private static void assertClose(float[] actual, float[] expected) {
    assertThat(actual).hasSameSizeAs(expected);
    double greatest = 0;
    for (float each : expected) {
      greatest = Math.max(greatest, Math.abs(each));
    }
    for (int i = 0; i < actual.length; i++) {
      assertThat((double) actual[i])
          .as("gradient %d", i)
          .isCloseTo(expected[i], within(1e-6 + 5e-6 * greatest));
    }
  }

  private static Loss loss(JsonNode given) {
    Miner miner =
        given.get("miner").isNull()
            ? null
            : Miners.catalog()
                .named(given.get("miner").asString())
                .make(map(given.get("miner_options")));
    return Losses.catalog()
        .named(given.get("loss").asString())
        .make(map(given.get("options")), miner);
  }

  private static Map<String, Object> map(JsonNode node) {
    return MAPPER.convertValue(
        node,
        MAPPER.getTypeFactory().constructMapType(LinkedHashMap.class, String.class, Object.class));
  }

  private static Supervision supervision(JsonNode given) {
    if (given.has("labels")) {
      return new Supervision.Labels(MAPPER.convertValue(given.get("labels"), int[].class));
    }
    if (given.has("sessions")) {
      int[] sessions = MAPPER.convertValue(given.get("sessions"), int[].class);
      int[] roles = MAPPER.convertValue(given.get("roles"), int[].class);
      byte[] small = new byte[roles.length];
      for (int i = 0; i < small.length; i++) {
        small[i] = (byte) roles[i];
      }
      return new Supervision.Sessions(sessions, small);
    }
    return new Supervision.Scores(
        MAPPER.convertValue(given.get("left"), int[].class),
        MAPPER.convertValue(given.get("right"), int[].class),
        MAPPER.convertValue(given.get("scores"), float[].class));
  }
}
