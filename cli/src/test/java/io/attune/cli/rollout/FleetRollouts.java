package io.attune.cli.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.cli.rollout.Fleet.Role;
import io.attune.gateway.rollout.record.RolloutRecord;
import io.attune.models.ModelStore;
import io.attune.models.StoredModel;
import io.attune.models.testing.PlantedModels;
import io.attune.models.testing.Poison;
import io.attune.proto.attune.ParticipantProgress;
import io.attune.proto.attune.Rollout;
import io.attune.proto.attune.RolloutOptions;
import io.attune.proto.attune.RolloutState;
import io.attune.proto.attune.RolloutsGrpc.RolloutsBlockingStub;
import io.attune.proto.attune.StartRolloutRequest;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Takes a [Fleet] from one version to the next, and kills or stops its processes meanwhile.
final class FleetRollouts {
  private static final String MODEL = "m";
  private static final int DRAIN_SECONDS = 1;
  private static final int LONG_DRAIN_SECONDS = 60;
  private static final double CANARY_SHARE = 0.5;
  private static final int TRIES = 3;
  private static final double DOCUMENTS_PER_SECOND = 500;
  private static final Duration END = Duration.ofMinutes(5);

  private final Fleet fleet;
  private final ModelStore store;
  private final PlantedChecker checker;
  private final Random random = new Random();
  private final Set<Kill> met = new LinkedHashSet<>();
  private String live = MODEL + "@1";
  private int slot;

  FleetRollouts(Fleet fleet, ModelStore store, PlantedChecker checker) {
    this.fleet = fleet;
    this.store = store;
    this.checker = checker;
  }

  PlantedChecker checker() {
    return checker;
  }

  /// The version that is live, as `name@3`.
  String live() {
    return live;
  }

  /// The kills that met their states: the rollout was there before and after, and not done with it.
  Set<Kill> met() {
    return met;
  }

  /// Starts a rollout, kills a process in one of its states, starts it again, and waits until the
  /// rollout is over; with another rollout where the state was over before.
  void killed(Kill kill) throws IOException, InterruptedException {
    for (int i = 0; i < TRIES && !met.contains(kill); i++) {
      Rollout started = swap(kill);
      String id = started.getId();
      if (kill.isShort()) {
        hold(kill, id);
      } else {
        awaitAt(id, kill.state());
        Thread.sleep(random.nextInt(300));
      }
      boolean isAt = isAt(kill, id);
      fleet.kill(kill.victim());
      if (isAt && isAt(kill, id)) {
        met.add(kill);
      }
      if (kill.isShort()) {
        fleet.resume(Role.SECOND_ENCODER);
      }
      if (kill.isEmptied()) {
        fleet.empty(kill.victim());
      }
      fleet.startAgain(kill.victim());
      if (kill.state() == RolloutState.CANARY) {
        proceed(id);
      }
      over(kill.toString(), id, kill.end());
    }
  }

  /// Whether a rollout is in a kill's state, as the coordinator has written it down; in one that
  /// ends it, not yet over.
  private boolean isAt(Kill kill, String id) {
    RolloutRecord last = fleet.records().rollout(id).orElseThrow().value();
    return last.state() == kill.state() && !last.isOver();
  }

  /// Ends the canary, once all are in it.
  private void proceed(String id) throws InterruptedException {
    await(id, each -> each.getState() == RolloutState.CANARY && each.getReached());
    asked(client -> client.on(id, RolloutsBlockingStub::proceed));
  }

  /// Lets a short state begin and not end, by stopping an encoder that has to confirm it.
  private void hold(Kill kill, String id) throws IOException, InterruptedException {
    if (kill.state() != RolloutState.ROLLOUT_FAILED) {
      await(
          id,
          each ->
              isPast(each, kill.before())
                  || (each.getState() == kill.before()
                      && each.getParticipantsList().stream()
                          .allMatch(FleetRollouts::isAlmostThere)));
    }
    fleet.pause(Role.SECOND_ENCODER);
    if (kill.state() == RolloutState.ROLLED_BACK) {
      asked(client -> client.rollback(MODEL, false));
    }
    awaitAt(id, kill.state());
    Thread.sleep(random.nextInt(100));
  }

  private static boolean isAlmostThere(ParticipantProgress part) {
    return part.getReached()
        || (part.getKind().equals("indexer") && part.getDone() > 0.9 * part.getTotal());
  }

  /// Waits until a rollout is in a state, or past it where that is too short to be seen.
  private void awaitAt(String id, RolloutState state) throws InterruptedException {
    await(id, each -> each.getState() == state || isPast(each, state));
  }

  private static boolean isPast(Rollout rollout, RolloutState state) {
    return rollout.getStateValue() > state.getNumber();
  }

  /// Stops the second gateway before the new version is live, and lets it go on when its lease is
  /// over and the old version is gone.
  void pausedAcrossTheFlip(Duration pause) throws IOException, InterruptedException {
    String id = swap(null).getId();
    awaitAt(id, RolloutState.REINDEXING);
    fleet.pause(Role.GATEWAY);
    long end = System.nanoTime() + pause.toNanos();
    over("paused gateway", id, RolloutState.RETIRED);
    while (System.nanoTime() - end < 0) {
      Thread.sleep(10);
    }
    fleet.resume(Role.GATEWAY);
  }

  /// @param kill what is to come; null for none
  private Rollout swap(@Nullable Kill kill) throws InterruptedException {
    RolloutState state = kill == null ? RolloutState.RETIRED : kill.state();
    slot = (slot + 1) % PlantedModels.SLOTS;
    StoredModel model =
        state == RolloutState.ROLLOUT_FAILED
            ? PlantedModels.poisoned(store, MODEL, slot, Poison.NAN_WEIGHTS)
            : PlantedModels.publish(store, MODEL, slot);
    checker.slots().put(model.id().toString(), slot);
    StartRolloutRequest request =
        StartRolloutRequest.newBuilder()
            .setModel(MODEL)
            .setVersion(String.valueOf(model.id().version()))
            .setRequestId(model.id().toString())
            .setOptions(
                RolloutOptions.newBuilder()
                    .setDrainSeconds(
                        state == RolloutState.ROLLED_BACK ? LONG_DRAIN_SECONDS : DRAIN_SECONDS)
                    .setCanaryShare(state == RolloutState.CANARY ? CANARY_SHARE : 0)
                    .setDocumentsPerSecond(DOCUMENTS_PER_SECOND))
            .build();
    return asked(client -> client.start(request));
  }

  private void over(String what, String id, RolloutState expected) throws InterruptedException {
    Rollout end = await(id, FleetRollouts::isOver);
    assertThat(end.getState()).as("%s: %s", what, end).isEqualTo(expected);
    boolean isNew = end.getState() == RolloutState.RETIRED;
    checker.gone(MODEL + "@" + (isNew ? end.getFromVersion() : end.getToVersion()));
    live = MODEL + "@" + (isNew ? end.getToVersion() : end.getFromVersion());
    slot = Objects.requireNonNull(checker.slots().get(live));
  }

  private static boolean isOver(Rollout rollout) {
    return rollout.getReached()
        && switch (rollout.getState()) {
          case RETIRED, ROLLED_BACK, ROLLOUT_FAILED -> true;
          default -> false;
        };
  }

  /// Watches a rollout until it is somewhere, whoever coordinates it meanwhile.
  private Rollout await(String id, Predicate<Rollout> there) throws InterruptedException {
    long end = System.nanoTime() + END.toNanos();
    while (true) {
      Rollout last = asked(client -> client.watch(id, there));
      if (there.test(last)) {
        return last;
      }
      if (isOver(last) || System.nanoTime() - end > 0) {
        throw new AssertionError("the rollout is at " + last);
      }
    }
  }

  /// Asks the coordinator, again where it is away or does not know yet who takes part.
  private <T> T asked(Function<RolloutsClient, T> question) throws InterruptedException {
    long end = System.nanoTime() + END.toNanos();
    while (true) {
      try (RolloutsClient client = fleet.rollouts()) {
        return question.apply(client);
      } catch (FlowException failure) {
        boolean isEarly =
            failure.code() == ErrorCode.UNAVAILABLE
                || failure.code() == ErrorCode.NOT_FOUND
                || String.valueOf(failure.getMessage()).contains("take part");
        if (!isEarly || System.nanoTime() - end > 0) {
          throw failure;
        }
      }
      Thread.sleep(20);
    }
  }
}
