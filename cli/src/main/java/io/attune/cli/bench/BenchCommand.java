package io.attune.cli.bench;

import io.attune.benchmarks.BenchOptions;
import io.attune.benchmarks.BenchResult;
import io.attune.benchmarks.BenchResult.Better;
import io.attune.benchmarks.Benchmark;
import io.attune.benchmarks.Benchmarks;
import io.attune.cli.Console;
import io.attune.cli.ExitCode;
import io.attune.cli.Require;
import io.attune.cli.TextTable;
import io.attune.cli.models.StoreOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `attune bench`: measures Attune against named rivals on this machine.
@Command(
    name = "bench",
    description =
        "Measure Attune against named rivals, in one run on this machine. Exits with 4 where a goal is"
            + " missed. Without a name, list the benchmarks.",
    mixinStandardHelpOptions = true)
public final class BenchCommand implements Callable<Integer> {
  private final Console console;

  @Parameters(arity = "0..*", paramLabel = "NAME", description = "Benchmarks to run, in turn.")
  private List<String> names = List.of();

  @Option(names = "--rounds", description = "Rounds of each, 1 to 1000 (default: the benchmark's).")
  private @Nullable Integer rounds;

  @Option(
      names = "--quick",
      description = "Only show that it runs: little data, one round; the figures say nothing.")
  private boolean quick;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the results as JSON.")
  private @Nullable Path json;

  @Option(
      names = "--python",
      paramLabel = "PROGRAM",
      description =
          "The Python with torch and transformers that the rival of train runs in (default:"
              + " $ATTUNE_PYTHON, else python3); without those, ours is measured alone.")
  private @Nullable String python;

  @Mixin private StoreOptions store = new StoreOptions();

  public BenchCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (names.isEmpty()) {
      TextTable table = new TextTable("benchmark", "what it measures");
      Benchmarks.all().forEach(each -> table.row(each.name(), each.description()));
      table.lines().forEach(console::print);
      return ExitCode.OK;
    }
    Require.folderOf("--json", json);
    List<Benchmark> chosen = names.stream().map(Benchmarks::named).toList();
    BenchOptions options = options();
    List<BenchResult> results = new ArrayList<>();
    for (Benchmark benchmark : chosen) {
      console.note(benchmark.name() + ": " + benchmark.description());
      results.addAll(benchmark.run(options, console::note));
    }
    lines(results).forEach(console::print);
    if (json != null) {
      Benchmarks.write(json, results);
    }
    boolean reached = quick || results.stream().noneMatch(BenchResult::missed);
    return reached ? ExitCode.OK : ExitCode.GOAL_MISSED;
  }

  private BenchOptions options() {
    BenchOptions options = BenchOptions.of(store.store().root());
    if (quick) {
      options = options.asQuick();
    }
    String program = python == null ? System.getenv("ATTUNE_PYTHON") : python;
    if (program != null) {
      options = options.withPython(program);
    }
    return rounds == null ? options : options.withRounds(rounds);
  }

  private static List<String> lines(List<BenchResult> results) {
    TextTable table = new TextTable("measure", "ours", "rival", "ratio", "goal", "", "the rival");
    for (BenchResult result : results) {
      table.row(
          result.measure(),
          figure(result.ours()),
          result.rival() == null ? "" : figure(result.rival()),
          result.ratio() == null ? "" : "%.2f".formatted(result.ratio()),
          (result.better() == Better.HIGHER ? "≥ " : "≤ ") + "%.2f".formatted(result.goal()),
          result.ratio() == null ? "not judged" : result.missed() ? "missed" : "reached",
          result.rivalName());
    }
    return table.lines();
  }

  private static String figure(double value) {
    return Math.abs(value) >= 100 ? "%,.0f".formatted(value) : "%.3f".formatted(value);
  }
}
