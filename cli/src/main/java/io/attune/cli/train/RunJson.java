package io.attune.cli.train;

import io.attune.cli.ExitCode;
import io.attune.trainer.run.RunArtifact;
import io.attune.trainer.run.RunFolder;
import io.attune.trainer.run.RunState;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A run as JSON and as cells of a table.
final class RunJson {
  private RunJson() {}

  static Map<String, @Nullable Object> of(RunFolder run) {
    RunState state = run.state();
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("experiment", run.experiment());
    json.put("run", run.name());
    json.put("status", state.status().name());
    json.put("details", state.details());
    json.put("created", state.created().toString());
    json.put("started", text(state.started()));
    json.put("finished", text(state.finished()));
    json.put("seconds", seconds(state));
    json.put("attempts", state.attempts());
    json.put("artifact", run.artifact().map(RunArtifact::model).orElse(null));
    json.put("folder", run.path().toString());
    return json;
  }

  private static @Nullable String text(@Nullable Instant instant) {
    return instant == null ? null : instant.toString();
  }

  /// How long the last attempt took, or takes; null where there was none.
  private static @Nullable Double seconds(RunState state) {
    Instant started = state.started();
    if (started == null) {
      return null;
    }
    Instant finished = state.finished();
    return Duration.between(started, finished == null ? Instant.now() : finished).toMillis() / 1e3;
  }

  /// The time of the last attempt for people; empty where there was none.
  static String time(RunState state) {
    Double seconds = seconds(state);
    return seconds == null ? "" : "%.0f s".formatted(seconds);
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
