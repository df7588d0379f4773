package io.attune.cli.train;

import io.attune.cli.Console;
import io.attune.cli.ExitCode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `attune runs logs`.
@Command(name = "logs", description = "Print a run's log.", mixinStandardHelpOptions = true)
final class RunsLogsCommand implements Callable<Integer> {
  private final Console console;

  @Mixin private WhichRuns which = new WhichRuns();

  @Parameters(paramLabel = "RUN", description = "name, or experiment/name")
  private String run = "";

  @Option(
      names = {"--follow", "-f"},
      description = "Print what comes until the run is over, and end as it does.")
  private boolean follow;

  RunsLogsCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws InterruptedException {
    try (RunsAccess runs = which.open()) {
      RunRow standing = runs.logs(run, follow, console::print);
      return follow ? standing.exitCode() : ExitCode.OK;
    }
  }
}
