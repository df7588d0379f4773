package io.attune.cli.train;

import io.attune.cli.ExitCode;
import io.attune.trainer.run.RunFolder;
import io.attune.trainer.run.RunState;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A run as JSON and as cells of a table.
final class RunJson {
  private RunJson() {}

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
