package io.attune.cli.train;

import io.attune.cli.Console;
import io.attune.cli.ExitCode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `attune runs delete`.
@Command(
    name = "delete",
    description = "Delete runs with their logs and checkpoints; models they published stay.",
    mixinStandardHelpOptions = true)
final class RunsDeleteCommand implements Callable<Integer> {
  private final Console console;

  @Mixin private WhichRuns which = new WhichRuns();

  @Parameters(arity = "1..*", paramLabel = "RUN", description = "name, or experiment/name")
  private List<String> runs = new ArrayList<>();

  RunsDeleteCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    try (RunsAccess access = which.open()) {
      List<String> found = runs.stream().map(run -> access.get(run).id()).toList();
      for (String run : found) {
        access.delete(run);
        console.print(run + ": deleted");
      }
    }
    return ExitCode.OK;
  }
}
