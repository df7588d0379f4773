package io.attune.cli.train;

import io.attune.cli.Console;
import io.attune.cli.ExitCode;
import io.attune.cli.JsonFile;
import io.attune.cli.TextTable;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `attune runs list`.
@Command(
    name = "list",
    description = "List all runs, the newest last.",
    mixinStandardHelpOptions = true)
final class RunsListCommand implements Callable<Integer> {
  private final Console console;

  @Mixin private WhichRuns which = new WhichRuns();

  @Option(names = "--experiment", paramLabel = "NAME", description = "Of this experiment only.")
  private @Nullable String experiment;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  RunsListCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    try (RunsAccess access = which.open()) {
      List<RunRow> runs = access.list(experiment);
      if (json) {
        console.print(JsonFile.text(runs.stream().map(RunRow::json).toList()));
      } else if (runs.isEmpty()) {
        console.note("no runs " + access.where());
      } else {
        TextTable table = new TextTable("run", "status", "time", "artifact", "details");
        for (RunRow run : runs) {
          String artifact = run.artifact() == null ? "" : run.artifact();
          table.row(run.id(), run.statusName(), run.time(), artifact, run.details());
        }
        table.lines().forEach(console::print);
      }
    }
    return ExitCode.OK;
  }
}
