package io.attune.cli.train;

import io.attune.cli.Console;
import io.attune.cli.ExitCode;
import io.attune.cli.JsonFile;
import io.attune.cli.TextTable;
import io.attune.runtime.FlowException;
import io.attune.trainer.run.RunArtifact;
import io.attune.trainer.run.RunFolder;
import io.attune.trainer.run.RunState;
import io.attune.trainer.run.RunStore;
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

  @Mixin private RunOptions options = new RunOptions();

  @Option(names = "--experiment", paramLabel = "NAME", description = "Of this experiment only.")
  private @Nullable String experiment;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  RunsListCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    RunStore store = options.store();
    List<RunFolder> runs = experiment == null ? store.list() : store.list(experiment);
    if (json) {
      console.print(JsonFile.text(runs.stream().map(RunJson::ofAny).toList()));
    } else if (runs.isEmpty()) {
      console.note("no runs in " + store.root());
    } else {
      TextTable table = new TextTable("run", "status", "time", "artifact", "details");
      runs.forEach(run -> row(table, run));
      table.lines().forEach(console::print);
    }
    return ExitCode.OK;
  }

  private static void row(TextTable table, RunFolder run) {
    RunState state;
    try {
      state = run.state();
    } catch (FlowException e) {
      table.row(run.id(), RunJson.DAMAGED, "", "", String.valueOf(e.getMessage()));
      return;
    }
    table.row(
        run.id(),
        state.status().name(),
        RunJson.time(state),
        run.artifact().map(RunArtifact::model).orElse(""),
        state.details());
  }
}
