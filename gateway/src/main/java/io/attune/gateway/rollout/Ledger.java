package io.attune.gateway.rollout;

import io.attune.gateway.rollout.record.LiveRecord;
import io.attune.gateway.rollout.record.PastRecord;
import io.attune.gateway.rollout.record.RolloutRecord;
import io.attune.gateway.rollout.record.RolloutStore;
import io.attune.gateway.rollout.record.Stored;
import io.attune.runtime.FlowException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What is on disk of one model, as the coordinator that drives it has written it: the live record,
/// and the last rollout. Not safe for several threads; its [Driver] locks.
///
/// Every change replaces what was seen last. One that comes too late means that another coordinator
/// took over, which gave itself the next epoch in the live record first: [FencedException].
final class Ledger {
  private static final Logger log = LoggerFactory.getLogger(Ledger.class);

  private final RolloutStore store;
  private final InstantSource clock;
  private final String model;
  private Stored<LiveRecord> live;
  private @Nullable Stored<RolloutRecord> rollout;
  private @Nullable RolloutRecord attempted;

  private Ledger(RolloutStore store, InstantSource clock, Stored<LiveRecord> live) {
    this.store = store;
    this.clock = clock;
    this.model = live.value().model();
    this.live = live;
  }

  /// Takes over what is there.
  ///
  /// @param first what is live where nothing is on disk
  static Ledger open(RolloutStore store, InstantSource clock, LiveRecord first) {
    while (true) {
      Optional<Stored<LiveRecord>> found = store.live(first.model());
      if (found.isEmpty()) {
        found = store.live(null, first);
      }
      if (found.isPresent() && isStale(found.get().value(), first)) {
        found = store.live(found.get(), first);
      }
      if (found.isPresent()) {
        Ledger ledger = new Ledger(store, clock, found.get());
        if (ledger.takeOver()) {
          ledger.endOrphans();
          return ledger;
        }
      }
    }
  }

  /// Whether encoders were started with another version, before there was any rollout.
  private static boolean isStale(LiveRecord found, LiveRecord first) {
    return found.rollout().isEmpty() && first.epoch() == 0 && found.version() != first.version();
  }

  /// Raises the epoch of a rollout that is not over.
  ///
  /// @return false where somebody else changed something meanwhile
  private boolean takeOver() {
    String id = live.value().rollout();
    Stored<RolloutRecord> found = id.isEmpty() ? null : store.rollout(id).orElse(null);
    if (found == null || found.value().isOver()) {
      rollout = found;
      return true;
    }
    long epoch = live.value().epoch() + 1;
    Optional<Stored<LiveRecord>> taken = store.live(live, live.value().taken(id, epoch));
    if (taken.isEmpty()) {
      return false;
    }
    live = taken.get();
    Optional<Stored<RolloutRecord>> mine = store.rollout(found, found.value().underEpoch(epoch));
    rollout = mine.orElse(null);
    return mine.isPresent();
  }

  /// Rollouts that were written down, and never began because the coordinator ended before.
  private void endOrphans() {
    for (Stored<RolloutRecord> each : store.rollouts(model)) {
      RolloutRecord orphan = each.value();
      if (!orphan.isOver() && !orphan.id().equals(live.value().rollout())) {
        var _ =
            store.rollout(
                each,
                orphan.neverBegan("coordinator: ended before the rollout began", clock.instant()));
      }
    }
  }

  LiveRecord live() {
    return live.value();
  }

  /// The last rollout; null before the first.
  @Nullable RolloutRecord rollout() {
    return rollout == null ? null : rollout.value();
  }

  /// How often the gate was tried for the model; may be called by any thread.
  Attempts attempts() {
    List<RolloutRecord> rollouts = history();
    PastRecord past = store.past(model).map(Stored::value).orElse(PastRecord.none(model));
    return Attempts.of(past, rollouts); // in this order: what went in between is in the past
  }

  /// The rollout that a request began; may be called by any thread.
  ///
  /// @param requestId empty for none
  Optional<RolloutRecord> of(String requestId) {
    return requestId.isEmpty()
        ? Optional.empty()
        : history().stream().filter(each -> each.requestId().equals(requestId)).findFirst();
  }

  private List<RolloutRecord> history() {
    return store.rollouts(model).stream().map(Stored::value).toList();
  }

  /// The records that it keeps.
  RolloutStore store() {
    return store;
  }

  /// Writes down a rollout, and begins it; records that are too old go.
  void begin(RolloutRecord next) {
    attempted = next;
    Stored<RolloutRecord> created =
        store.rollout(null, next).orElseThrow(() -> fenced("rollout " + next.id()));
    live =
        store
            .live(live, live.value().taken(next.id(), next.epoch()))
            .orElseThrow(() -> fenced("live record"));
    rollout = created;
    prune();
  }

  /// Whatever happens, the rollout goes on.
  private void prune() {
    try {
      Pruning.prune(store, live.value(), Pruning.KEPT);
    } catch (FlowException failure) {
      log.atWarn()
          .addKeyValue("model", model)
          .addKeyValue("reason", failure.getMessage())
          .log("records of old rollouts stay");
    }
  }

  /// Replaces the rollout.
  void change(RolloutRecord next) {
    Stored<RolloutRecord> seen = rollout;
    if (seen == null || !seen.value().id().equals(next.id())) {
      throw new IllegalStateException(next.id() + " (expected: the rollout that is under way)");
    }
    rollout = store.rollout(seen, next).orElseThrow(() -> fenced("rollout " + next.id()));
  }

  /// Lets a version be live, where it is not.
  void flip(int version) {
    if (live.value().version() != version) {
      live =
          store.live(live, live.value().flipped(version)).orElseThrow(() -> fenced("live record"));
    }
  }

  /// Reads again what is there, after a failure that may have changed it or not.
  void reread() {
    LiveRecord mine = live.value();
    Stored<LiveRecord> now = store.live(model).orElseThrow(() -> fenced("live record"));
    if (now.value().epoch() != mine.epoch() && !isMine(now.value())) {
      throw fenced("live record");
    }
    live = now;
    String id = now.value().rollout();
    rollout = id.isEmpty() ? null : store.rollout(id).orElseThrow(() -> fenced("rollout " + id));
    RolloutRecord read = rollout();
    if (read != null && !read.isOver() && read.epoch() != now.value().epoch()) {
      throw fenced("rollout " + id);
    }
  }

  /// Whether a rollout was begun here just before the failure.
  private boolean isMine(LiveRecord now) {
    RolloutRecord mine = attempted;
    return mine != null && mine.id().equals(now.rollout()) && mine.epoch() == now.epoch();
  }

  private FencedException fenced(String what) {
    return new FencedException(
        "%s of model %s: changed by another coordinator (expected: this one alone)"
            .formatted(what, model));
  }
}
