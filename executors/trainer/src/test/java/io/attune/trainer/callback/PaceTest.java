package io.attune.trainer.callback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.attune.evaluator.metrics.Estimate;
import io.attune.trainer.run.ProgressEvent;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PaceTest {
  private long nanos;

  @Test
  void isThatOfTheLastTwentySteps() {
    Pace pace = new Pace(() -> nanos);
    assertThat(pace.itemsPerSecond()).isZero();
    assertThat(pace.secondsFor(10)).isEqualTo(-1);
    nanos += 2_000_000_000L;
    pace.step(64);
    assertThat(pace.itemsPerSecond()).isCloseTo(32, within(1e-9));
    assertThat(pace.secondsFor(10)).isCloseTo(20, within(1e-9));
    assertThat(pace.secondsFor(-1)).isEqualTo(-1);
    for (int i = 0; i < 50; i++) {
      nanos += 500_000_000L;
      pace.step(16);
    }
    assertThat(pace.itemsPerSecond()).isCloseTo(32, within(1e-9));
    assertThat(pace.secondsFor(10)).isCloseTo(5, within(1e-9));
    nanos += 60_000_000_000L; // an evaluation
    pace.restart();
    nanos += 1_000_000_000L;
    pace.step(16);
    assertThat(pace.itemsPerSecond()).isCloseTo(16, within(1e-9));
  }

  @Test
  void metersShowTheLastStepAndEvaluation() {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    TrainingMeters meters = new TrainingMeters(registry);
    assertThat(registry.get("attune.training.loss").gauge().value()).isNaN();
    meters.on(new ProgressEvent.Step(1, 1, 0.5, 1e-5, 30, 9));
    meters.on(new ProgressEvent.Step(2, 1, 0.25, 2e-5, 40, 8));
    meters.on(
        new ProgressEvent.Evaluated(
            2, 1, "epoch", "", Map.of("recall", new Estimate(0.75, 0.5, 1))));
    meters.on(
        new ProgressEvent.Evaluated(
            4, 2, "epoch", "", Map.of("recall", new Estimate(0.875, 0.5, 1))));
    assertThat(registry.get("attune.training.loss").gauge().value()).isEqualTo(0.25);
    assertThat(registry.get("attune.training.learning.rate").gauge().value()).isEqualTo(2e-5);
    assertThat(registry.get("attune.training.items.per.second").gauge().value()).isEqualTo(40);
    assertThat(registry.get("attune.training.seconds.left").gauge().value()).isEqualTo(8);
    assertThat(registry.get("attune.training.steps").counter().count()).isEqualTo(2);
    assertThat(registry.get("attune.training.evaluation").tag("metric", "recall").gauge().value())
        .isEqualTo(0.875);
  }
}
