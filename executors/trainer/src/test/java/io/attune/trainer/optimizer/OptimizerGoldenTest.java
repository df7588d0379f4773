package io.attune.trainer.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import io.attune.trainer.graph.TorchEngine;
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

/// Optimisers equal torch.optim's, and schedules transformers', on the cases of
/// `src/test/python/optimizers.py`.
class OptimizerGoldenTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final int STEPS = 20;
  private static JsonNode fixture = MAPPER.nullNode();

  @BeforeAll
  static void start() {
    TorchEngine.start(1);
  }

  private static Stream<Arguments> each(String list) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(OptimizerGoldenTest.class.getResourceAsStream("optimizers.json"))) {
      fixture = MAPPER.readTree(in);
    }
    return fixture
        .get(list)
        .valueStream()
        .map(each -> Arguments.of(each.get("name").asString(), each))
        .toList()
        .stream();
  }

  static Stream<Arguments> cases() throws IOException {
    return each("cases");
  }

  static Stream<Arguments> schedules() throws IOException {
    return each("schedules");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void equalsTorchAfterTwentySteps(String name, JsonNode given) {
    int accumulated = given.get("accumulated").asInt();
    Schedule schedule =
        given.get("schedule").isNull()
            ? _ -> 1
            : Schedules.catalog()
                .named(given.get("schedule").asString())
                .make(Map.of("num_warmup_steps", 4), STEPS);
    try (NDManager manager = TorchEngine.newManager()) {
      Weights weights = start(manager);
      OptimizerChoice choice = Optimizers.catalog().named(given.get("optimizer").asString());
      try (Optimizer optimizer = choice.make(map(given.get("options")), weights.trainables(), 2)) {
        for (int step = 0; step < STEPS; step++) {
          accumulate(weights, fixture.get("gradients").get(step));
          if ((step + 1) % accumulated == 0) {
            Update update = optimizer.step(schedule.factor(optimizer.steps()), accumulated);
            weights.clearGradients();
            assertNorm(given.get("norms"), update);
          }
        }
      }
      for (String each : weights.names()) {
        assertClose(each, weights.values(each), floats(given.get("end").get(each)));
      }
    }
  }

  private static void assertNorm(JsonNode norms, Update update) {
    if (norms.isEmpty()) {
      assertThat(update.gradientNorm()).isEmpty();
    } else {
      double expected = norms.get((int) update.number() - 1).asDouble();
      assertThat(update.gradientNorm().orElseThrow()).isCloseTo(expected, within(1e-6 * expected));
    }
  }

  private static void assertClose(String name, float[] actual, float[] expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < actual.length; i++) {
      double tolerance = 5e-7 * Math.max(1, Math.abs(expected[i]));
      assertThat((double) actual[i]).as("%s %d", name, i).isCloseTo(expected[i], within(tolerance));
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("schedules")
  void equalsTransformers(String name, JsonNode given) {
    Schedule schedule =
        Schedules.catalog()
            .named(given.get("schedule").asString())
            .make(map(given.get("options")), 30);
    for (int step = 0; step < given.get("factors").size(); step++) {
      assertThat(schedule.factor(step))
          .as("step %d", step)
          .isCloseTo(given.get("factors").get(step).asDouble(), within(1e-9));
    }
  }

  static Weights start(NDManager manager) {
    Weights weights = new Weights(manager);
    fixture
        .get("shapes")
        .propertyStream()
        .forEach(each ->
            weights.add(
                each.getKey(),
                floats(fixture.get("start").get(each.getKey())),
                MAPPER.convertValue(each.getValue(), long[].class)));
    return weights;
  }

  private static void accumulate(Weights weights, JsonNode gradients) {
    weights.names().forEach(name -> weights.accumulate(name, floats(gradients.get(name))));
  }

  private static float[] floats(JsonNode node) {
    return MAPPER.convertValue(node, float[].class);
  }

  private static Map<String, Object> map(JsonNode node) {
    return MAPPER.convertValue(
        node,
        MAPPER.getTypeFactory().constructMapType(LinkedHashMap.class, String.class, Object.class));
  }
}
