package io.attune.benchmarks.start;

import io.attune.benchmarks.BenchOptions;
import io.attune.benchmarks.BenchResult;
import io.attune.benchmarks.Benchmark;
import io.attune.benchmarks.Rounds;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// How soon the launcher of a built checkout answers: `--version` again and again, and `hello qa`
/// from its start until the first of its questions are answered, with the Flow started and the
/// answers indexed before. Both against their limits.
///
///     ./attune bench start --json start.json
public final class StartBenchmark implements Benchmark {
  private static final double VERSION_LIMIT_SECONDS = 1;
  private static final double ANSWER_LIMIT_SECONDS = 15;

  /// What `hello qa` prints, without a terminal, when a tenth of its first questions is answered.
  private static final String ANSWERED = "warming up:";

  private final String home;

  /// That of the checkout whose launcher runs this.
  public StartBenchmark() {
    this(System.getProperty("attune.home", ""));
  }

  StartBenchmark(String home) {
    this.home = home;
  }

  @Override
  public String name() {
    return "start";
  }

  @Override
  public String description() {
    return "the launcher: --version, and hello qa until its first answer";
  }

  @Override
  public List<BenchResult> run(BenchOptions options, Consumer<String> progress)
      throws IOException, InterruptedException {
    if (home.isEmpty()) {
      throw new FlowException(
          ErrorCode.FAILED_PRECONDITION, "attune.home: not set (expected: a start by ./attune)");
    }
    until("attune ", "--version"); // builds what is missing
    List<Double> versions = new ArrayList<>();
    List<Double> answers = new ArrayList<>();
    for (int round = 0; round < options.rounds(); round++) {
      versions.add(until("attune ", "--version"));
      answers.add(until(ANSWERED, "hello", "qa", "--no-tune", "--exit"));
      progress.accept(
          "start %d of %d: --version %.2f s, first answer %.2f s"
              .formatted(round + 1, options.rounds(), versions.getLast(), answers.getLast()));
    }
    return List.of(
        BenchResult.limited(
            "start_version_seconds", Rounds.median(versions), "1 s", VERSION_LIMIT_SECONDS),
        BenchResult.limited(
            "start_answer_seconds", Rounds.median(answers), "15 s", ANSWER_LIMIT_SECONDS));
  }

  /// The seconds from the start of a command until it prints a line that begins so; it is ended
  /// then.
  private double until(String beginning, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(home, "attune").toString());
    command.addAll(List.of(arguments));
    long start = System.nanoTime();
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectInput(Redirect.PIPE).start();
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
      String line = output.readLine();
      while (line != null && !line.startsWith(beginning)) {
        line = output.readLine();
      }
      if (line == null) {
        throw new FlowException(
            ErrorCode.INTERNAL,
            "%s: exit %d (expected: a line that begins with \"%s\")"
                .formatted(String.join(" ", command), process.waitFor(), beginning));
      }
      return (System.nanoTime() - start) / 1e9;
    } finally {
      process.destroy();
      process.waitFor();
    }
  }

  /// Runs it on the checkout given, with 5 rounds, and prints the results.
  @SuppressWarnings("SystemOut") // a program
  public static void main(String[] arguments) throws IOException, InterruptedException {
    new StartBenchmark(arguments[0])
        .run(BenchOptions.of(Path.of("")), System.out::println)
        .forEach(System.out::println);
  }
}
