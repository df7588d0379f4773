package io.attune.benchmarks;

import io.attune.benchmarks.encode.EncodeBenchmark;
import io.attune.benchmarks.gateway.GatewayBenchmark;
import io.attune.benchmarks.index.IndexBenchmark;
import io.attune.benchmarks.rollout.RolloutBenchmark;
import io.attune.benchmarks.start.StartBenchmark;
import io.attune.benchmarks.train.TrainBenchmark;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// The benchmarks there are.
public final class Benchmarks {
  private static final List<Benchmark> ALL =
      List.of(
          new EncodeBenchmark(),
          new GatewayBenchmark(),
          new IndexBenchmark(),
          new RolloutBenchmark(),
          new StartBenchmark(),
          new TrainBenchmark());
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private Benchmarks() {}

  /// All of them, in the order of the docs.
  public static List<Benchmark> all() {
    return ALL;
  }

  /// The benchmark of a name.
  ///
  /// @throws FlowException INVALID_ARGUMENT, with the names there are
  public static Benchmark named(String name) {
    return ALL.stream()
        .filter(benchmark -> benchmark.name().equals(name))
        .findFirst()
        .orElseThrow(() ->
            FlowException.invalid(
                "benchmark: %s (expected: one of %s)"
                    .formatted(
                        name, String.join(", ", ALL.stream().map(Benchmark::name).toList()))));
  }

  /// Results as a JSON list of `{"measure", "ours", "rival", "rival_name", "ratio", "better",
  /// "goal"}`, followed by a line feed; `rival` and `ratio` are null where the rival was not there.
  public static String json(List<BenchResult> results) {
    return JSON.writeValueAsString(results) + "\n";
  }

  /// Writes [#json] to a file, in place of what it held.
  ///
  /// @throws FlowException INVALID_ARGUMENT if the file cannot be written
  public static void write(Path file, List<BenchResult> results) {
    try {
      Files.writeString(file, json(results));
    } catch (IOException failure) {
      throw FlowException.invalid(
          "%s: %s (expected: a file that can be written)".formatted(file, failure.getMessage()));
    }
  }
}
