package io.attune.cli.train;

import io.attune.cli.Console;
import io.attune.cli.ExitCode;
import io.attune.trainer.run.RunFolder;
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

  @Mixin private RunOptions options = new RunOptions();

  @Parameters(arity = "1..*", paramLabel = "RUN", description = "name, or experiment/name")
  private List<String> runs = new ArrayList<>();

  RunsDeleteCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    List<RunFolder> found = runs.stream().map(options::run).toList();
    for (RunFolder run : found) {
      options.store().delete(run);
      console.print(run.id() + ": deleted");
    }
    return ExitCode.OK;
  }
}
