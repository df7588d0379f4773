package io.attune.cli.train;

import io.attune.cli.Console;
import io.attune.cli.ExitCode;
import io.attune.trainer.run.ProgressEvent;
import io.attune.trainer.run.RunFolder;
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

  @Mixin private RunOptions options = new RunOptions();

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
    RunFolder found = options.run(run);
    if (follow) {
      return RunJson.exitCode(found.follow().events(this::print));
    }
    found.events().forEach(this::print);
    return ExitCode.OK;
  }

  private void print(ProgressEvent event) {
    console.print(json ? event.toJson() : ProgressText.of(event));
  }
}
