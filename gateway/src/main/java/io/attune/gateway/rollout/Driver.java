package io.attune.gateway.rollout;

import io.attune.gateway.rollout.record.GateRecord;
import io.attune.gateway.rollout.record.LiveRecord;
import io.attune.gateway.rollout.record.RolloutRecord;
import io.attune.gateway.rollout.trial.Comparison;
import io.attune.proto.attune.ParticipantProgress;
import io.attune.proto.attune.RolloutComparison;
import io.attune.proto.attune.RolloutState;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Drives the rollouts of one model.
///
/// It compares what the [Ledger] says with what the participants confirmed, and does the next thing
/// that is missing; again whenever something changes. So it does not matter how it came to where it
/// is: a participant that joins, one that was killed, and a coordinator that starts with a rollout
/// half done are all the same to it. What is next is on disk before anybody is told:
///
/// 1. The live record names the version that the rollout's state asks for.
/// 2. Every participant is commanded to be in the state, in the order of [Commands#waves], each on
///    a thread of its own, until it confirms. Who cannot be reached is asked again, up to a limit;
///    who refuses ends the rollout: as ROLLOUT_FAILED before LIVE, as ROLLED_BACK in it. An end is
///    not held up by refusals; they are told.
/// 3. Once all are there the rollout goes to its next state, where it does not wait for a time or
///    for somebody. In READY one that asks for a gain goes through the gate ([Gating]). Just before
///    LIVE all are asked once more, as a shard may have fallen behind.
///
/// The lock guards everything, [Parts] too: so those who steer stand here beside the thread that
/// drives. Disk is written inside it, participants are called outside.
final class Driver implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Driver.class);
  private static final long LONGEST_LOOK = TimeUnit.SECONDS.toNanos(1);
  private static final Duration LEAVING = Duration.ofSeconds(10);

  private final Ledger ledger;
  private final Parts parts;
  private final Gating gating;
  private final TrialWatch trials;
  private final JudgedWatch judged;
  private final Timing timing;
  private final InstantSource clock;
  private final Runnable onFenced;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Condition told = lock.newCondition();
  private final Thread thread;
  private long changes;
  private @Nullable RolloutRecord verified;
  private @Nullable String proceeding;
  private @Nullable String fenced;
  private boolean closed;

  /// @param encoder where shards embed again; empty for what they know themselves; null while no
  ///   encoder came with the model
  Driver(
      Ledger ledger,
      Members members,
      Supplier<@Nullable String> encoder,
      Coordinator.Options options,
      InstantSource clock) {
    this.ledger = ledger;
    this.timing = options.timing();
    this.onFenced = options.onFenced();
    this.clock = clock;
    this.trials = new TrialWatch(ledger.store(), members, this::settle);
    this.judged =
        new JudgedWatch(ledger.store(), options.judgments(), JudgedWatch.PAUSE, this::settle);
    this.parts =
        new Parts(ledger, members, encoder, timing, options.isShared(), this::settle, trials);
    this.gating = new Gating(options.judge(), ledger::attempts, timing, this::settle);
    this.thread = Thread.ofVirtual().name("rollouts-" + ledger.live().model()).unstarted(this::run);
  }

  Driver start() {
    thread.start();
    return this;
  }

  /// Looks again, as somebody came or went.
  void wake() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// What is live.
  LiveRecord live() {
    return locked(() -> ledger.live());
  }

  /// The last rollout as it is on disk; null before the first.
  @Nullable RolloutRecord rollout() {
    return locked(() -> ledger.rollout());
  }

  /// The rollout that a request began.
  ///
  /// @param requestId empty for none
  Optional<RolloutRecord> of(String requestId) {
    return ledger.of(requestId);
  }

  /// How far the participants are.
  List<ParticipantProgress> progress() {
    return locked(() -> parts.progress());
  }

  /// What CANARY found so far in the last rollout; null where it had none.
  @Nullable RolloutComparison comparison() {
    return locked(() -> {
      RolloutRecord last = ledger.rollout();
      return last == null ? null : Messages.comparison(trials.of(last), judged.of(last));
    });
  }

  /// Why this coordinator does not count any more; null where it does.
  @Nullable String fenced() {
    return locked(() -> fenced);
  }

  /// Waits until more happened than was seen.
  ///
  /// @return how much happened so far
  long awaitChange(long seen, Duration atMost) throws InterruptedException {
    long left = atMost.toNanos();
    lock.lockInterruptibly();
    try {
      while (changes == seen && left > 0 && !closed) {
        left = told.awaitNanos(left);
      }
      return changes;
    } finally {
      lock.unlock();
    }
  }

  /// Begins a rollout, unless one of the same request began: then that one is the answer.
  ///
  /// @param requestId empty for none
  /// @param draft makes it, from what is live
  /// @throws FlowException FAILED_PRECONDITION where another one is not over
  RolloutRecord begin(String requestId, Function<LiveRecord, RolloutRecord> draft) {
    return onDisk(() -> {
      Optional<RolloutRecord> same = ledger.of(requestId);
      if (same.isPresent()) {
        return same.get();
      }
      RolloutRecord last = ledger.rollout();
      if (last != null && !last.isOver()) {
        throw refused(
            "rollout: %s of %s is in %s".formatted(last.id(), last.model(), last.state()),
            last.state() == RolloutState.LIVE
                ? "RETIRED, which `proceed` brings at once"
                : "none under way");
      }
      ledger.begin(draft.apply(ledger.live()));
      return Objects.requireNonNull(ledger.rollout());
    });
  }

  /// Changes the rollout under way.
  ///
  /// @param id the rollout's
  RolloutRecord change(String id, UnaryOperator<RolloutRecord> change) {
    return onDisk(() -> {
      RolloutRecord last = ledger.rollout();
      if (last == null || !last.id().equals(id)) {
        throw refused("rollout: %s is over".formatted(id), "one under way");
      }
      RolloutRecord next = change.apply(last);
      if (!next.equals(last)) {
        ledger.change(next);
      }
      return next;
    });
  }

  /// Puts everything back: at once, where the new version was live.
  RolloutRecord back(String id, String why) {
    return change(
        id,
        last -> {
          if (last.isEnd()) {
            throw refused("rollout: %s is %s".formatted(id, last.state()), "one before RETIRED");
          }
          return last.going(RolloutState.ROLLED_BACK, why, parts.present(), clock.instant());
        });
  }

  /// Ends a wait: of CANARY for LIVE, once shards are asked again, of LIVE for RETIRED.
  RolloutRecord proceed(String id) throws InterruptedException {
    RolloutRecord asked =
        change(
            id,
            last -> {
              RolloutState next =
                  switch (last.state()) {
                    case CANARY -> RolloutState.CANARY;
                    case LIVE -> RolloutState.RETIRED;
                    default -> RolloutState.UNRECOGNIZED;
                  };
              if (!last.reached() || next == RolloutState.UNRECOGNIZED) {
                throw refused(
                    "rollout: %s is in %s%s"
                        .formatted(id, last.state(), last.reached() ? "" : ", not reached"),
                    "CANARY or LIVE, reached");
              }
              if (next == RolloutState.CANARY) {
                proceeding = id;
                return last;
              }
              return last.going(next, "", parts.present(), clock.instant());
            });
    return asked.state() == RolloutState.CANARY ? awaitLeft(asked) : asked;
  }

  /// Waits until a rollout is in another state than it was, or the shards take too long.
  private RolloutRecord awaitLeft(RolloutRecord before) throws InterruptedException {
    long left = LEAVING.toNanos();
    lock.lockInterruptibly();
    try {
      RolloutRecord now = Objects.requireNonNull(ledger.rollout());
      while (now.state() == before.state() && left > 0 && !closed && fenced == null) {
        left = told.awaitNanos(left);
        now = Objects.requireNonNull(ledger.rollout());
      }
      return now.id().equals(before.id()) ? now : before;
    } finally {
      lock.unlock();
    }
  }

  /// Waits until every gateway that can be reached does what the last state asks of it.
  ///
  /// @return whether they all do
  boolean awaitGateways(Duration atMost) throws InterruptedException {
    long left = atMost.toNanos();
    lock.lockInterruptibly();
    try {
      while (!parts.gatewaysHeard()) {
        if (left <= 0 || closed) {
          return false;
        }
        left = told.awaitNanos(left);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /// Whether a member confirmed where the Flow is now.
  boolean isCurrent(Member member) {
    return locked(() -> parts.isCurrent(member));
  }

  private <T extends @Nullable Object> T locked(Supplier<T> look) {
    lock.lock();
    try {
      return look.get();
    } finally {
      lock.unlock();
    }
  }

  private <T> T onDisk(Supplier<T> work) {
    lock.lock();
    try {
      if (fenced != null || closed) {
        throw new FlowException(
            ErrorCode.UNAVAILABLE,
            fenced == null ? "coordinator: stops (expected: to be asked again later)" : fenced);
      }
      T result = work.get();
      happened();
      changed.signalAll();
      return result;
    } catch (FencedException lost) {
      fence(lost);
      throw new FlowException(ErrorCode.UNAVAILABLE, Objects.toString(lost.getMessage()), lost);
    } catch (FlowException failure) {
      if (failure.code() == ErrorCode.UNAVAILABLE) {
        rereadAfter(failure); // it may be on disk nevertheless
        changed.signalAll();
      }
      throw failure;
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    lock.lock();
    try {
      while (!closed && fenced == null) {
        look();
      }
    } catch (InterruptedException _) {
      // closed
    } finally {
      RolloutRecord last = ledger.rollout();
      if (last != null && fenced == null) {
        trials.keep(last);
      }
      parts.stop();
      gating.stop();
      judged.stop();
      lock.unlock();
    }
  }

  @SuppressWarnings("WaitNotInLoop") // its caller is the loop
  private void look() throws InterruptedException {
    try {
      long pause = step();
      if (pause > 0) {
        var _ = changed.awaitNanos(Math.min(pause, LONGEST_LOOK));
      }
    } catch (FencedException lost) {
      fence(lost);
    } catch (FlowException failure) {
      log.atWarn()
          .addKeyValue("model", ledger.live().model())
          .addKeyValue("reason", failure.getMessage())
          .log("rollout cannot go on");
      var _ = changed.awaitNanos(timing.mostPause().toNanos());
      rereadAfter(failure);
    }
  }

  private void rereadAfter(FlowException failure) {
    try {
      ledger.reread();
    } catch (FencedException lost) {
      fence(lost);
    } catch (FlowException again) {
      failure.addSuppressed(again); // tried again with the next step
    }
  }

  /// Does what can be done now.
  ///
  /// @return how long nothing more can be done, unless something changes; 0 for go on
  private long step() {
    RolloutRecord rollout = ledger.rollout();
    if (rollout != null) {
      ledger.flip(rollout.live());
      judged.look(rollout);
    }
    boolean all = parts.command();
    if (rollout == null || !parts.isManned()) {
      return parts.nanosToRetry();
    }
    String failure = rollout.isEnd() ? null : parts.failure(rollout);
    if (failure != null) {
      RolloutState end =
          rollout.isBeforeLive() ? RolloutState.ROLLOUT_FAILED : RolloutState.ROLLED_BACK;
      go(rollout, end, failure);
      return 0;
    }
    if (!all) {
      return parts.nanosToRetry();
    }
    if (!rollout.reached()) {
      trials.keep(rollout);
      ledger.change(rollout.reached(parts.amiss(rollout), clock.instant()));
      log(Objects.requireNonNull(ledger.rollout()), "reached");
      happened();
      return 0;
    }
    return advance(rollout);
  }

  private long advance(RolloutRecord rollout) {
    return switch (rollout.state()) {
      case PREPARING -> go(rollout, RolloutState.REINDEXING, "");
      case REINDEXING -> go(rollout, RolloutState.READY, "");
      case READY -> Gating.isNeeded(rollout) ? judge(rollout) : pass(rollout);
      case CANARY -> tryOut(rollout);
      case LIVE -> {
        long left = nanosTo(rollout.reachedAt(), rollout.settings().drainSeconds());
        yield left > 0 ? left : go(rollout, RolloutState.RETIRED, "");
      }
      case RETIRED, ROLLED_BACK, ROLLOUT_FAILED -> parts.nanosToRetry();
      case ROLLOUT_STATE_UNSPECIFIED, UNRECOGNIZED -> throw new IllegalStateException();
    };
  }

  private long judge(RolloutRecord rollout) {
    GateRecord found = gating.ask(rollout);
    if (found == null) {
      return gating.nanosToRetry();
    }
    ledger.change(rollout.judged(found));
    log.atInfo()
        .addKeyValue("rollout", rollout.id())
        .addKeyValue("verdict", found.reason())
        .log("gate");
    happened();
    return 0;
  }

  /// Goes on behind the gate, or not.
  private long pass(RolloutRecord rollout) {
    GateRecord gate = rollout.gate();
    if (gate != null && !gate.passed() && !rollout.settings().force()) {
      return go(rollout, RolloutState.ROLLOUT_FAILED, "gate: " + gate.reason());
    }
    return rollout.settings().hasCanary() ? go(rollout, RolloutState.CANARY, "") : goLive(rollout);
  }

  /// Waits in CANARY, unless the new version is worse.
  private long tryOut(RolloutRecord rollout) {
    long pause = trials.look(rollout);
    String worse = Comparison.worse(trials.of(rollout));
    if (worse != null) {
      return go(rollout, RolloutState.ROLLED_BACK, worse);
    }
    int seconds = rollout.settings().canarySeconds();
    long left = seconds == 0 ? Long.MAX_VALUE : nanosTo(rollout.reachedAt(), seconds);
    return left > 0 && !rollout.id().equals(proceeding) ? Math.min(left, pause) : goLive(rollout);
  }

  /// A shard that was ready long ago may have fallen behind: it is asked again before the flip.
  private long goLive(RolloutRecord rollout) {
    if (!rollout.equals(verified)) {
      verified = rollout;
      parts.doubtShards();
      return 0;
    }
    return go(rollout, RolloutState.LIVE, "");
  }

  private long go(RolloutRecord rollout, RolloutState next, String why) {
    trials.keep(rollout);
    ledger.change(rollout.going(next, why, parts.present(), clock.instant()));
    ledger.flip(Objects.requireNonNull(ledger.rollout()).live());
    log(Objects.requireNonNull(ledger.rollout()), "begins");
    parts.waitAnew();
    happened();
    return 0;
  }

  private long nanosTo(long since, int seconds) {
    long end = since + TimeUnit.SECONDS.toMillis(seconds);
    return TimeUnit.MILLISECONDS.toNanos(Math.max(0, end - clock.millis()));
  }

  /// Lets a participant's answer be noted.
  private void settle(BooleanSupplier note) {
    lock.lock();
    try {
      if (note.getAsBoolean()) {
        happened();
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  private void happened() {
    changes++;
    told.signalAll();
  }

  private void fence(FencedException lost) {
    fenced = Objects.toString(lost.getMessage());
    log.atError().addKeyValue("reason", fenced).log("another coordinator took over");
    parts.stop();
    onFenced.run();
    happened();
    changed.signalAll();
  }

  /// Makes sure that nobody took over meanwhile.
  ///
  /// @return whether it is known that nobody did
  boolean verify() {
    lock.lock();
    try {
      if (fenced == null) {
        ledger.reread();
      }
      return fenced == null;
    } catch (FencedException lost) {
      fence(lost);
      return false;
    } catch (FlowException _) {
      return false;
    } finally {
      lock.unlock();
    }
  }

  static FlowException refused(String what, String expected) {
    return new FlowException(
        ErrorCode.FAILED_PRECONDITION, "%s (expected: %s)".formatted(what, expected));
  }

  private static void log(RolloutRecord rollout, String what) {
    log.atInfo()
        .addKeyValue("rollout", rollout.id())
        .addKeyValue("from", rollout.from())
        .addKeyValue("to", rollout.to())
        .addKeyValue("epoch", rollout.epoch())
        .addKeyValue("state", rollout.state())
        .addKeyValue("reason", rollout.reason())
        .log("rollout state " + what);
  }

  /// When a rollout's old version goes, in LIVE; null in other states.
  static @Nullable Instant retires(RolloutRecord rollout) {
    return rollout.state() == RolloutState.LIVE && rollout.reached()
        ? Instant.ofEpochMilli(rollout.reachedAt()).plusSeconds(rollout.settings().drainSeconds())
        : null;
  }

  /// Stops; what is under way is gone on with by the next coordinator.
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
      told.signalAll();
    } finally {
      lock.unlock();
    }
    try {
      thread.join();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
