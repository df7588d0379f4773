package io.attune.trainer.executor;

import com.google.protobuf.Timestamp;
import io.attune.proto.attune.Estimate;
import io.attune.proto.attune.Run;
import io.attune.proto.attune.RunEvent;
import io.attune.proto.attune.RunStatus;
import io.attune.runtime.FlowException;
import io.attune.trainer.run.ProgressEvent;
import io.attune.trainer.run.RunArtifact;
import io.attune.trainer.run.RunFolder;
import io.attune.trainer.run.RunState;
import java.time.Instant;

/// Runs and their events as messages.
final class RunMessages {
  private RunMessages() {}

  /// The same, also of a run whose state cannot be read: without a status, and why.
  static Run any(RunFolder run) {
    try {
      return run(run);
    } catch (FlowException e) {
      return Run.newBuilder().setId(run.id()).setDetails(String.valueOf(e.getMessage())).build();
    }
  }

  /// A run as it stands.
  static Run run(RunFolder run) {
    return run(run, run.state());
  }

  static Run run(RunFolder run, RunState state) {
    Run.Builder message =
        Run.newBuilder()
            .setId(run.id())
            .setStatus(status(state))
            .setDetails(state.details())
            .setCreated(timestamp(state.created()))
            .setAttempts(state.attempts())
            .setArtifact(run.artifact().map(RunArtifact::model).orElse(""));
    if (state.started() != null) {
      message.setStarted(timestamp(state.started()));
    }
    if (state.finished() != null) {
      message.setFinished(timestamp(state.finished()));
    }
    return message.build();
  }

  private static RunStatus status(RunState state) {
    return switch (state.status()) {
      case CREATED -> RunStatus.CREATED;
      case STARTED -> RunStatus.STARTED;
      case FINISHED -> RunStatus.FINISHED;
      case FAILED -> RunStatus.FAILED;
      case CANCELLED -> RunStatus.CANCELLED;
    };
  }

  private static Timestamp timestamp(Instant instant) {
    return Timestamp.newBuilder()
        .setSeconds(instant.getEpochSecond())
        .setNanos(instant.getNano())
        .build();
  }

  static RunEvent event(ProgressEvent event) {
    RunEvent.Builder message = RunEvent.newBuilder().setStep(event.step());
    switch (event) {
      case ProgressEvent.FitBegin begin ->
          message.getFitBeginBuilder().setEpochs(begin.epochs()).setTotalSteps(begin.totalSteps());
      case ProgressEvent.Step step ->
          message
              .getFitStepBuilder()
              .setEpoch(step.epoch())
              .setLoss(step.loss())
              .setLearningRate(step.learningRate())
              .setItemsPerSecond(step.itemsPerSecond())
              .setSecondsLeft(step.secondsLeft());
      case ProgressEvent.Evaluated evaluated -> evaluated(message, evaluated);
      case ProgressEvent.EpochEnd end ->
          message.getEpochEndBuilder().setEpoch(end.epoch()).putAllValues(end.values());
      case ProgressEvent.Message text -> message.getMessageBuilder().setText(text.text());
      case ProgressEvent.FitEnd end ->
          message.getFitEndBuilder().setSeconds(end.seconds()).setReason(end.reason());
    }
    return message.build();
  }

  private static void evaluated(RunEvent.Builder message, ProgressEvent.Evaluated evaluated) {
    RunEvent.Evaluated.Builder builder =
        message
            .getEvaluatedBuilder()
            .setEpoch(evaluated.epoch())
            .setPhase(evaluated.phase())
            .setCaption(evaluated.caption());
    evaluated.metrics().forEach((metric, value) -> builder.putMetrics(metric, estimate(value)));
    evaluated.gain().forEach((metric, value) -> builder.putGain(metric, estimate(value)));
  }

  private static Estimate estimate(io.attune.evaluator.metrics.Estimate value) {
    return Estimate.newBuilder()
        .setValue(value.value())
        .setLow(value.low())
        .setHigh(value.high())
        .build();
  }
}
