package io.attune.cli.train;

import io.attune.cli.Console;
import io.attune.cli.ExitCode;
import io.attune.cli.Require;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `attune runs cancel`.
@Command(
    name = "cancel",
    description = "End a run: it is asked to stop after its step, and killed where it does not.",
    mixinStandardHelpOptions = true)
final class RunsCancelCommand implements Callable<Integer> {
  private final Console console;

  @Mixin private WhichRuns which = new WhichRuns();

  @Parameters(paramLabel = "RUN", description = "name, or experiment/name")
  private String run = "";

  @Option(
      names = "--grace",
      paramLabel = "SECONDS",
      description = "How long it may take to stop by itself (default: ${DEFAULT-VALUE}).",
      defaultValue = "30")
  private int grace;

  RunsCancelCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws InterruptedException {
    Require.within("--grace", grace, 0, 86_400);
    try (RunsAccess runs = which.open()) {
      RunRow end = runs.cancel(run, Duration.ofSeconds(grace));
      console.print("%s: %s, %s".formatted(end.id(), end.statusName(), end.details()));
    }
    return ExitCode.OK;
  }
}
