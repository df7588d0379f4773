package io.attune.benchmarks.rollout;

import io.attune.benchmarks.BenchOptions;
import io.attune.benchmarks.BenchResult;
import io.attune.benchmarks.BenchResult.Better;
import io.attune.benchmarks.Benchmark;
import io.attune.benchmarks.Requests;
import io.attune.benchmarks.Rounds;
import io.attune.benchmarks.SyntheticTexts;
import io.attune.benchmarks.TemporaryFolder;
import io.attune.document.Document;
import io.attune.proto.attune.Rollout;
import io.attune.proto.attune.RolloutState;
import io.attune.proto.jina.JinaSingleDataRequestRPCGrpc;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// Rollouts of the default model: how long they take where nobody searches, and what searches at
/// half of what the Flow can answer notice of them.
///
/// Each round goes to another version and back. Run it with
///
///     ./attune bench rollout --json rollout.json
///
/// With more than 10 rounds it also compares the memory after the last with that after the fifth;
/// 50,000 searches then come before the first round and 1,000 behind each, so that a heap which has
/// only just begun to be used, and code that is not compiled yet, do not pass for little memory.
public final class RolloutBenchmark implements Benchmark {
  private static final int DOCUMENTS = 500;
  private static final int QUICK_DOCUMENTS = 8;
  private static final int QUESTIONS = 500;
  private static final int QUESTION_WORDS = 10;
  private static final int PER_REQUEST = 50;
  private static final int IN_FLIGHT = 8;
  private static final int EARLY = 5;
  private static final int SEARCHES_BEFORE = 50_000;
  private static final int SEARCHES_BETWEEN = 1_000;
  private static final int MOST_UNDER_LOAD = 5;
  private static final double WARM_UP_SECONDS = 8;
  private static final double SATURATION_SECONDS = 8;
  private static final long QUIET_MILLIS = 15_000;
  private static final double P99_GOAL = 2;
  private static final double MEMORY_GOAL = 1.05;
  private static final double FLIP_LIMIT_MILLIS = 100;
  private static final double LOAD_LIMIT_SECONDS = 3;
  private static final long SEED = 20260719;

  @Override
  public String name() {
    return "rollout";
  }

  @Override
  public String description() {
    return "rollouts of the default model: loading, flip, way back, and the searches meanwhile";
  }

  @Override
  public List<BenchResult> run(BenchOptions options, Consumer<String> progress)
      throws IOException, InterruptedException {
    try (TemporaryFolder folder = TemporaryFolder.create("attune-bench-rollout")) {
      Path store = folder.path().resolve("models");
      TwoVersions.publish(store, options.store());
      try (ServedFlow flow = ServedFlow.start(store, folder.path())) {
        return new Run(flow, options, progress).results();
      }
    }
  }

  /// One run.
  private static final class Run {
    private final ServedFlow flow;
    private final BenchOptions options;
    private final Consumer<String> progress;
    private final Searches searches;
    private final List<Double> load = new ArrayList<>();
    private final List<Double> flip = new ArrayList<>();
    private final List<Double> back = new ArrayList<>();
    private final List<Double> before = new ArrayList<>();
    private final List<Double> during = new ArrayList<>();

    Run(ServedFlow flow, BenchOptions options, Consumer<String> progress) {
      this.flow = flow;
      this.options = options;
      this.progress = progress;
      this.searches =
          new Searches(
              flow.channel(), SyntheticTexts.ofLength(QUESTION_WORDS, QUESTIONS, SEED + 1));
    }

    List<BenchResult> results() throws IOException, InterruptedException {
      index();
      List<BenchResult> results = new ArrayList<>();
      long early = 0;
      if (comparesMemory()) {
        searches.take(SEARCHES_BEFORE, IN_FLIGHT);
      }
      for (int round = 1; round <= options.rounds(); round++) {
        idle(round);
        if (comparesMemory()) {
          searches.take(SEARCHES_BETWEEN, IN_FLIGHT);
        }
        if (round == EARLY) {
          early = flow.residentBytes();
        }
      }
      long late = flow.residentBytes();
      underLoad();
      results.add(
          BenchResult.of(
              "rollout_p99_milliseconds",
              Rounds.median(during),
              "the same searches before it",
              Rounds.median(before),
              Better.LOWER,
              P99_GOAL));
      results.add(
          BenchResult.limited(
              "rollout_load_seconds", Rounds.median(load), "3 s", LOAD_LIMIT_SECONDS));
      results.add(
          BenchResult.limited(
              "rollout_flip_milliseconds", worst(flip), "100 ms", FLIP_LIMIT_MILLIS));
      results.add(
          BenchResult.limited(
              "rollout_back_milliseconds", worst(back), "100 ms", FLIP_LIMIT_MILLIS));
      if (comparesMemory()) {
        results.add(
            BenchResult.of(
                "rollout_resident_megabytes",
                late / 1e6,
                "after the fifth round",
                early / 1e6,
                Better.LOWER,
                MEMORY_GOAL));
      }
      return results;
    }

    private boolean comparesMemory() {
      return options.rounds() > 2 * EARLY;
    }

    private static double worst(List<Double> figures) {
      return figures.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
    }

    private void index() {
      int count = options.quick() ? QUICK_DOCUMENTS : DOCUMENTS;
      List<String> texts = SyntheticTexts.of(count, SEED);
      var stub = JinaSingleDataRequestRPCGrpc.newBlockingStub(flow.channel());
      for (int from = 0; from < count; from += PER_REQUEST) {
        List<Document> documents = new ArrayList<>();
        for (int i = from; i < Math.min(count, from + PER_REQUEST); i++) {
          documents.add(Document.ofText(texts.get(i)).id("d" + i));
        }
        var _ = Requests.succeeded(stub.processSingleData(Requests.of("/index", documents)));
      }
    }

    private void idle(int round) throws IOException {
      Rollout rollout = flow.swap();
      double milliseconds = flow.rollBack(rollout);
      add(rollout, milliseconds);
      load.add(ServedFlow.milliseconds(rollout, RolloutState.PREPARING) / 1e3);
      progress.accept(
          "round %d of %d: load %.2f s, again %.1f s, flip %.1f ms, back %.1f ms, %.0f MB"
              .formatted(
                  round,
                  options.rounds(),
                  load.getLast(),
                  ServedFlow.milliseconds(rollout, RolloutState.REINDEXING) / 1e3,
                  flip.getLast(),
                  back.getLast(),
                  flow.residentBytes() / 1e6));
    }

    private void add(Rollout rollout, double milliseconds) {
      flip.add(ServedFlow.milliseconds(rollout, RolloutState.LIVE));
      back.add(milliseconds);
    }

    private void underLoad() throws InterruptedException {
      double scale = options.quick() ? 0.05 : 1;
      double _ = searches.saturate(WARM_UP_SECONDS * scale, IN_FLIGHT);
      double most = searches.saturate(SATURATION_SECONDS * scale, IN_FLIGHT);
      progress.accept("%.0f searches a second at most; half of that from now on".formatted(most));
      int rounds = Math.min(options.rounds(), MOST_UNDER_LOAD);
      try (Searches.Steady _ = searches.new Steady(most / 2)) {
        for (int round = 1; round <= rounds; round++) {
          Thread.sleep((long) (QUIET_MILLIS * scale) / 3); // what the round before left behind
          long quiet = System.nanoTime();
          Thread.sleep((long) (QUIET_MILLIS * scale));
          long start = System.nanoTime();
          Rollout rollout = flow.swap();
          double milliseconds = flow.rollBack(rollout);
          long end = System.nanoTime();
          add(rollout, milliseconds);
          before.add(searches.p99(quiet, start));
          during.add(searches.p99(start, end));
          progress.accept(
              "round %d of %d under load: p99 %.1f ms before, %.1f ms during, %s"
                  .formatted(
                      round, rounds, before.getLast(), during.getLast(), states(rollout, start)));
        }
      }
      searches.requireNoneFailed();
    }

    private String states(Rollout rollout, long start) {
      StringBuilder text = new StringBuilder();
      long from = start;
      for (RolloutState state : List.of(RolloutState.PREPARING, RolloutState.REINDEXING)) {
        double milliseconds = ServedFlow.milliseconds(rollout, state);
        long until = from + (long) (milliseconds * 1e6);
        text.append(
            "%s%s %.1f s p99 %.1f ms"
                .formatted(
                    text.isEmpty() ? "" : ", ",
                    state,
                    milliseconds / 1e3,
                    searches.p99(from, until)));
        from = until;
      }
      return text.toString();
    }
  }
}
