package io.attune.benchmarks.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.benchmarks.BenchOptions;
import io.attune.benchmarks.BenchResult;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class GatewayBenchmarkTest {
  @Test
  void measuresLatencyAndThroughputInThreeProcesses() throws Exception {
    List<String> lines = new ArrayList<>();
    List<BenchResult> results =
        new GatewayBenchmark().run(BenchOptions.of(Path.of(".")).asQuick(), lines::add);

    assertThat(results)
        .extracting(BenchResult::measure)
        .containsExactly("gateway_p50_microseconds", "gateway_requests_per_second");
    assertThat(results)
        .allMatch(result -> result.ours() > 0 && result.rival() != null && result.rival() > 0);
    assertThat(lines).hasSize(2);
    assertThat(ProcessHandle.current().descendants().filter(ProcessHandle::isAlive)).isEmpty();
  }
}
