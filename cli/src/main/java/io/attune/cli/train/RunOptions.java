package io.attune.cli.train;

import io.attune.trainer.run.RunFolder;
import io.attune.trainer.run.RunStore;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Which store of runs a command works on.
public final class RunOptions {
  @Option(
      names = "--runs",
      paramLabel = "DIR",
      description = "Where runs are kept (default: $$ATTUNE_RUNS, else ~/.attune/runs).")
  private @Nullable Path folder;

  /// Whether a folder is named.
  boolean isGiven() {
    return folder != null;
  }

  /// The store.
  public RunStore store() {
    return RunStore.at(folder == null ? RunStore.defaultRoot() : folder);
  }

  /// The run of `experiment/name`, or `name` where only one experiment has it.
  public RunFolder run(String reference) {
    return store().resolve(reference);
  }
}
