package io.attune.trainer.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.attune.runtime.FlowException;
import io.attune.trainer.graph.TorchEngine;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class OptimizerTest {
  private static final Map<String, Object> MOMENTUM = Map.of("momentum", 0.9);

  @BeforeAll
  static void start() {
    TorchEngine.start(1);
  }

  /// More than one chunk, and no multiple of any vector's length.
  private static Weights large(NDManager manager) {
    Weights weights = new Weights(manager);
    weights.add("a.weight", random(1, 40_003), 40_003, 1);
    weights.add("a.bias", random(2, 17), 17);
    return weights;
  }

  private static float[] random(long seed, int count) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (random.nextDouble() - 0.5);
    }
    return values;
  }

  private static void step(Optimizer optimizer, Weights weights) {
    for (String name : weights.names()) {
      weights.accumulate(
          name, random(optimizer.steps() + 31, (int) weights.get(name).getShape().size()));
    }
    optimizer.step(1, 1);
    weights.clearGradients();
  }

  private static Optimizer make(String name, Map<String, ?> options, Weights weights, int threads) {
    return Optimizers.catalog().named(name).make(options, weights.trainables(), threads);
  }

  @Test
  void doesNotDependOnTheNumberOfThreads() {
    try (NDManager manager = TorchEngine.newManager()) {
      Weights one = large(manager);
      Weights three = large(manager);
      try (Optimizer alone = make("AdamW", Map.of(), one, 1);
          Optimizer shared = make("AdamW", Map.of(), three, 3)) {
        for (int i = 0; i < 5; i++) {
          step(alone, one);
          step(shared, three);
        }
      }
      for (String name : one.names()) {
        assertThat(three.values(name)).as(name).isEqualTo(one.values(name));
      }
      assertThat(one.values("a.weight")).isNotEqualTo(large(manager).values("a.weight"));
    }
  }

  @Test
  void goesOnBitForBitFromWhatWasSaved() throws IOException {
    for (Map.Entry<String, Map<String, Object>> each :
        Map.of("AdamW", Map.<String, Object>of(), "SGD", MOMENTUM).entrySet()) {
      try (NDManager manager = TorchEngine.newManager()) {
        Weights first = large(manager);
        Weights second = large(manager);
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try (Optimizer optimizer = make(each.getKey(), each.getValue(), first, 2)) {
          step(optimizer, first);
          step(optimizer, first);
          optimizer.save(Channels.newChannel(file));
          second.get("a.weight").set(first.values("a.weight"));
          second.get("a.bias").set(first.values("a.bias"));
          step(optimizer, first);
        }
        try (Optimizer optimizer = make(each.getKey(), each.getValue(), second, 1)) {
          optimizer.restore(Channels.newChannel(new ByteArrayInputStream(file.toByteArray())));
          assertThat(optimizer.steps()).isEqualTo(2);
          step(optimizer, second);
        }
        assertThat(second.values("a.weight")).isEqualTo(first.values("a.weight"));
        assertThat(second.values("a.bias")).isEqualTo(first.values("a.bias"));
      }
    }
  }

  @Test
  void refusesAnotherOptimizersState() throws IOException {
    try (NDManager manager = TorchEngine.newManager()) {
      Weights weights = large(manager);
      ByteArrayOutputStream file = new ByteArrayOutputStream();
      try (Optimizer optimizer = make("AdamW", Map.of(), weights, 1);
          Optimizer other = make("SGD", MOMENTUM, weights, 1)) {
        optimizer.save(Channels.newChannel(file));
        assertThatThrownBy(() -> restore(other, file.toByteArray()))
            .isInstanceOf(FlowException.class)
            .hasMessageContaining("another optimizer");
        byte[] cut = Arrays.copyOf(file.toByteArray(), file.size() - 1);
        assertThatThrownBy(() -> restore(optimizer, cut))
            .isInstanceOf(FlowException.class)
            .hasMessageContaining("ends early");
        byte[] longer = Arrays.copyOf(file.toByteArray(), file.size() + 1);
        assertThatThrownBy(() -> restore(optimizer, longer)).isInstanceOf(FlowException.class);
      }
    }
  }

  @Test
  void keepsWhatItRemembersWhereAStateIsCut() throws IOException {
    try (NDManager manager = TorchEngine.newManager()) {
      Weights weights = large(manager);
      try (Optimizer optimizer = make("AdamW", Map.of(), weights, 1)) {
        step(optimizer, weights);
        byte[] first = saved(optimizer);
        step(optimizer, weights);
        byte[] second = saved(optimizer);
        byte[] cut = Arrays.copyOf(first, first.length - 1);
        assertThatThrownBy(() -> restore(optimizer, cut)).isInstanceOf(FlowException.class);
        assertThat(saved(optimizer)).isEqualTo(second).isNotEqualTo(first);
      }
    }
  }

  private static byte[] saved(Optimizer optimizer) throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    optimizer.save(Channels.newChannel(file));
    return file.toByteArray();
  }

  private static void restore(Optimizer optimizer, byte[] file) throws IOException {
    optimizer.restore(Channels.newChannel(new ByteArrayInputStream(file)));
  }

  @Test
  void leavesWeightsWithoutGradientAlone() {
    try (NDManager manager = TorchEngine.newManager()) {
      Weights weights = large(manager);
      float[] before = weights.values("a.bias");
      try (Optimizer optimizer = make("AdamW", Map.of(), weights, 2)) {
        weights.accumulate("a.weight", random(5, 40_003));
        optimizer.step(1, 1);
      }
      assertThat(weights.values("a.bias")).isEqualTo(before);
    }
  }

  @Test
  void refusesGradientsThatAreNotFiniteAndChangesNothing() {
    try (NDManager manager = TorchEngine.newManager()) {
      Weights weights = large(manager);
      float[] before = weights.values("a.weight");
      float[] gradient = random(5, 17);
      gradient[16] = Float.NaN;
      try (Optimizer optimizer = make("AdamW", Map.of(), weights, 2)) {
        weights.accumulate("a.weight", random(5, 40_003));
        weights.accumulate("a.bias", gradient);
        assertThatThrownBy(() -> optimizer.step(1, 1))
            .isInstanceOf(FlowException.class)
            .hasMessageContaining("not finite at a.bias");
        assertThat(optimizer.steps()).isZero();
      }
      assertThat(weights.values("a.weight")).isEqualTo(before);
    }
  }

  @Test
  void findsGradientsThatAreNotFiniteWithoutClippingToo() {
    try (NDManager manager = TorchEngine.newManager()) {
      Weights weights = large(manager);
      float[] gradient = random(5, 17);
      gradient[3] = Float.POSITIVE_INFINITY;
      try (Optimizer optimizer = make("AdamW", Map.of("max_grad_norm", 0), weights, 2)) {
        weights.accumulate("a.weight", random(5, 40_003));
        optimizer.step(1, 1);
        weights.accumulate("a.bias", gradient);
        assertThatThrownBy(() -> optimizer.step(1, 1))
            .isInstanceOf(FlowException.class)
            .hasMessageContaining("not finite at a.bias in step 2");
      }
    }
  }

  @Test
  void refusesScatteredWeights() {
    try (NDManager manager = TorchEngine.newManager()) {
      NDArray transposed = manager.create(new float[][] {{1, 2}, {3, 4}}).transpose();
      Trainable trainable = new Trainable("w", OptionalInt.empty(), transposed, Optional::empty);
      assertThatThrownBy(
              () -> Optimizers.catalog().named("SGD").make(Map.of(), List.of(trainable), 1))
          .isInstanceOf(FlowException.class)
          .hasMessageContaining("contiguous");
    }
  }

  @Test
  void leavesBiasesAndScalesOutOfDecayUnlessTold() {
    try (NDManager manager = TorchEngine.newManager()) {
      Weights weights = large(manager);
      weights.add("lstm.bias_ih", new float[8], 2, 4);
      try (Optimizer optimizer = make("AdamW", Map.of(), weights, 1);
          Optimizer told = make("AdamW", Map.of("no_decay", "a.w*"), weights, 1)) {
        assertThat(decay(optimizer))
            .isEqualTo(Map.of("a.weight", 0.01, "a.bias", 0.0, "lstm.bias_ih", 0.0));
        assertThat(decay(told))
            .isEqualTo(Map.of("a.weight", 0.0, "a.bias", 0.01, "lstm.bias_ih", 0.01));
      }
      assertThatThrownBy(() -> make("AdamW", Map.of("no_decay", "a.wight"), weights, 1))
          .isInstanceOf(FlowException.class)
          .hasMessageContaining("a.wight matches no weight")
          .hasMessageContaining("did you mean a.weight?");
    }
  }

  private static Map<String, Double> decay(Optimizer optimizer) {
    Map<String, Double> decay = new HashMap<>();
    for (ParameterGroup group : optimizer.groups()) {
      group.parameters().forEach(each -> decay.put(each.name(), group.weightDecay()));
    }
    return decay;
  }

  @Test
  void refusesWhatDoesNotGoTogether() {
    OptimizerChoice sgd = Optimizers.catalog().named("SGD");
    assertThatThrownBy(() -> sgd.check(Map.of("nesterov", true)))
        .isInstanceOf(FlowException.class)
        .hasMessageContaining("expected: momentum above 0");
    try (NDManager manager = TorchEngine.newManager()) {
      Weights weights = large(manager);
      assertThatThrownBy(() -> make("AdamW", Map.of("layer_wise_lr_decay", 0.9), weights, 1))
          .isInstanceOf(FlowException.class)
          .hasMessageContaining("no weight's name has a layer number");
    }
    assertThatThrownBy(
            () -> Schedules.catalog().named("linear").make(Map.of("num_warmup_steps", 31), 30))
        .isInstanceOf(FlowException.class)
        .hasMessageContaining("at most the run's 30 steps");
    assertThatThrownBy(() ->
            Schedules.catalog()
                .named("linear")
                .make(Map.of("num_warmup_steps", 3, "warmup_ratio", 0.1), 30))
        .isInstanceOf(FlowException.class)
        .hasMessageContaining("one of them");
  }
}
