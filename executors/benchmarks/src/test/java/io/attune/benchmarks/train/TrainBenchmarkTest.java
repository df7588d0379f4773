package io.attune.benchmarks.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.benchmarks.BenchOptions;
import io.attune.benchmarks.BenchResult;
import io.attune.models.ModelStore;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TrainBenchmarkTest {
  @Test
  void withoutPyTorchOursIsMeasuredAloneAndNoGoalIsJudged() throws Exception {
    List<String> lines = new ArrayList<>();
    BenchOptions options =
        BenchOptions.of(ModelStore.defaultRoot()).asQuick().withPython("no-such-python");
    List<BenchResult> results = new TrainBenchmark().run(options, lines::add);
    assertThat(results)
        .extracting(BenchResult::measure)
        .containsExactly("train_step_milliseconds", "train_step_beside_load_milliseconds");
    assertThat(results)
        .allSatisfy(result -> {
          assertThat(result.ours()).isPositive();
          assertThat(result.rival()).isNull();
          assertThat(result.missed()).isFalse();
        });
    assertThat(lines.getFirst()).startsWith("no-such-python has no torch and transformers");
  }
}
