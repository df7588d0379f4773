package io.attune.gateway.rollout;

import io.attune.gateway.rollout.record.RolloutRecord;
import io.attune.proto.attune.MoveRequest;
import io.attune.proto.attune.ParticipantProgress;
import io.attune.proto.attune.Progress;
import io.attune.proto.attune.RolloutState;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.error.Failures;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Those who take part in the rollouts of one model now, and the commands that they were given. The
/// lock of the [Driver] guards it; participants are called on threads of their own.
final class Parts {
  private final Ledger ledger;
  private final Members members;
  private final Supplier<@Nullable String> encoder;
  private final Timing timing;
  private final boolean isShared;
  private final Consumer<BooleanSupplier> noting;
  private final TrialWatch trials;
  private final Map<Identity, Part> parts = new LinkedHashMap<>();
  private final Set<String> seen = new HashSet<>();
  private boolean wasManned;
  private long mannedSince;
  private boolean isMissing;
  private long missingSince;

  /// @param encoder where shards embed again; empty for what they know themselves; null while no
  ///   encoder came with the model
  /// @param isShared whether participants of other processes may have known another coordinator
  /// @param noting notes something under the lock, and lets the driver look again where it says
  ///   that there was something to note
  /// @param trials told what gateways count
  Parts(
      Ledger ledger,
      Members members,
      Supplier<@Nullable String> encoder,
      Timing timing,
      boolean isShared,
      Consumer<BooleanSupplier> noting,
      TrialWatch trials) {
    this.ledger = ledger;
    this.members = members;
    this.encoder = encoder;
    this.timing = timing;
    this.isShared = isShared;
    this.noting = noting;
    this.trials = trials;
  }

  /// How far each is.
  List<ParticipantProgress> progress() {
    MoveRequest command = order();
    return parts.values().stream()
        .filter(part -> isConcerned(part.member()))
        .map(part -> part.progress(command))
        .toList();
  }

  /// Whether a member confirmed where the Flow is now.
  boolean isCurrent(Member member) {
    if (!isConcerned(member)) {
      return true;
    }
    Part part = parts.get(member.identity());
    return part != null && part.member().equals(member) && part.isAt(order());
  }

  /// Lets shards be asked again for what they confirmed.
  void doubtShards() {
    parts.values().stream()
        .filter(part -> part.identity().kind() == Identity.Kind.INDEXER)
        .forEach(Part::doubt);
  }

  /// Begins to wait anew for those who are not here, as there is a new state.
  void waitAnew() {
    isMissing = false;
  }

  /// Stops giving commands.
  void stop() {
    parts.values().forEach(Part::stop);
  }

  /// Whether every gateway that can be reached does what is asked of it.
  boolean gatewaysHeard() {
    MoveRequest command = order();
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

  /// Commands all who are not there yet, wave by wave.
  ///
  /// @return whether all are there
  boolean command() {
    forget();
    boolean isManned = isManned(); // before the order, which names the encoder
    if (isManned && !wasManned) {
      wasManned = true;
      mannedSince = System.nanoTime();
    }
    MoveRequest command = order();
    List<Member> present = members.present();
    present.forEach(member -> seen.add(member.identity().toString()));
    for (Set<Identity.Kind> wave : Commands.waves(ledger.rollout())) {
      boolean all = true;
      for (Member member : present) {
        boolean isAsked = isManned || member.identity().kind() == Identity.Kind.GATEWAY;
        if (isAsked && wave.contains(member.identity().kind()) && isConcerned(member)) {
          all &= isThere(parts.computeIfAbsent(member.identity(), _ -> new Part(member)), command);
        }
      }
      if (!all || !isManned || isSomebodyMissing(wave, present)) {
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
      part.member()
          .peer()
          .move(command, progress -> settle(part, self, () -> told(part, progress)));
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
      FlowException told = Failures.from(failure);
      settle(part, self, () -> part.failed(told, timing, System.nanoTime()));
    }
  }

  private void told(Part part, Progress progress) {
    part.told(progress);
    RolloutRecord rollout = ledger.rollout();
    if (rollout != null && progress.hasTrial()) {
      var _ = trials.note(rollout, progress.getTrial());
    }
  }

  /// Notes what a command came to, unless another one took its place.
  private void settle(Part part, Thread mover, Runnable note) {
    noting.accept(() -> {
      boolean isCurrent = part.isAsking(mover);
      if (isCurrent) {
        note.run();
      }
      return isCurrent;
    });
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
  @Nullable String failure(RolloutRecord rollout) {
    MoveRequest command = order();
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

  /// What is not as it was before a rollout that was put back: who refused that, and the documents
  /// that shards went back without; empty for nothing.
  String amiss(RolloutRecord rollout) {
    if (!rollout.isEnd() || rollout.state() == RolloutState.RETIRED) {
      return "";
    }
    MoveRequest command = order();
    return parts.values().stream()
        .map(part -> part.amiss(command))
        .filter(what -> !what.isEmpty())
        .collect(Collectors.joining("; "));
  }

  /// Whether somebody is waited for who is not here: shards that took part when the state began,
  /// until they come back; others who did, and were not seen since the first encoder came, for as
  /// long as they would have a lease; and an encoder, whichever.
  private boolean isSomebodyMissing(Set<Identity.Kind> wave, List<Member> present) {
    RolloutRecord rollout = ledger.rollout();
    if (rollout == null || rollout.isOver()) {
      return false;
    }
    boolean recently = System.nanoTime() - mannedSince < timing.timeToLive().toNanos();
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

  /// Who is here and has a part in it.
  List<String> present() {
    return members.present().stream()
        .filter(this::isConcerned)
        .map(member -> member.identity().toString())
        .toList();
  }

  /// Whether an encoder came with the model: before, only gateways are commanded.
  boolean isManned() {
    return encoder.get() != null;
  }

  private boolean isConcerned(Member member) {
    return member.isConcernedWith(ledger.live().model())
        && ((ledger.rollout() != null && isManned())
            || member.identity().kind() == Identity.Kind.GATEWAY);
  }

  /// What everybody is asked for now.
  private MoveRequest order() {
    RolloutRecord rollout = ledger.rollout();
    return rollout == null
        ? Commands.initial(ledger.live())
        : Commands.of(rollout, Objects.requireNonNullElse(encoder.get(), ""));
  }

  private int wanted() {
    RolloutRecord rollout = ledger.rollout();
    return rollout == null ? ledger.live().version() : rollout.live();
  }

  /// How long until a command is to be given again.
  long nanosToRetry() {
    MoveRequest command = order();
    long now = System.nanoTime();
    return parts.values().stream()
        .mapToLong(part -> part.nanosToRetry(command, now))
        .min()
        .orElse(Long.MAX_VALUE);
  }
}
