package io.attune.cli.train;

import io.attune.cli.Console;
import io.attune.cli.ExitCode;
import io.attune.cli.Require;
import io.attune.cli.models.StoreOptions;
import io.attune.runtime.FlowException;
import io.attune.trainer.fit.FitMain;
import io.attune.trainer.fit.Preflight;
import io.attune.trainer.run.RunConfig;
import io.attune.trainer.run.RunFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `attune fit`: tunes a model on labelled data, says whether it got better, and publishes it as
/// its next version.
@Command(
    name = "fit",
    description = "Tune a model on labelled data and publish it as its next version.",
    mixinStandardHelpOptions = true)
public final class FitCommand implements Callable<Integer> {
  private final Console console;

  @Mixin private ConfigOptions options = new ConfigOptions();

  @Mixin private RunOptions runs = new RunOptions();

  @Mixin private StoreOptions store = new StoreOptions();

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description =
          "Write run, artifact, the metrics before and after with what they gained, and the seconds as JSON.")
  private @Nullable Path json;

  @Option(
      names = "--detach",
      description = "Start the run and return; attune runs logs --follow shows it.")
  private boolean detach;

  public FitCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Require.folderOf("--json", json);
    if (detach && json != null) {
      throw FlowException.invalid(
          "--json: %s (expected: none with --detach; attune runs logs --follow shows the result)"
              .formatted(json));
    }
    RunConfig config = Preflight.check(options.config(), store.store());
    RunFolder run = runs.store().create(config);
    console.note("run " + run.id());
    if (detach) {
      var _ = FitMain.start(run, store.store());
      console.print(run.id());
      return ExitCode.OK;
    }
    return new RunWatch(console, json).follow(FitMain.start(run, store.store()));
  }
}
