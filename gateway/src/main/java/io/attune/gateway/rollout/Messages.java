package io.attune.gateway.rollout;

import com.google.protobuf.Timestamp;
import io.attune.gateway.rollout.record.JudgedRecord;
import io.attune.gateway.rollout.record.LiveRecord;
import io.attune.gateway.rollout.record.RolloutRecord;
import io.attune.gateway.rollout.record.TrialRecord;
import io.attune.gateway.rollout.trial.Comparison;
import io.attune.proto.attune.LiveVersion;
import io.attune.proto.attune.ParticipantProgress;
import io.attune.proto.attune.Rollout;
import io.attune.proto.attune.RolloutComparison;
import io.attune.proto.attune.RolloutStep;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Records as messages of `attune.proto`.
final class Messages {
  private Messages() {}

  /// @param comparison null where there is none
  static Rollout of(
      RolloutRecord rollout,
      List<ParticipantProgress> participants,
      @Nullable RolloutComparison comparison) {
    Rollout.Builder message =
        Rollout.newBuilder()
            .setId(rollout.id())
            .setModel(rollout.model())
            .setFromVersion(Integer.toString(rollout.from()))
            .setToVersion(Integer.toString(rollout.to()))
            .setFromSpace(rollout.fromSpace())
            .setToSpace(rollout.toSpace())
            .setOptions(rollout.settings().toProto())
            .setEpoch(rollout.epoch())
            .setState(rollout.state())
            .setReached(rollout.reached())
            .setReason(rollout.reason())
            .setPaused(rollout.paused())
            .addAllParticipants(participants);
    rollout.steps().forEach(step -> message.addSteps(of(step)));
    if (rollout.gate() != null) {
      message.setGate(rollout.gate().toProto());
    }
    if (comparison != null) {
      message.setComparison(comparison);
    }
    Instant retires = Driver.retires(rollout);
    if (retires != null) {
      message.setRetires(timestamp(retires.toEpochMilli()));
    }
    return message.build();
  }

  /// What a trial found; null where nothing was counted.
  ///
  /// @param judged what people said of it
  static @Nullable RolloutComparison comparison(TrialRecord counted, JudgedRecord judged) {
    return counted.reports().isEmpty() ? null : Comparison.of(counted, judged);
  }

  private static RolloutStep of(RolloutRecord.Step step) {
    RolloutStep.Builder message =
        RolloutStep.newBuilder().setState(step.state()).setBegan(timestamp(step.began()));
    if (step.ended() != 0) {
      message.setReached(timestamp(step.ended()));
    }
    return message.build();
  }

  static LiveVersion of(LiveRecord live) {
    return LiveVersion.newBuilder()
        .setModel(live.model())
        .setVersion(Integer.toString(live.version()))
        .setPrevious(live.previous() == 0 ? "" : Integer.toString(live.previous()))
        .setRollout(live.rollout())
        .setEpoch(live.epoch())
        .build();
  }

  private static Timestamp timestamp(long millis) {
    Instant instant = Instant.ofEpochMilli(millis);
    return Timestamp.newBuilder()
        .setSeconds(instant.getEpochSecond())
        .setNanos(instant.getNano())
        .build();
  }
}
