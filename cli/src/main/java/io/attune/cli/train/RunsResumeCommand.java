package io.attune.cli.train;

import io.attune.cli.Console;
import io.attune.cli.Require;
import io.attune.cli.models.StoreOptions;
import io.attune.models.ModelStore;
import io.attune.runtime.FlowException;
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

  @Mixin private WhichRuns which = new WhichRuns();

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
    try (RunsAccess runs = which.open()) {
      return switch (runs) {
        case LocalRuns _ -> {
          RunFolder found = which.local().run(run);
          console.note("run " + found.id());
          ModelStore models =
              store.isGiven() ? store.store() : FitMain.storeOf(found, store.store());
          yield new RunWatch(console, json).follow(FitMain.start(found, models));
        }
        case RemoteRuns remote -> {
          if (store.isGiven()) {
            throw FlowException.invalid(
                "--store: given (expected: none with --address; the trainer has a store of its own)");
          }
          String id = remote.get(run).id();
          console.note("run " + id);
          yield new RunWatch(console, json).follow(remote, remote.resume(id).id());
        }
      };
    }
  }
}
