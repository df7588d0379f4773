package io.attune.cli.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.cli.rollout.Fleet.Role;
import io.attune.models.ModelStore;
import io.attune.models.StoredModel;
import io.attune.models.testing.PlantedModels;
import io.attune.proto.attune.ParticipantProgress;
import io.attune.proto.attune.Rollout;
import io.attune.proto.attune.RolloutOptions;
import io.attune.proto.attune.RolloutState;
import io.attune.proto.attune.StartRolloutRequest;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Predicate;

/// Takes a [Fleet] from one version to the next, and kills or stops its processes meanwhile.
final class FleetRollouts {
  private static final String MODEL = "m";
  private static final int DRAIN_SECONDS = 1;
  private static final double DOCUMENTS_PER_SECOND = 500;
  private static final Duration END = Duration.ofMinutes(5);

  private final Fleet fleet;
  private final ModelStore store;
  private final PlantedChecker checker;
  private final Random random = new Random();
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

  /// Starts a rollout, kills a process in one of its states, starts it again, and waits until the
  /// rollout is over.
  void killed(Kill kill) throws IOException, InterruptedException {
    Rollout started = swap();
    String id = started.getId();
    if (kill.isShort()) {
      hold(kill, id);
    } else {
      awaitAt(id, kill.state());
      Thread.sleep(random.nextInt(kill.state() == RolloutState.LIVE ? 500 : 1_000));
    }
    fleet.kill(kill.victim());
    if (kill.isShort()) {
      fleet.resume(Role.SECOND_ENCODER);
    }
    fleet.startAgain(kill.victim());
    over(kill.toString(), id);
  }

  /// Lets a short state begin and not end, by stopping an encoder that has to confirm it.
  private void hold(Kill kill, String id) throws IOException, InterruptedException {
    await(
        id,
        each ->
            isPast(each, kill.before())
                || (each.getState() == kill.before()
                    && each.getParticipantsList().stream().allMatch(FleetRollouts::isAlmostThere)));
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
    String id = swap().getId();
    awaitAt(id, RolloutState.REINDEXING);
    fleet.pause(Role.GATEWAY);
    long end = System.nanoTime() + pause.toNanos();
    over("paused gateway", id);
    while (System.nanoTime() - end < 0) {
      Thread.sleep(10);
    }
    fleet.resume(Role.GATEWAY);
  }

  private Rollout swap() throws InterruptedException {
    slot = (slot + 1) % PlantedModels.SLOTS;
    StoredModel model = PlantedModels.publish(store, MODEL, slot);
    checker.slots().put(model.id().toString(), slot);
    StartRolloutRequest request =
        StartRolloutRequest.newBuilder()
            .setModel(MODEL)
            .setVersion(String.valueOf(model.id().version()))
            .setRequestId(model.id().toString())
            .setOptions(
                RolloutOptions.newBuilder()
                    .setDrainSeconds(DRAIN_SECONDS)
                    .setDocumentsPerSecond(DOCUMENTS_PER_SECOND))
            .build();
    return asked(client -> client.start(request));
  }

  private void over(String what, String id) throws InterruptedException {
    Rollout end = await(id, FleetRollouts::isOver);
    boolean isNew = end.getState() == RolloutState.RETIRED;
    checker.gone(MODEL + "@" + (isNew ? end.getFromVersion() : end.getToVersion()));
    live = MODEL + "@" + (isNew ? end.getToVersion() : end.getFromVersion());
    slot = Objects.requireNonNull(checker.slots().get(live));
    assertThat(end.getState()).as("%s: %s", what, end).isNotEqualTo(RolloutState.LIVE);
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
