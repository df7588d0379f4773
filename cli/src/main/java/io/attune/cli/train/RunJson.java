package io.attune.cli.train;

import io.attune.cli.ExitCode;
import io.attune.runtime.FlowException;
import io.attune.trainer.run.RunFolder;
import io.attune.trainer.run.RunState;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A run as JSON and as cells of a table.
final class RunJson {
  /// The status of a run whose state cannot be read.
  static final String DAMAGED = "DAMAGED";

  private RunJson() {}

  /// The same, and of a run whose state cannot be read what it is called and why.
  static Map<String, @Nullable Object> ofAny(RunFolder run) {
    try {
      return of(run);
    } catch (FlowException e) {
      Map<String, @Nullable Object> json = new LinkedHashMap<>();
      json.put("experiment", run.experiment());
      json.put("run", run.name());
      json.put("status", DAMAGED);
      json.put("details", e.getMessage());
      json.put("folder", run.path().toString());
      return json;
    }
  }

  static Map<String, @Nullable Object> of(RunFolder run) {
    Map<String, @Nullable Object> json = run.summary();
    json.put("folder", run.path().toString());
    return json;
  }

  /// The time of the last attempt for people; empty where there was none.
  static String time(RunState state) {
    return state.duration().map(time -> "%.0f s".formatted(time.toMillis() / 1e3)).orElse("");
  }

  /// What a command that waited for a run ends with.
  static int exitCode(RunState end) {
    return switch (end.status()) {
      case FINISHED -> ExitCode.OK;
      case CANCELLED -> ExitCode.INTERRUPTED;
      case CREATED, STARTED, FAILED -> ExitCode.FAILURE;
    };
  }
}
