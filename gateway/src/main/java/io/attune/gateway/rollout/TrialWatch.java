package io.attune.gateway.rollout;

import io.attune.gateway.rollout.record.RolloutRecord;
import io.attune.gateway.rollout.record.RolloutStore;
import io.attune.gateway.rollout.record.Stored;
import io.attune.gateway.rollout.record.TrialRecord;
import io.attune.gateway.rollout.trial.Comparison;
import io.attune.proto.attune.ModelStanding;
import io.attune.proto.attune.TrialCount;
import io.attune.runtime.FlowException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the gateways have counted in the last rollout's CANARY, as its [Driver] sees it, whose lock
/// guards everything here.
///
/// Gateways are asked every second, outside the lock, and tell it with every state that they
/// confirm: what they say when a version is gone is all that they ever counted of it. It is written
/// down now and then, as gateway and coordinator often end together, and whenever a state begins or
/// is reached.
final class TrialWatch {
  private static final Logger log = LoggerFactory.getLogger(TrialWatch.class);
  private static final long ASK_NANOS = Duration.ofSeconds(1).toNanos();
  private static final long KEEP_NANOS = Duration.ofSeconds(10).toNanos();

  private final RolloutStore store;
  private final Members members;
  private final Consumer<BooleanSupplier> noting;
  private TrialRecord counted = new TrialRecord("", List.of());
  private @Nullable Stored<TrialRecord> kept;
  private boolean asking;
  private long asked;
  private long keptAt;

  /// @param noting notes something under the lock, and lets the driver look again where it says
  ///   that there was something to note
  TrialWatch(RolloutStore store, Members members, Consumer<BooleanSupplier> noting) {
    this.store = store;
    this.members = members;
    this.noting = noting;
    this.asked = System.nanoTime() - ASK_NANOS;
    this.keptAt = asked;
  }

  /// What was counted in a rollout.
  TrialRecord of(RolloutRecord rollout) {
    if (!counted.rollout().equals(rollout.id())) {
      kept = rollout.settings().hasCanary() ? read(rollout) : null;
      counted = kept == null ? new TrialRecord(rollout.id(), List.of()) : kept.value();
    }
    return counted;
  }

  private @Nullable Stored<TrialRecord> read(RolloutRecord rollout) {
    try {
      return store.trial(rollout.id()).orElse(null);
    } catch (FlowException failure) {
      log.atWarn()
          .addKeyValue("rollout", rollout.id())
          .addKeyValue("reason", failure.getMessage())
          .log("what was counted is lost");
      return null;
    }
  }

  /// Has the gateways asked, where it is time to.
  ///
  /// @return how long until it is time again
  long look(RolloutRecord rollout) {
    long now = System.nanoTime();
    if (now - keptAt >= KEEP_NANOS) {
      keep(rollout);
    }
    long left = ASK_NANOS - (now - asked);
    if (left > 0 || asking) {
      return Math.max(left, 1);
    }
    asking = true;
    asked = now;
    List<Member> gateways =
        members.present().stream()
            .filter(member -> member.identity().kind() == Identity.Kind.GATEWAY)
            .toList();
    var _ = Thread.ofVirtual().name("trial-" + rollout.id()).start(() -> ask(rollout, gateways));
    return ASK_NANOS;
  }

  private void ask(RolloutRecord rollout, List<Member> gateways) {
    List<TrialCount> told = new ArrayList<>();
    for (Member gateway : gateways) {
      try {
        gateway.peer().standing().getModelsList().stream()
            .filter(model -> model.getModel().equals(rollout.model()) && model.hasTrial())
            .map(ModelStanding::getTrial)
            .forEach(told::add);
      } catch (FlowException _) {
        // asked again; the driver sees to those who are away
      }
    }
    noting.accept(() -> {
      asking = false;
      boolean isNews = false;
      for (TrialCount each : told) {
        isNews |= note(rollout, each);
      }
      return isNews;
    });
  }

  /// Notes what a gateway has counted.
  ///
  /// @return whether that is news
  boolean note(RolloutRecord rollout, TrialCount count) {
    if (!count.getRollout().equals(rollout.id())) {
      return false;
    }
    TrialRecord before = of(rollout);
    counted = before.with(Comparison.report(count));
    return !counted.equals(before);
  }

  /// Writes down what is known. Whatever happens, the rollout goes on.
  void keep(RolloutRecord rollout) {
    if (!rollout.settings().hasCanary()) {
      return;
    }
    keptAt = System.nanoTime();
    try {
      TrialRecord now = of(rollout);
      Stored<TrialRecord> before = kept;
      if (before == null ? !now.reports().isEmpty() : !now.equals(before.value())) {
        store.trial(before, now).ifPresent(stored -> kept = stored);
      }
    } catch (FlowException failure) {
      log.atWarn()
          .addKeyValue("rollout", rollout.id())
          .addKeyValue("reason", failure.getMessage())
          .log("what was counted cannot be kept");
    }
  }
}
