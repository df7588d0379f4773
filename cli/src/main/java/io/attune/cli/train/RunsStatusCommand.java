package io.attune.cli.train;

import io.attune.cli.Console;
import io.attune.cli.ExitCode;
import io.attune.cli.JsonFile;
import io.attune.trainer.run.ProgressEvent;
import io.attune.trainer.run.RunFolder;
import io.attune.trainer.run.RunState;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `attune runs status`.
@Command(
    name = "status",
    description = "Show where a run stands, and why.",
    mixinStandardHelpOptions = true)
final class RunsStatusCommand implements Callable<Integer> {
  private final Console console;

  @Mixin private RunOptions options = new RunOptions();

  @Parameters(paramLabel = "RUN", description = "name, or experiment/name")
  private String run = "";

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  RunsStatusCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    RunFolder found = options.run(run);
    if (json) {
      console.print(JsonFile.text(RunJson.of(found)));
      return ExitCode.OK;
    }
    RunState state = found.state();
    String details = state.details().isEmpty() ? "" : ": " + state.details();
    console.note(found.path().toString());
    console.print(found.id() + ": " + state.status() + details);
    List<ProgressEvent> events = found.events();
    for (ProgressEvent event : events.reversed()) {
      if (event instanceof ProgressEvent.Step step) {
        console.print(ProgressText.of(step));
        break;
      }
    }
    found.artifact().ifPresent(artifact -> console.print("artifact: " + artifact.model()));
    return ExitCode.OK;
  }
}
