package io.attune.cli.train;

import io.attune.cli.Console;
import io.attune.cli.ExitCode;
import io.attune.trainer.run.ProgressEvent;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `attune runs metrics`.
@Command(
    name = "metrics",
    description = "Print what was measured: losses of steps and epochs, evaluations.",
    mixinStandardHelpOptions = true)
final class RunsMetricsCommand implements Callable<Integer> {
  private final Console console;

  @Mixin private WhichRuns which = new WhichRuns();

  @Parameters(paramLabel = "RUN", description = "name, or experiment/name")
  private String run = "";

  @Option(
      names = {"--follow", "-f"},
      description = "Print what comes until the run is over, and end as it does.")
  private boolean follow;

  @Option(names = "--json", description = "Print one JSON object a line.")
  private boolean json;

  RunsMetricsCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws InterruptedException {
    try (RunsAccess runs = which.open()) {
      RunRow standing = runs.events(run, follow, this::print);
      return follow ? standing.exitCode() : ExitCode.OK;
    }
  }

  private void print(ProgressEvent event) {
    console.print(json ? event.toJson() : ProgressText.of(event));
  }
}
