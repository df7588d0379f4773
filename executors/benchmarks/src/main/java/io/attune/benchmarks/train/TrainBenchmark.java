package io.attune.benchmarks.train;

import io.attune.benchmarks.BenchOptions;
import io.attune.benchmarks.BenchResult;
import io.attune.benchmarks.Benchmark;
import io.attune.benchmarks.Rounds;
import io.attune.models.DefaultModel;
import io.attune.models.ModelStore;
import io.attune.models.StoredModel;
import io.attune.runtime.FlowException;
import io.attune.trainer.graph.TorchEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// The time of a training step: the default model, 32 texts of 32 tokens, MultipleNegativesRanking,
/// AdamW, on two threads, against PyTorch eager in Python (`train_step.py`).
///
/// The rival runs before and after each of our rounds; the result is the ratio of the medians. From
/// the classes, with a Python that has `torch` and `transformers`:
///
///     java --enable-native-access=ALL-UNNAMED --add-modules jdk.incubator.vector \
///         -Dattune.bench.python=python3 -cp … io.attune.benchmarks.train.TrainBenchmark 5
public final class TrainBenchmark implements Benchmark {
  /// The measure's name.
  public static final String MEASURE = "train_step_milliseconds";

  private static final double GOAL = 1.0;
  private static final int ROWS = 32;
  private static final int LENGTH = 32;
  private static final int THREADS = 2;
  private static final int WARM_UP = 5;
  private static final int STEPS = 20;

  @Override
  public String name() {
    return "train";
  }

  @Override
  public String description() {
    return "a training step of the default model, against PyTorch eager in Python";
  }

  @Override
  public List<BenchResult> run(BenchOptions options, Consumer<String> progress)
      throws IOException, InterruptedException {
    TorchRival rival = new TorchRival(System.getProperty("attune.bench.python", "python3"));
    TorchEngine.start(THREADS);
    StoredModel model = DefaultModel.in(ModelStore.at(options.store()));
    int steps = options.quick() ? 1 : STEPS;
    int warmUp = options.quick() ? 0 : WARM_UP;
    try (TrainStep step = new TrainStep(model, ROWS, LENGTH, THREADS)) {
      if (!rival.isInstalled()) {
        progress.accept(
            "ours alone: %.1f ms a step; %s has no torch and transformers"
                .formatted(Rounds.median(take(step, warmUp, steps)), rival.python()));
        throw FlowException.invalid(
            "attune.bench.python: %s (expected: a Python with torch and transformers)"
                .formatted(rival.python()));
      }
      take(step, warmUp, warmUp);
      return List.of(
          Rounds.alternate(
                  options.rounds(),
                  () -> Rounds.median(take(step, warmUp, steps)),
                  () -> Rounds.median(rival.run(THREADS, warmUp, steps)),
                  progress)
              .toResult(MEASURE, TorchRival.NAME, BenchResult.Better.LOWER, GOAL));
    }
  }

  private static List<Double> take(TrainStep step, int warmUp, int steps) {
    for (int i = 0; i < warmUp; i++) {
      step.take();
    }
    List<Double> times = new ArrayList<>();
    for (int i = 0; i < steps; i++) {
      times.add(step.take());
    }
    return times;
  }

  /// Runs it with the rounds given, 5 by default, in a store given, and prints the results.
  @SuppressWarnings("SystemOut") // a program
  public static void main(String[] arguments) throws IOException, InterruptedException {
    BenchOptions options =
        BenchOptions.of(Path.of(arguments.length > 1 ? arguments[1] : "target/models"));
    if (arguments.length > 0) {
      options = options.withRounds(Integer.parseInt(arguments[0]));
    }
    new TrainBenchmark().run(options, System.out::println).forEach(System.out::println);
  }
}
