package io.attune.cli.train;

import io.attune.cli.Console;
import io.attune.cli.Require;
import io.attune.cli.models.StoreOptions;
import io.attune.trainer.fit.FitMain;
import io.attune.trainer.run.RunFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `attune runs resume`.
@Command(
    name = "resume",
    description = "Go on with a run that failed, was killed or was cancelled.",
    mixinStandardHelpOptions = true)
final class RunsResumeCommand implements Callable<Integer> {
  private final Console console;

  @Mixin private RunOptions options = new RunOptions();

  @Mixin private StoreOptions store = new StoreOptions();

  @Parameters(paramLabel = "RUN", description = "name, or experiment/name")
  private String run = "";

  @Option(names = "--json", paramLabel = "FILE", description = "Write the result, as fit does.")
  private @Nullable Path json;

  RunsResumeCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Require.folderOf("--json", json);
    RunFolder found = options.run(run);
    console.note("run " + found.id());
    return new RunWatch(console, json).follow(FitMain.start(found, store.store()));
  }
}
