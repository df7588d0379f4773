package io.attune.gateway.rollout;

import io.attune.gateway.rollout.record.LiveRecord;
import io.attune.gateway.rollout.record.RolloutRecord;
import io.attune.proto.attune.MoveRequest;
import io.attune.proto.attune.ParticipantProgress;
import io.attune.proto.attune.RolloutState;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
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
///    for somebody. Just before LIVE all are asked once more, as a shard may have fallen behind.
///
/// The lock guards everything. Disk is written inside it, participants are called outside.
final class Driver implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Driver.class);
  private static final long LONGEST_LOOK = TimeUnit.SECONDS.toNanos(1);

  private final Ledger ledger;
  private final Members members;
  private final Supplier<String> encoder;
  private final Timing timing;
  private final InstantSource clock;
  private final boolean isShared;
  private final Runnable onFenced;
  private final long started = System.nanoTime();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Condition told = lock.newCondition();
  private final Map<Identity, Part> parts = new LinkedHashMap<>();
  private final Thread thread;
  private final Set<String> seen = new HashSet<>();
  private long changes;
  private @Nullable RolloutRecord verified;
  private long missingSince;
  private boolean isMissing;
  private @Nullable String fenced;
  private boolean closed;

  /// @param encoder where shards embed again; empty for what they know themselves
  /// @param isShared whether participants of other processes may have known another coordinator
  /// @param onFenced told once another coordinator took over
  Driver(
      Ledger ledger,
      Members members,
      Supplier<String> encoder,
      Timing timing,
      InstantSource clock,
      boolean isShared,
      Runnable onFenced) {
    this.isShared = isShared;
    this.onFenced = onFenced;
    this.ledger = ledger;
    this.members = members;
    this.encoder = encoder;
    this.timing = timing;
    this.clock = clock;
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
    lock.lock();
    try {
      return ledger.live();
    } finally {
      lock.unlock();
    }
  }

  /// The last rollout as it is on disk; null before the first.
  @Nullable RolloutRecord rollout() {
    lock.lock();
    try {
      return ledger.rollout();
    } finally {
      lock.unlock();
    }
  }

  /// How far the participants are.
  List<ParticipantProgress> progress() {
    lock.lock();
    try {
      return parts.values().stream()
          .filter(part -> isConcerned(part.member()))
          .map(part -> part.progress(command()))
          .toList();
    } finally {
      lock.unlock();
    }
  }

  /// Why this coordinator does not count any more; null where it does.
  @Nullable String fenced() {
    lock.lock();
    try {
      return fenced;
    } finally {
      lock.unlock();
    }
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

  /// Begins a rollout.
  ///
  /// @param draft makes it, from what is live
  /// @throws FlowException FAILED_PRECONDITION where another one is not over
  RolloutRecord begin(java.util.function.Function<LiveRecord, RolloutRecord> draft) {
    return onDisk(() -> {
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
          return last.going(RolloutState.ROLLED_BACK, why, present(), clock.instant());
        });
  }

  /// Ends a wait: of CANARY for LIVE, of LIVE for RETIRED.
  RolloutRecord proceed(String id) {
    return change(
        id,
        last -> {
          RolloutState next =
              switch (last.state()) {
                case CANARY -> RolloutState.LIVE;
                case LIVE -> RolloutState.RETIRED;
                default -> RolloutState.UNRECOGNIZED;
              };
          if (!last.reached() || next == RolloutState.UNRECOGNIZED) {
            throw refused(
                "rollout: %s is in %s%s"
                    .formatted(id, last.state(), last.reached() ? "" : ", not reached"),
                "CANARY or LIVE, reached");
          }
          return last.going(next, "", present(), clock.instant());
        });
  }

  /// Waits until every gateway that can be reached does what the last state asks of it.
  ///
  /// @return whether they all do
  boolean awaitGateways(Duration atMost) throws InterruptedException {
    long left = atMost.toNanos();
    lock.lockInterruptibly();
    try {
      while (!gatewaysHeard()) {
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

  private boolean gatewaysHeard() {
    MoveRequest command = command();
    if (ledger.live().version() != wanted()) {
      return false;
    }
    for (Member member : members.present()) {
      if (member.identity().kind() == Identity.Kind.GATEWAY) {
        Part part = parts.get(member.identity());
        boolean heard = part != null && part.member().equals(member) && part.heard(command);
        if (!heard && (part == null || part.problem().isEmpty())) {
          return false;
        }
      }
    }
    return true;
  }

  /// Whether a member confirmed where the Flow is now.
  boolean isCurrent(Member member) {
    lock.lock();
    try {
      if (!isConcerned(member)) {
        return true;
      }
      Part part = parts.get(member.identity());
      return part != null && part.member().equals(member) && part.isAt(command());
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
      parts.values().forEach(Part::stop);
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
    }
    forget();
    boolean all = command(Commands.waves(rollout));
    if (rollout == null) {
      return untilRetry();
    }
    String failure = rollout.isEnd() ? null : failure(rollout);
    if (failure != null) {
      RolloutState end =
          rollout.isBeforeLive() ? RolloutState.ROLLOUT_FAILED : RolloutState.ROLLED_BACK;
      go(rollout, end, failure);
      return 0;
    }
    if (!all) {
      return untilRetry();
    }
    if (!rollout.reached()) {
      ledger.change(rollout.reached(clock.instant()));
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
      case READY ->
          rollout.settings().hasCanary() ? go(rollout, RolloutState.CANARY, "") : goLive(rollout);
      case CANARY -> {
        int seconds = rollout.settings().canarySeconds();
        long left = seconds == 0 ? Long.MAX_VALUE : nanosTo(rollout.reachedAt(), seconds);
        yield left > 0 ? left : goLive(rollout);
      }
      case LIVE -> {
        long left = nanosTo(rollout.reachedAt(), rollout.settings().drainSeconds());
        yield left > 0 ? left : go(rollout, RolloutState.RETIRED, "");
      }
      case RETIRED, ROLLED_BACK, ROLLOUT_FAILED -> untilRetry();
      case ROLLOUT_STATE_UNSPECIFIED, UNRECOGNIZED -> throw new IllegalStateException();
    };
  }

  /// A shard that was ready long ago may have fallen behind: it is asked again before the flip.
  private long goLive(RolloutRecord rollout) {
    if (!rollout.equals(verified)) {
      verified = rollout;
      parts.values().stream()
          .filter(part -> part.identity().kind() == Identity.Kind.INDEXER)
          .forEach(Part::doubt);
      return 0;
    }
    return go(rollout, RolloutState.LIVE, "");
  }

  private long go(RolloutRecord rollout, RolloutState next, String why) {
    ledger.change(rollout.going(next, why, present(), clock.instant()));
    ledger.flip(Objects.requireNonNull(ledger.rollout()).live());
    log(Objects.requireNonNull(ledger.rollout()), "begins");
    isMissing = false;
    happened();
    return 0;
  }

  /// Commands all who are not there yet, wave by wave.
  ///
  /// @return whether all are there
  private boolean command(List<Set<Identity.Kind>> waves) {
    MoveRequest command = command();
    List<Member> present = members.present();
    present.forEach(member -> seen.add(member.identity().toString()));
    for (Set<Identity.Kind> wave : waves) {
      boolean all = true;
      for (Member member : present) {
        if (wave.contains(member.identity().kind()) && isConcerned(member)) {
          all &= isThere(parts.computeIfAbsent(member.identity(), _ -> new Part(member)), command);
        }
      }
      if (!all || isSomebodyMissing(wave, present)) {
        return false;
      }
    }
    return true;
  }

  private boolean isThere(Part part, MoveRequest command) {
    long now = System.nanoTime();
    if (part.isDue(command, now)) {
      Thread mover =
          Thread.ofVirtual().name("move-" + part.identity()).unstarted(() -> move(part, command));
      part.asking(command, mover);
      mover.start();
    }
    return part.isAt(command) || isExcused(part, command, now);
  }

  /// Whether it goes on without somebody: one who joined meanwhile and cannot; at an end, also one
  /// who refuses it, or cannot be reached for long. Gateways are waited for, as requests that they
  /// stamped may be under way.
  private boolean isExcused(Part part, MoveRequest command, long now) {
    RolloutRecord rollout = ledger.rollout();
    if (rollout == null || part.identity().kind() == Identity.Kind.GATEWAY) {
      return false;
    }
    return (rollout.isEnd() || isNew(part, rollout))
        && (part.refusal(command) != null || part.failsLongerThan(timing.limit().toNanos(), now));
  }

  private static boolean isNew(Part part, RolloutRecord rollout) {
    return !rollout.members().contains(part.identity().toString());
  }

  private void move(Part part, MoveRequest command) {
    Thread self = Thread.currentThread();
    try {
      part.member().peer().move(command, progress -> settle(part, self, () -> part.told(progress)));
      settle(part, self, part::reached);
    } catch (FlowException failure) {
      settle(
          part,
          self,
          () -> {
            if (isFinal(failure.code())) {
              part.refused(failure);
            } else {
              part.failed(failure, timing, System.nanoTime());
            }
          });
    } catch (InterruptedException _) {
      // another command took its place
    } catch (RuntimeException failure) { // a border: whatever it is, it is told
      FlowException told = io.attune.runtime.error.Failures.from(failure);
      settle(part, self, () -> part.failed(told, timing, System.nanoTime()));
    }
  }

  /// Notes what a command came to, unless another one took its place.
  private void settle(Part part, Thread mover, Runnable note) {
    lock.lock();
    try {
      if (part.isAsking(mover)) {
        note.run();
        happened();
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  private static boolean isFinal(ErrorCode code) {
    return switch (code) {
      case UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED, INTERNAL -> false;
      case INVALID_ARGUMENT,
          UNAUTHENTICATED,
          PERMISSION_DENIED,
          NOT_FOUND,
          ALREADY_EXISTS,
          FAILED_PRECONDITION,
          RESOURCE_EXHAUSTED,
          DATA_LOSS,
          UNIMPLEMENTED ->
          true;
    };
  }

  /// Why a rollout cannot go on; null where it can.
  private @Nullable String failure(RolloutRecord rollout) {
    MoveRequest command = command();
    long now = System.nanoTime();
    for (Part part : parts.values()) {
      if (isNew(part, rollout)) {
        continue;
      }
      FlowException refusal = part.refusal(command);
      if (refusal != null) {
        ledger.reread(); // a participant may know of a coordinator that came after this one
        return "%s: %s".formatted(part.identity(), refusal.getMessage());
      }
      if (rollout.isBeforeLive() && part.failsLongerThan(timing.limit().toNanos(), now)) {
        return "%s: cannot be reached for %d s: %s"
            .formatted(part.identity(), timing.limit().toSeconds(), part.problem());
      }
    }
    if (rollout.isBeforeLive() && isMissing && now - missingSince >= timing.limit().toNanos()) {
      return "%s: away for %d s (expected: all shards, and an encoder)"
          .formatted(missing(rollout, members.present()), timing.limit().toSeconds());
    }
    return null;
  }

  /// Whether somebody is waited for who is not here: shards that took part when the state began,
  /// until they come back; others who did, and were not seen since the coordinator's start, for as
  /// long as they would have a lease; and an encoder, whichever.
  private boolean isSomebodyMissing(Set<Identity.Kind> wave, List<Member> present) {
    RolloutRecord rollout = ledger.rollout();
    if (rollout == null || rollout.isOver()) {
      return false;
    }
    boolean recently = System.nanoTime() - started < timing.timeToLive().toNanos();
    boolean missing =
        (isShared && recently && rollout.isEnd() && wave.contains(Identity.Kind.GATEWAY))
            || (!rollout.isEnd() && wave.contains(Identity.Kind.ENCODER) && !hasEncoder(present))
            || missing(rollout, present).stream()
                .anyMatch(each ->
                    isOf(wave, each) && ((recently && !seen.contains(each)) || isShard(each)));
    if (missing && !isMissing) {
      missingSince = System.nanoTime();
    }
    isMissing = missing;
    return missing;
  }

  private boolean hasEncoder(List<Member> present) {
    return present.stream()
        .anyMatch(each -> each.identity().kind() == Identity.Kind.ENCODER && isConcerned(each));
  }

  private static boolean isOf(Set<Identity.Kind> wave, String identity) {
    return wave.stream().anyMatch(kind -> identity.startsWith(kind.label() + " "));
  }

  private static boolean isShard(String identity) {
    return identity.startsWith(Identity.Kind.INDEXER.label() + " ");
  }

  private static List<String> missing(RolloutRecord rollout, List<Member> present) {
    List<String> missing = new ArrayList<>(rollout.members());
    present.forEach(member -> missing.remove(member.identity().toString()));
    return missing;
  }

  /// Gives up the parts of those who went.
  private void forget() {
    List<Member> present = members.present();
    parts
        .values()
        .removeIf(part -> {
          boolean gone = present.stream().noneMatch(member -> member.equals(part.member()));
          if (gone) {
            part.stop();
          }
          return gone;
        });
  }

  private List<String> present() {
    return members.present().stream()
        .filter(this::isConcerned)
        .map(member -> member.identity().toString())
        .toList();
  }

  private boolean isConcerned(Member member) {
    return member.isConcernedWith(ledger.live().model())
        && (ledger.rollout() != null || member.identity().kind() == Identity.Kind.GATEWAY);
  }

  private MoveRequest command() {
    RolloutRecord rollout = ledger.rollout();
    return rollout == null ? Commands.initial(ledger.live()) : Commands.of(rollout, encoder.get());
  }

  private int wanted() {
    RolloutRecord rollout = ledger.rollout();
    return rollout == null ? ledger.live().version() : rollout.live();
  }

  private long untilRetry() {
    MoveRequest command = command();
    long now = System.nanoTime();
    return parts.values().stream()
        .mapToLong(part -> part.nanosToRetry(command, now))
        .min()
        .orElse(Long.MAX_VALUE);
  }

  private long nanosTo(long since, int seconds) {
    long end = since + TimeUnit.SECONDS.toMillis(seconds);
    return TimeUnit.MILLISECONDS.toNanos(Math.max(0, end - clock.millis()));
  }

  private void happened() {
    changes++;
    told.signalAll();
  }

  private void fence(FencedException lost) {
    fenced = Objects.toString(lost.getMessage());
    log.atError().addKeyValue("reason", fenced).log("another coordinator took over");
    parts.values().forEach(Part::stop);
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

  private static FlowException refused(String what, String expected) {
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
