package io.attune.gateway.rollout;

import io.attune.gateway.rollout.record.GateRecord;
import io.attune.gateway.rollout.record.RolloutRecord;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;
import io.attune.runtime.error.Failures;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongToIntFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The gate of the rollouts of one model: asks a [Judge], on a thread of its own, and again where
/// that may help. The lock of the [Driver] guards it.
final class Gating {
  private final Judge judge;
  private final Supplier<Attempts> attempts;
  private final Timing timing;
  private final Asking asking;
  private String rollout = "";
  private @Nullable GateRecord found;
  private long began;
  private long retry;

  /// @param attempts all of the model so far; asked on the thread that compares
  /// @param noting notes something under the lock, and lets the driver look again where it says
  ///   that there was something to note
  Gating(
      Judge judge, Supplier<Attempts> attempts, Timing timing, Consumer<BooleanSupplier> noting) {
    this.judge = judge;
    this.attempts = attempts;
    this.timing = timing;
    this.asking = new Asking(noting);
  }

  /// Whether a rollout asks for a gain and was not yet compared.
  static boolean isNeeded(RolloutRecord rollout) {
    return rollout.settings().minGain() != null && rollout.gate() == null;
  }

  /// What was found; null where it is not known yet: then it is being asked.
  @Nullable GateRecord ask(RolloutRecord asked) {
    long now = System.nanoTime();
    if (!asked.id().equals(rollout)) {
      stop();
      rollout = asked.id();
      found = null;
      began = now;
      retry = now;
    }
    if (found == null && !asking.isUnderWay() && retry - now <= 0) {
      asking.begin(
          "gate-" + asked.model(),
          () -> compare(asked),
          verdict -> {
            found = verdict;
            return true;
          },
          failure -> {
            failed(Failures.from(failure));
            return true;
          });
    }
    return found;
  }

  /// How long until it is asked again.
  long nanosToRetry() {
    return asking.isUnderWay() ? Long.MAX_VALUE : Math.max(1, retry - System.nanoTime());
  }

  private GateRecord compare(RolloutRecord asked) throws InterruptedException {
    Attempts all = attempts.get();
    LongToIntFunction attempt = heldOut -> all.next(asked.to(), heldOut);
    return GateRecord.of(
        judge.judge(
            new Judge.Question(
                new ModelVersion(asked.model(), asked.from()),
                new ModelVersion(asked.model(), asked.to()),
                Objects.requireNonNull(asked.settings().minGain()),
                attempt)));
  }

  private void failed(FlowException failure) {
    long now = System.nanoTime();
    if (mayHelp(failure.code()) && now - began < timing.limit().toNanos()) {
      retry = now + timing.mostPause().toNanos();
    } else {
      found = GateRecord.nothing(String.valueOf(failure.getMessage()));
    }
  }

  private static boolean mayHelp(ErrorCode code) {
    return switch (code) {
      case UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED, RESOURCE_EXHAUSTED, INTERNAL -> true;
      case INVALID_ARGUMENT,
          UNAUTHENTICATED,
          PERMISSION_DENIED,
          NOT_FOUND,
          ALREADY_EXISTS,
          FAILED_PRECONDITION,
          DATA_LOSS,
          UNIMPLEMENTED ->
          false;
    };
  }

  /// Asks no more.
  void stop() {
    asking.stop();
  }
}
