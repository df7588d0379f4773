package io.attune.cli.train;

import io.attune.cli.ExitCode;
import io.attune.runtime.FlowException;
import io.attune.trainer.run.RunArtifact;
import io.attune.trainer.run.RunFolder;
import io.attune.trainer.run.RunState;
import io.attune.trainer.run.RunStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A run as commands show it, wherever it is.
///
/// @param id `experiment/run`
/// @param status null where its state cannot be read, which the details say more about
/// @param details why, for people; empty where there is nothing to say
/// @param created null where its state cannot be read
/// @param started of the last attempt; null where there was none
/// @param finished null where it is not over
/// @param attempts how often it was started
/// @param artifact what it published; null where it has not
/// @param folder where it is kept; null for another machine's
record RunRow(
    String id,
    @Nullable RunStatus status,
    String details,
    @Nullable Instant created,
    @Nullable Instant started,
    @Nullable Instant finished,
    int attempts,
    @Nullable String artifact,
    @Nullable String folder) {
  private static final String DAMAGED = "DAMAGED";

  /// A run of this machine.
  static RunRow of(RunFolder run) {
    return of(run, run.state());
  }

  static RunRow of(RunFolder run, RunState state) {
    return new RunRow(
        run.id(),
        state.status(),
        state.details(),
        state.created(),
        state.started(),
        state.finished(),
        state.attempts(),
        run.artifact().map(RunArtifact::model).orElse(null),
        run.path().toString());
  }

  /// The same, also of one whose state cannot be read.
  static RunRow ofAny(RunFolder run) {
    try {
      return of(run);
    } catch (FlowException e) {
      String why = String.valueOf(e.getMessage());
      return new RunRow(run.id(), null, why, null, null, null, 0, null, run.path().toString());
    }
  }

  String statusName() {
    return status == null ? DAMAGED : status.name();
  }

  /// How long the last attempt took, or takes; null where there was none.
  private @Nullable Duration duration() {
    return started == null
        ? null
        : Duration.between(started, finished == null ? Instant.now() : finished);
  }

  /// The time of the last attempt for people; empty where there was none.
  String time() {
    Duration time = duration();
    return time == null ? "" : "%.0f s".formatted(time.toMillis() / 1e3);
  }

  /// Status and details as the end of a sentence.
  String standing() {
    return statusName() + (details.isEmpty() ? "" : ": " + details);
  }

  /// The run for programs.
  Map<String, @Nullable Object> json() {
    Duration time = duration();
    int slash = id.indexOf('/');
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("experiment", id.substring(0, Math.max(0, slash)));
    json.put("run", id.substring(slash + 1));
    json.put("status", statusName());
    json.put("details", details);
    if (status != null) {
      json.put("created", created == null ? null : created.toString());
      json.put("started", started == null ? null : started.toString());
      json.put("finished", finished == null ? null : finished.toString());
      json.put("seconds", time == null ? null : time.toMillis() / 1e3);
      json.put("attempts", attempts);
      json.put("artifact", artifact);
    }
    json.put("folder", folder);
    return json;
  }

  /// What a command that waited for it ends with.
  int exitCode() {
    return status == RunStatus.FINISHED
        ? ExitCode.OK
        : status == RunStatus.CANCELLED ? ExitCode.INTERRUPTED : ExitCode.FAILURE;
  }
}
