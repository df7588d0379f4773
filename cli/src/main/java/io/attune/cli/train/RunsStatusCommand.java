package io.attune.cli.train;

import io.attune.cli.Console;
import io.attune.cli.ExitCode;
import io.attune.cli.JsonFile;
import io.attune.trainer.run.ProgressEvent;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
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

  @Mixin private WhichRuns which = new WhichRuns();

  @Parameters(paramLabel = "RUN", description = "name, or experiment/name")
  private String run = "";

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  RunsStatusCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws InterruptedException {
    try (RunsAccess runs = which.open()) {
      RunRow found = runs.get(run);
      if (json) {
        console.print(JsonFile.text(found.json()));
        return ExitCode.OK;
      }
      if (found.folder() != null) {
        console.note(found.folder());
      }
      console.print(found.id() + ": " + found.standing());
      AtomicReference<ProgressEvent.@Nullable Step> last = new AtomicReference<>();
      var _ =
          runs.events(
              found.id(),
              false,
              event -> {
                if (event instanceof ProgressEvent.Step one) {
                  last.set(one);
                }
              });
      ProgressEvent.Step step = last.get();
      if (step != null) {
        console.print(ProgressText.of(step));
      }
      if (found.artifact() != null) {
        console.print("artifact: " + found.artifact());
      }
    }
    return ExitCode.OK;
  }
}
