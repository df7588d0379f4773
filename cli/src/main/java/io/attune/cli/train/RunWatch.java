package io.attune.cli.train;

import io.attune.cli.Closing;
import io.attune.cli.Console;
import io.attune.cli.ExitCode;
import io.attune.cli.JsonFile;
import io.attune.trainer.run.RunFolder;
import io.attune.trainer.run.RunProcess;
import io.attune.trainer.run.RunState;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Shows a run that this process started, and what came of it.
final class RunWatch {
  private static final Duration GRACE = Duration.ofSeconds(20);

  private final Console console;
  private final @Nullable Path json;

  /// @param json where the result is written; null for nowhere
  RunWatch(Console console, @Nullable Path json) {
    this.console = console;
    this.json = json;
  }

  /// Shows a run until it is over; a process that is told to stop cancels it.
  int follow(RunProcess process) throws IOException, InterruptedException {
    try (Closing closing = new Closing(console)) {
      return follow(closing, process);
    }
  }

  private int follow(Closing closing, RunProcess process) throws IOException, InterruptedException {
    RunFolder run = process.run();
    closing.with(() -> {
      if (!run.state().status().isOver()) {
        console.note("cancelling run " + run.id());
        var _ = process.cancel(GRACE);
      }
    });
    FitProgress progress = new FitProgress(console);
    RunState end;
    try (progress) {
      end = process.await(progress);
    }
    return report(RunRow.of(run, end), progress);
  }

  /// Shows a run of a trainer until it is over. It goes on there where this process is told to
  /// stop.
  int follow(RunsAccess runs, String run) throws IOException, InterruptedException {
    FitProgress progress = new FitProgress(console);
    RunRow end;
    try (progress) {
      end = runs.events(run, true, progress);
    }
    return report(end, progress);
  }

  private int report(RunRow run, FitProgress progress) throws IOException {
    if (run.exitCode() == ExitCode.OK) {
      FitTable.lines(progress).forEach(console::print);
      if (run.artifact() != null) {
        console.print("artifact: " + run.artifact());
      }
    } else {
      console.error("run %s: %s".formatted(run.id(), run.standing()));
      console.hint("attune runs logs " + run.id() + " shows what it said");
    }
    if (json != null) {
      JsonFile.write(json, json(run, progress));
    }
    return run.exitCode();
  }

  private static Map<String, @Nullable Object> json(RunRow run, FitProgress progress) {
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    values.put("run", run.id());
    values.put("artifact", run.artifact());
    values.put("before", progress.before());
    values.put("after", progress.after());
    values.put("gain", progress.gain());
    values.put("seconds", progress.seconds());
    return values;
  }
}
