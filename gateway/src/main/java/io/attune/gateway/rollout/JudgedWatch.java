package io.attune.gateway.rollout;

import io.attune.gateway.rollout.record.JudgedRecord;
import io.attune.gateway.rollout.record.RolloutRecord;
import io.attune.gateway.rollout.record.RolloutStore;
import io.attune.gateway.rollout.record.Stored;
import io.attune.proto.attune.RolloutState;
import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What people say of the searches of the last rollout's CANARY, as its [Driver] sees it, whose
/// lock guards everything here.
///
/// [Judgments] are asked every ten seconds while that state lasts and once when it is over, outside
/// the lock, on a thread that nobody waits for; what is news is on disk before it is told. It is
/// shown and decides nothing: where it cannot be had, the log says so once in a rollout.
final class JudgedWatch {
  /// How long after one question the next is asked.
  static final Duration PAUSE = Duration.ofSeconds(10);

  private static final Logger log = LoggerFactory.getLogger(JudgedWatch.class);

  private final RolloutStore store;
  private final Judgments judgments;
  private final long pauseNanos;
  private final Asking asking;
  private JudgedRecord found = JudgedRecord.nothing("");
  private @Nullable Stored<JudgedRecord> kept;
  private String watched = "";
  private String warned = "";
  private long asked;

  /// @param pause between two questions
  /// @param noting notes something under the lock, and lets the driver look again where it says
  ///   that there was something to note
  JudgedWatch(
      RolloutStore store, Judgments judgments, Duration pause, Consumer<BooleanSupplier> noting) {
    this.store = store;
    this.judgments = judgments;
    this.pauseNanos = pause.toNanos();
    this.asking = new Asking(noting);
  }

  /// What was said in a rollout.
  JudgedRecord of(RolloutRecord rollout) {
    if (!found.rollout().equals(rollout.id())) {
      kept = rollout.settings().hasCanary() ? read(rollout) : null;
      found = kept == null ? JudgedRecord.nothing(rollout.id()) : kept.value();
    }
    return found;
  }

  private @Nullable Stored<JudgedRecord> read(RolloutRecord rollout) {
    try {
      return store.judged(rollout.id()).orElse(null);
    } catch (FlowException failure) {
      warn(rollout, failure);
      return null;
    }
  }

  /// Asks where it is time to: in CANARY now and then, and once more where that is over.
  void look(RolloutRecord rollout) {
    boolean goesOn = rollout.state() == RolloutState.CANARY && !rollout.settings().shadow();
    long now = System.nanoTime();
    if (goesOn && !watched.equals(rollout.id())) {
      stop();
      watched = rollout.id();
      asked = now - pauseNanos;
    }
    boolean isDue = !goesOn || now - asked >= pauseNanos;
    if (watched.equals(rollout.id()) && !asking.isUnderWay() && isDue) {
      watched = goesOn ? watched : "";
      asked = now;
      asking.begin(
          "judged-" + rollout.id(),
          () -> ask(rollout),
          told -> told.isPresent() && note(rollout, told.get()),
          failure -> {
            warn(rollout, failure);
            return false;
          });
    }
  }

  private Optional<Judgments.Both> ask(RolloutRecord rollout) throws InterruptedException {
    return judgments.since(
        began(rollout),
        new ModelVersion(rollout.model(), rollout.from()),
        new ModelVersion(rollout.model(), rollout.to()));
  }

  private static Instant began(RolloutRecord rollout) {
    return rollout.steps().stream()
        .filter(step -> step.state() == RolloutState.CANARY)
        .map(step -> Instant.ofEpochMilli(step.began()))
        .findFirst()
        .orElseThrow();
  }

  private boolean note(RolloutRecord rollout, Judgments.Both told) {
    JudgedRecord next =
        new JudgedRecord(
            rollout.id(), JudgedRecord.Count.of(told.from()), JudgedRecord.Count.of(told.to()));
    if (next.equals(of(rollout))) {
      return false;
    }
    try {
      store.judged(kept, next).ifPresent(stored -> kept = stored);
    } catch (FlowException failure) {
      warn(rollout, failure);
    }
    found = next;
    return true;
  }

  private void warn(RolloutRecord rollout, RuntimeException failure) {
    if (!warned.equals(rollout.id())) {
      warned = rollout.id();
      log.atWarn()
          .addKeyValue("rollout", rollout.id())
          .addKeyValue("reason", failure.getMessage())
          .log("what people say of the canary is not known; it goes on without");
    }
  }

  /// Asks no more.
  void stop() {
    asking.stop();
  }
}
