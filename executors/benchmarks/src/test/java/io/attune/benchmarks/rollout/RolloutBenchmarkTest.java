package io.attune.benchmarks.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.benchmarks.BenchOptions;
import io.attune.benchmarks.BenchResult;
import io.attune.models.ModelStore;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RolloutBenchmarkTest {
  @Test
  void goesToAnotherVersionAndBackWithAndWithoutSearches() throws Exception {
    List<String> lines = new ArrayList<>();
    List<BenchResult> results =
        new RolloutBenchmark().run(BenchOptions.of(ModelStore.defaultRoot()).asQuick(), lines::add);

    assertThat(results)
        .extracting(BenchResult::measure)
        .containsExactly(
            "rollout_p99_milliseconds",
            "rollout_load_seconds",
            "rollout_flip_milliseconds",
            "rollout_back_milliseconds");
    assertThat(results).allMatch(result -> result.ours() > 0);
    assertThat(lines).hasSize(3);
    assertThat(ProcessHandle.current().descendants().filter(ProcessHandle::isAlive)).isEmpty();
  }
}
