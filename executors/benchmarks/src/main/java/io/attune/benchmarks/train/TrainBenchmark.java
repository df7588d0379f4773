package io.attune.benchmarks.train;

import io.attune.benchmarks.BenchOptions;
import io.attune.benchmarks.BenchResult;
import io.attune.benchmarks.Benchmark;
import io.attune.benchmarks.ChildJvm;
import io.attune.benchmarks.Rounds;
import io.attune.models.DefaultModel;
import io.attune.models.ModelStore;
import io.attune.models.StoredModel;
import io.attune.trainer.graph.TorchEngine;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// The time of a training step: the default model, 32 texts of 32 tokens, MultipleNegativesRanking,
/// AdamW, on two threads, against PyTorch eager in Python (`train_step.py`): on an idle machine,
/// and beside another process that wants every core, as a Flow does that serves meanwhile.
///
/// The rival runs before and after each of our rounds; the result is the ratio of the medians. Where
/// the Python has no `torch` and `transformers`, ours is measured alone, and no goal is judged:
///
///     ./attune bench train --python python3
public final class TrainBenchmark implements Benchmark {
  /// The measure's name.
  public static final String MEASURE = "train_step_milliseconds";

  /// The same beside another process.
  public static final String BESIDE_LOAD = "train_step_beside_load_milliseconds";

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
    TorchRival rival =
        new TorchRival(options.python().isEmpty() ? TorchRival.PYTHON : options.python());
    TorchEngine.start(THREADS);
    StoredModel model = DefaultModel.in(ModelStore.at(options.store()));
    try (TrainStep step = new TrainStep(model, ROWS, LENGTH, THREADS)) {
      Run run = new Run(step, rival, rival.isInstalled(), options, progress);
      if (!run.hasRival()) {
        progress.accept(
            "%s has no torch and transformers: ours alone (--python names another)"
                .formatted(rival.python()));
      }
      BenchResult idle = run.measure(MEASURE);
      try (ChildJvm _ = BusyCores.start()) {
        return List.of(idle, run.measure(BESIDE_LOAD));
      }
    }
  }

  private record Run(
      TrainStep step,
      TorchRival rival,
      boolean hasRival,
      BenchOptions options,
      Consumer<String> progress) {
    BenchResult measure(String measure) throws IOException, InterruptedException {
      int steps = options.quick() ? 1 : STEPS;
      int warmUp = options.quick() ? 0 : WARM_UP;
      progress.accept(measure);
      if (!hasRival) {
        return alone(measure, warmUp, steps);
      }
      take(step, warmUp, warmUp);
      return Rounds.alternate(
              options.rounds(),
              () -> Rounds.median(take(step, warmUp, steps)),
              () -> Rounds.median(rival.run(THREADS, warmUp, steps)),
              progress)
          .toResult(measure, TorchRival.NAME, BenchResult.Better.LOWER, GOAL);
    }

    private BenchResult alone(String measure, int warmUp, int steps) {
      List<Double> rounds = new ArrayList<>();
      for (int round = 1; round <= options.rounds(); round++) {
        rounds.add(Rounds.median(take(step, warmUp, steps)));
        progress.accept(
            "round %d of %d: ours %.4g".formatted(round, options.rounds(), rounds.getLast()));
      }
      return BenchResult.alone(
          measure, Rounds.median(rounds), TorchRival.NAME, BenchResult.Better.LOWER, GOAL);
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
}
