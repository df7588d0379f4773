package io.attune.gateway.rollout;

import io.attune.proto.attune.MoveRequest;
import io.attune.proto.attune.ParticipantProgress;
import io.attune.proto.attune.Progress;
import io.attune.runtime.FlowException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A member's part in the rollouts of one model, as its [Driver] sees it, whose lock guards
/// everything here.
final class Part {
  private final Member member;
  private @Nullable MoveRequest asked;
  private @Nullable Thread mover;
  private @Nullable MoveRequest confirmed;
  private @Nullable FlowException refusal;
  private Progress told = Progress.getDefaultInstance();
  private boolean hasTold;
  private String problem = "";
  private int failures;
  private long failingSince;
  private long retryAt;

  Part(Member member) {
    this.member = member;
  }

  Member member() {
    return member;
  }

  Identity identity() {
    return member.identity();
  }

  /// Whether a command is confirmed.
  boolean isAt(MoveRequest command) {
    return command.equals(confirmed);
  }

  /// Whether a command was heard: something was said about it.
  boolean heard(MoveRequest command) {
    return isAt(command) || (command.equals(asked) && hasTold);
  }

  /// Why a command was refused for good; null where it was not.
  @Nullable FlowException refusal(MoveRequest command) {
    return command.equals(asked) ? refusal : null;
  }

  /// What is wrong now; empty for nothing.
  String problem() {
    return problem;
  }

  /// Why a command was refused, or which documents it was confirmed without; empty for neither.
  String amiss(MoveRequest command) {
    FlowException refused = refusal(command);
    if (refused != null) {
      return "%s: %s".formatted(identity(), refused.getMessage());
    }
    return isAt(command) && told.getMissing() > 0
        ? "%s: %s".formatted(identity(), told.getMessage())
        : "";
  }

  /// Whether a command is to be given now.
  boolean isDue(MoveRequest command, long now) {
    if (isAt(command) || refusal(command) != null) {
      return false;
    }
    return !command.equals(asked) || (mover == null && now - retryAt >= 0);
  }

  /// How long until a command is to be given again; the longest where it is not.
  long nanosToRetry(MoveRequest command, long now) {
    return command.equals(asked) && mover == null && refusal == null && !isAt(command)
        ? Math.max(1, retryAt - now)
        : Long.MAX_VALUE;
  }

  /// Whether the command could not be given for so long.
  boolean failsLongerThan(long nanos, long now) {
    return failures > 0 && now - failingSince >= nanos;
  }

  /// Gives a command, in place of the one before.
  void asking(MoveRequest command, Thread thread) {
    stop();
    if (!command.equals(asked)) {
      failures = 0;
      problem = "";
      told = Progress.getDefaultInstance();
      hasTold = false;
    }
    asked = command;
    refusal = null;
    mover = thread;
  }

  /// Whether a thread is the one that gives the command now.
  boolean isAsking(Thread thread) {
    return thread.equals(mover);
  }

  void told(Progress progress) {
    hasTold = true;
    failures = 0;
    problem = "";
    told = progress;
  }

  void reached() {
    mover = null;
    failures = 0;
    problem = "";
    confirmed = asked;
  }

  void refused(FlowException reason) {
    mover = null;
    refusal = reason;
    problem = Objects.toString(reason.getMessage());
  }

  void failed(FlowException reason, Timing timing, long now) {
    mover = null;
    problem = Objects.toString(reason.getMessage());
    if (failures == 0) {
      failingSince = now;
    }
    long pause = timing.firstPause().toNanos() << Math.min(failures, 20);
    failures++;
    retryAt = now + Math.min(pause, timing.mostPause().toNanos());
  }

  /// Forgets what was confirmed, so that it is asked for again.
  void doubt() {
    confirmed = null;
    asked = null;
  }

  /// Stops giving the command; what the participant does goes on.
  void stop() {
    if (mover != null) {
      mover.interrupt();
      mover = null;
    }
  }

  ParticipantProgress progress(MoveRequest command) {
    return ParticipantProgress.newBuilder()
        .setKind(identity().kind().label())
        .setName(identity().name())
        .setShard(identity().shard())
        .setReplica(identity().replica())
        .setReached(isAt(command))
        .setDone(told.getDone())
        .setTotal(told.getTotal())
        .setMessage(told.getMessage())
        .setMissing(told.getMissing())
        .addAllMissingDocuments(told.getMissingDocumentsList())
        .setProblem(problem)
        .build();
  }
}
