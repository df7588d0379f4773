package io.attune.benchmarks;

import io.attune.runtime.FlowException;
import java.nio.file.Path;

/// How a benchmark is run.
///
/// @param rounds how often ours is measured, 1..1000; the rival's anchors come before, between and
///   after
/// @param quick a run of seconds on little data that only shows that the benchmark works; its
///   figures say nothing
/// @param store the ModelStore that holds the default model, which is imported where it is missing
/// @param python the Python that runs rivals in Python; empty for `python3`
public record BenchOptions(int rounds, boolean quick, Path store, String python) {
  private static final int ROUNDS = 5;

  public BenchOptions {
    if (rounds < 1 || rounds > 1000) {
      throw FlowException.invalid("rounds: %d (expected: 1..1000)".formatted(rounds));
    }
  }

  /// 5 rounds in full.
  public static BenchOptions of(Path store) {
    return new BenchOptions(ROUNDS, false, store, "");
  }

  /// The same with another number of rounds.
  public BenchOptions withRounds(int number) {
    return new BenchOptions(number, quick, store, python);
  }

  /// The same with the Python of rivals in Python.
  public BenchOptions withPython(String program) {
    return new BenchOptions(rounds, quick, store, program);
  }

  /// The same, quick: one round.
  public BenchOptions asQuick() {
    return new BenchOptions(1, true, store, python);
  }
}
