package io.attune.benchmarks.index;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.benchmarks.BenchOptions;
import io.attune.benchmarks.BenchResult;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class IndexBenchmarkTest {
  @Test
  void quickRunGivesTheMeasuresOfTheDocs() throws Exception {
    List<String> lines = new ArrayList<>();
    List<BenchResult> results =
        new IndexBenchmark().run(BenchOptions.of(Path.of(".")).asQuick(), lines::add);
    assertThat(results)
        .extracting(BenchResult::measure)
        .containsExactly(
            "index_recall_at_10",
            "index_queries_per_second",
            "index_acknowledged_writes_per_second",
            "index_restart_seconds");
    assertThat(results).extracting(BenchResult::goal).containsExactly(0.99, 30.0, 10.0, 1.0);
    assertThat(results.getFirst().ours()).isGreaterThan(0.99);
    assertThat(results).allMatch(result -> result.ours() > 0);
    assertThat(lines).hasSize(6);
  }
}
