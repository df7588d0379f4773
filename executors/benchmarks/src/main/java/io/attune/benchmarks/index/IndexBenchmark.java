package io.attune.benchmarks.index;

import io.attune.benchmarks.BenchOptions;
import io.attune.benchmarks.BenchResult;
import io.attune.benchmarks.BenchResult.Better;
import io.attune.benchmarks.Benchmark;
import io.attune.benchmarks.Rounds;
import io.attune.benchmarks.TemporaryFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// The index: 100,000 clustered vectors of 384 dimensions behind the indexer's gRPC port, in a JVM
/// of its own.
///
/// Searching is measured beside [ExactScan] in turns, with its recall over the same queries;
/// acknowledged writes, one document to a request, beside [CommitEachDocument] in turns; a restart
/// from `kill -9`, right after more writes were acknowledged, up to the first right answer. Run it
/// with
///
///     ./attune bench index --json index.json
///
/// or, from the classes, with the number of rounds:
///
///     java --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED -cp … \
///       io.attune.benchmarks.index.IndexBenchmark 5
public final class IndexBenchmark implements Benchmark {
  private static final int DOCUMENTS = 100_000;
  private static final int QUERIES = 500;
  private static final int QUERIES_PER_REQUEST = 20;
  private static final int SCANS = 50;
  private static final int SEARCHES = 4_000;
  private static final int CANDIDATES = 40;
  private static final int WRITES = 4_000;
  private static final int WRITES_IN_FLIGHT = 256;
  private static final int COMMITS = 100;
  private static final int UNCOMMITTED = 2_000;
  private static final double RESTART_LIMIT_SECONDS = 2;
  private static final long SEED = 20260719;

  @Override
  public String name() {
    return "index";
  }

  @Override
  public String description() {
    return "searches against an exact scan, writes against a commit for each, and restarts";
  }

  @Override
  public List<BenchResult> run(BenchOptions options, Consumer<String> progress)
      throws IOException, InterruptedException {
    try (TemporaryFolder folder = TemporaryFolder.create("attune-bench-index")) {
      return new Run(folder.path(), options, progress).results();
    }
  }

  /// One run.
  private static final class Run {
    private final Path folder;
    private final BenchOptions options;
    private final Consumer<String> progress;
    private final ClusteredVectors documents;
    private final ClusteredVectors queries;
    private final ExactScan scan;

    Run(Path folder, BenchOptions options, Consumer<String> progress) {
      this.folder = folder;
      this.options = options;
      this.progress = progress;
      this.documents = ClusteredVectors.of(part(DOCUMENTS), SEED, SEED + 1);
      this.queries = ClusteredVectors.of(part(QUERIES), SEED, SEED + 2);
      this.scan = new ExactScan(documents);
    }

    /// What of a full run's number a run does.
    private int part(int full) {
      return options.quick() ? Math.max(1, full / 50) : full;
    }

    List<BenchResult> results() throws IOException, InterruptedException {
      List<BenchResult> results = new ArrayList<>();
      Path large = folder.resolve("large");
      try (ServedIndex served = ServedIndex.start(large)) {
        Load load = new Load(served.channel());
        build(load);
        results.addAll(searching(load));
        results.add(writing());
        writeUncommitted(load);
      }
      results.add(restarting(large));
      return results;
    }

    private void build(Load load) throws InterruptedException {
      double rate = load.index(documents, 0, documents.count(), 100, 8);
      progress.accept("indexed %d documents, %.0f a second".formatted(documents.count(), rate));
      long start = System.nanoTime();
      load.settle();
      progress.accept(
          "committed and merged %.1f s later".formatted((System.nanoTime() - start) / 1e9));
    }

    private List<BenchResult> searching(Load load) throws IOException, InterruptedException {
      List<int[]> truth = scan.nearest(queries, 0, queries.count(), Load.LIMIT);
      List<int[]> found = load.nearest(queries, queries.count(), QUERIES_PER_REQUEST, CANDIDATES);
      double recall = recall(found, truth);
      for (int warmUp = 0; warmUp < 6; warmUp++) {
        load.search(queries, part(SEARCHES), QUERIES_PER_REQUEST, CANDIDATES);
      }
      Rounds rounds =
          Rounds.alternate(
              options.rounds(),
              () -> load.search(queries, part(SEARCHES), QUERIES_PER_REQUEST, CANDIDATES),
              this::scanRate,
              progress);
      progress.accept(
          "the scan reads %.1f GB/s"
              .formatted(scan.gigabytesPerSecond(Rounds.median(rounds.rival()))));
      return List.of(
          BenchResult.of("index_recall_at_10", recall, ExactScan.NAME, 1, Better.HIGHER, 0.99),
          rounds.toResult("index_queries_per_second", ExactScan.NAME, Better.HIGHER, 30));
    }

    /// Leaves as much in the log as the next restart shall have to apply.
    private void writeUncommitted(Load load) throws InterruptedException {
      load.settle();
      load.index(documents, 0, part(UNCOMMITTED), 100, 4);
    }

    private double scanRate() {
      long start = System.nanoTime();
      scan.nearest(queries, 0, SCANS, Load.LIMIT);
      return SCANS * 1e9 / (System.nanoTime() - start);
    }

    private BenchResult writing() throws IOException, InterruptedException {
      try (ServedIndex served = ServedIndex.start(folder.resolve("written"));
          CommitEachDocument rival =
              new CommitEachDocument(folder.resolve("committed"), documents)) {
        Load load = new Load(served.channel());
        load.index(documents, 0, part(WRITES), 1, WRITES_IN_FLIGHT);
        rival.run(part(COMMITS));
        return Rounds.alternate(
                options.rounds(),
                () -> load.index(documents, 0, part(WRITES), 1, WRITES_IN_FLIGHT),
                () -> rival.run(part(COMMITS)),
                progress)
            .toResult(
                "index_acknowledged_writes_per_second", CommitEachDocument.NAME, Better.HIGHER, 10);
      }
    }

    private BenchResult restarting(Path large) throws IOException, InterruptedException {
      List<int[]> truth = scan.nearest(queries, 0, 1, Load.LIMIT);
      List<Double> seconds = new ArrayList<>();
      for (int round = 0; round < options.rounds(); round++) {
        long start = System.nanoTime();
        try (ServedIndex served = ServedIndex.start(large)) {
          Load load = new Load(served.channel());
          double recall = recall(load.nearest(queries, 1, 1, 3 * CANDIDATES), truth);
          seconds.add((System.nanoTime() - start) / 1e9);
          progress.accept(
              "restart %d of %d: first answer, recall %.2f, after %.2f s"
                  .formatted(round + 1, options.rounds(), recall, seconds.getLast()));
          writeUncommitted(load);
        }
      }
      return BenchResult.limited(
          "index_restart_seconds", Rounds.median(seconds), "2 s", RESTART_LIMIT_SECONDS);
    }
  }

  /// The share of the true nearest that was found.
  private static double recall(List<int[]> found, List<int[]> truth) {
    long hits = 0;
    long all = 0;
    for (int i = 0; i < truth.size(); i++) {
      Set<Integer> wanted = Arrays.stream(truth.get(i)).boxed().collect(Collectors.toSet());
      all += wanted.size();
      hits += Arrays.stream(found.get(i)).filter(wanted::contains).count();
    }
    return (double) hits / all;
  }

  /// Runs it with the rounds given, 5 by default, and prints the results.
  @SuppressWarnings("SystemOut") // a program
  public static void main(String[] arguments) throws IOException, InterruptedException {
    BenchOptions options = BenchOptions.of(Path.of(""));
    if (arguments.length > 0) {
      int rounds = Integer.parseInt(arguments[0]);
      options = rounds == 0 ? options.asQuick() : options.withRounds(rounds);
    }
    new IndexBenchmark().run(options, System.out::println).forEach(System.out::println);
  }
}
