package io.attune.trainer.run;

import io.attune.models.process.ProcessId;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A run's status with its details, as `state.json` keeps it.
///
/// @param status where it stands
/// @param details why, for people; empty where there is nothing to say
/// @param created when it was created
/// @param started when its last attempt started
/// @param finished when it was over
/// @param process the process of the last attempt
/// @param attempts how often it was started
public record RunState(
    RunStatus status,
    String details,
    Instant created,
    @Nullable Instant started,
    @Nullable Instant finished,
    @Nullable ProcessId process,
    int attempts) {
  static RunState created(Instant now) {
    return new RunState(RunStatus.CREATED, "", now, null, null, null, 0);
  }

  RunState started(ProcessId by, Instant now) {
    return new RunState(RunStatus.STARTED, "", created, now, null, by, attempts + 1);
  }

  /// About to be started again.
  RunState reopened() {
    return new RunState(RunStatus.CREATED, "", created, started, null, null, attempts);
  }

  /// About to be started by a process, which has not said so itself yet.
  RunState startedBy(ProcessId by) {
    return new RunState(status, details, created, started, finished, by, attempts);
  }

  RunState over(RunStatus end, String why, Instant now) {
    return new RunState(end, why, created, started, now, process, attempts);
  }

  /// How long the last attempt took, or takes; empty where there was none.
  public Optional<Duration> duration() {
    return started == null
        ? Optional.empty()
        : Optional.of(Duration.between(started, finished == null ? Instant.now() : finished));
  }

  /// Whether a process trains it, or was started that is about to.
  boolean isTaken() {
    return isRunning() || (status == RunStatus.CREATED && process != null && process.isAlive());
  }

  /// Whether the process that trains it, or was about to, is gone without a word.
  boolean isLost() {
    return (status == RunStatus.STARTED && !isRunning())
        || (status == RunStatus.CREATED && process != null && !process.isAlive());
  }

  /// Whether a process trains it.
  public boolean isRunning() {
    return status == RunStatus.STARTED && process != null && process.isAlive();
  }
}
