package io.attune.encoder.rollout;

import static io.attune.encoder.rollout.Commands.ONE;
import static io.attune.encoder.rollout.Commands.THREE;
import static io.attune.encoder.rollout.Commands.TWO;
import static io.attune.encoder.rollout.Commands.command;
import static io.attune.encoder.rollout.Commands.to2;
import static io.attune.proto.attune.RolloutState.CANARY;
import static io.attune.proto.attune.RolloutState.LIVE;
import static io.attune.proto.attune.RolloutState.PREPARING;
import static io.attune.proto.attune.RolloutState.READY;
import static io.attune.proto.attune.RolloutState.RETIRED;
import static io.attune.proto.attune.RolloutState.ROLLED_BACK;
import static io.attune.proto.attune.RolloutState.ROLLOUT_FAILED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.proto.attune.RolloutState;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// One encoder's part in rollouts, with versions and a disk made for the test.
@Timeout(60)
class ParticipationTest {
  private final FakeStore store = new FakeStore();
  private FakeVersions versions = new FakeVersions(ONE);
  private Participation participation = new Participation(versions, store, Standing.of(ONE));

  @AfterEach
  void close() {
    participation.close();
  }

  private void move(Command command) throws InterruptedException {
    participation.move(command).follow(_ -> {});
  }

  /// Kills the encoder and starts it again, with the versions that its disk names.
  private void restart() {
    participation.close();
    Standing standing = store.read().orElse(Standing.of(ONE));
    versions = new FakeVersions(standing.live());
    standing
        .held()
        .forEach(version -> {
          try {
            versions.load(version, Command.Expected.ANYTHING, _ -> {});
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        });
    versions.loads.clear();
    participation = new Participation(versions, store, standing);
  }

  private static void refused(ThrowingCallable call, String message) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            FlowException.class,
            refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.FAILED_PRECONDITION))
        .hasMessage(message);
  }

  @Test
  void goesThroughARollout() throws InterruptedException {
    move(to2(1, PREPARING));
    assertThat(versions.versions()).containsExactly(ONE, TWO);
    assertThat(versions.live()).isEqualTo(ONE);
    move(to2(1, READY));
    move(to2(1, CANARY));
    move(to2(1, READY));
    assertThat(versions.live()).isEqualTo(ONE);
    move(to2(1, LIVE));
    assertThat(versions.live()).isEqualTo(TWO);
    assertThat(versions.versions()).containsExactly(ONE, TWO);
    move(to2(1, RETIRED));
    assertThat(versions.versions()).containsExactly(TWO);
    assertThat(versions.loads).containsExactly(TWO);
    assertThat(store.read()).contains(Standing.at(to2(1, RETIRED)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ROLLED_BACK", "ROLLOUT_FAILED"})
  void takesARolloutBackBeforeAndAfterItWasLive(String name) throws InterruptedException {
    RolloutState back = RolloutState.valueOf(name);
    move(to2(1, PREPARING));
    move(to2(1, back));
    assertThat(versions.versions()).containsExactly(ONE);
    move(to2(2, LIVE));
    assertThat(versions.live()).isEqualTo(TWO);
    move(to2(2, back));
    assertThat(versions.live()).isEqualTo(ONE);
    assertThat(versions.versions()).containsExactly(ONE);
  }

  @Test
  void theSameCommandTwiceIsDoneOnce() throws InterruptedException {
    move(to2(1, LIVE));
    int writes = store.written.size();
    move(to2(1, LIVE));
    assertThat(store.written).hasSize(writes);
    assertThat(versions.loads).containsExactly(TWO);
  }

  @Test
  void refusesLowerEpochsAlsoAfterARestart() throws InterruptedException {
    move(to2(5, PREPARING));
    String message = "epoch: 4 (expected: 5 or higher, that of rollout rollout-5)";
    refused(() -> move(to2(4, ROLLED_BACK)), message);
    restart();
    refused(() -> move(to2(4, ROLLED_BACK)), message);
    assertThat(versions.versions()).containsExactly(ONE, TWO);
    move(command(6, TWO, THREE, PREPARING));
    assertThat(versions.versions()).containsExactly(TWO, THREE);
    assertThat(versions.live()).isEqualTo(TWO);
  }

  @Test
  void refusesAnEpochThatAnotherRolloutHas() throws InterruptedException {
    move(to2(5, PREPARING));
    refused(
        () -> move(command(5, ONE, THREE, LIVE)),
        "epoch: 5 of rollout rollout-5, m@1 to m@3 (expected: rollout rollout-5, m@1 to m@2, which"
            + " has that epoch)");
    refused(
        () -> move(command(6, new ModelVersion("other", 1), new ModelVersion("other", 2), LIVE)),
        "model: other (expected: m)");
  }

  @Test
  void neverGoesBack() throws InterruptedException {
    move(to2(1, LIVE));
    refused(() -> move(to2(1, READY)), "state: READY (expected: not back from LIVE)");
    move(to2(1, RETIRED));
    refused(
        () -> move(to2(1, ROLLED_BACK)), "state: ROLLED_BACK (expected: not back from RETIRED)");
    assertThat(versions.versions()).containsExactly(TWO);
    move(command(2, TWO, ONE, PREPARING));
    move(command(2, TWO, ONE, ROLLOUT_FAILED));
    refused(
        () -> move(command(2, TWO, ONE, LIVE)),
        "state: LIVE (expected: not back from ROLLOUT_FAILED)");
  }

  @Test
  void aRefusedVersionChangesNothing() throws InterruptedException {
    versions.poisoned = TWO;
    refused(() -> move(to2(1, PREPARING)), "model m@2: poisoned");
    assertThat(versions.versions()).containsExactly(ONE);
    assertThat(participation.standing().refusal()).isEqualTo("model m@2: poisoned");
    assertThat(participation.standing().reached()).isFalse();
    restart();
    participation.resume();
    assertThat(participation.standing().refusal())
        .as("it does not try again by itself")
        .isNotEmpty();
    move(to2(1, ROLLOUT_FAILED));
    assertThat(participation.standing()).isEqualTo(Standing.at(to2(1, ROLLOUT_FAILED)));
    assertThat(versions.loads).isEmpty();
  }

  @Test
  void aReplicaThatWasAwayGoesStraightToWhereTheOthersAre() throws InterruptedException {
    move(command(9, THREE, TWO, LIVE));
    assertThat(versions.live()).isEqualTo(TWO);
    assertThat(versions.versions()).containsExactly(TWO, THREE);
    assertThat(participation.awaitReached(Duration.ZERO)).isTrue();
  }

  @Test
  void tellsWhetherACommandWasReached() throws InterruptedException {
    assertThat(participation.awaitReached(Duration.ofNanos(1))).isFalse();
    move(to2(1, PREPARING));
    assertThat(participation.awaitReached(Duration.ZERO)).isTrue();
    restart();
    assertThat(participation.awaitReached(Duration.ZERO)).isFalse();
    move(to2(1, PREPARING));
    assertThat(participation.awaitReached(Duration.ZERO)).isTrue();
  }

  @Test
  void tellsThoseWhoFollowWhatItDoes() throws InterruptedException {
    versions.blocking = TWO;
    Moving moving = participation.move(to2(1, PREPARING));
    assertThat(participation.move(to2(1, PREPARING))).as("joined").isSameAs(moving);
    BlockingQueue<String> told = new LinkedBlockingQueue<>();
    try (ExecutorService others = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> follower =
          others.submit(() -> {
            moving.follow(told::add);
            return null;
          });
      while (!told.take().equals("loading m@2")) {
        // one before it
      }
      versions.blocking = null;
      move(to2(1, ROLLED_BACK));
      assertThatThrownBy(follower::get)
          .hasMessageContaining("overtaken by ROLLED_BACK of epoch 1 (expected: the last command)");
    }
    assertThat(versions.versions()).containsExactly(ONE);
  }

  @Test
  void aHigherEpochEndsWhatALowerOneBegan() throws InterruptedException {
    versions.blocking = TWO;
    Moving lower = participation.move(to2(1, PREPARING));
    versions.blocked.await();
    move(command(2, ONE, THREE, PREPARING));
    refused(
        () -> lower.follow(_ -> {}),
        "command: overtaken by PREPARING of epoch 2 (expected: the last command)");
    assertThat(versions.interrupted).hasValue(1);
    assertThat(versions.versions()).containsExactly(ONE, THREE);
  }

  @Test
  void goesOnAfterItWasKilledInTheMiddle() throws InterruptedException {
    versions.blocking = TWO;
    Moving killed = participation.move(to2(1, LIVE));
    versions.blocked.await();
    restart();
    assertThatThrownBy(() -> killed.follow(_ -> {})).hasMessageContaining("encoder: stops");
    assertThat(versions.live()).isEqualTo(ONE);
    participation.resume();
    assertThat(participation.awaitReached(Duration.ofSeconds(30))).isTrue();
    assertThat(versions.live()).isEqualTo(TWO);
    assertThatThrownBy(() -> closed().move(to2(1, LIVE))).hasMessageContaining("encoder: stops");
  }

  private Participation closed() {
    participation.close();
    return participation;
  }

  /// A whole rollout, with a disk that fails at one write, and a process that is killed there.
  @Test
  void resumesWhereverItIsKilled() throws InterruptedException {
    List<RolloutState> states = List.of(PREPARING, READY, LIVE, RETIRED);
    int failures = 0;
    for (int at = 0; at < 2 * states.size(); at++) {
      for (boolean keeps : List.of(false, true)) {
        FakeStore disk = new FakeStore();
        disk.failAt(at, keeps);
        failures += killedOnce(disk, states, keeps);
      }
    }
    assertThat(failures).as("each write failed once, each way").isEqualTo(4 * states.size());
  }

  private int killedOnce(FakeStore disk, List<RolloutState> states, boolean keeps)
      throws InterruptedException {
    FakeVersions resident = new FakeVersions(ONE);
    Participation part = new Participation(resident, disk, Standing.of(ONE));
    int failures = 0;
    for (RolloutState state : states) {
      Command command = to2(1, state);
      ModelVersion live = resident.live();
      List<ModelVersion> held = resident.versions();
      try {
        part.move(command).follow(_ -> {});
      } catch (FlowException failure) {
        failures++;
        assertThat(failure.code()).isEqualTo(ErrorCode.UNAVAILABLE);
        part.close();
        assertThat(resident.live()).as("changes once that is kept").isEqualTo(live);
        assertThat(resident.versions()).containsAll(held);
        Standing standing = disk.read().orElse(Standing.of(ONE));
        resident = new FakeVersions(standing.live(), standing.held().toArray(new ModelVersion[0]));
        part = new Participation(resident, disk, standing);
        part.resume();
        part.move(command).follow(_ -> {});
      }
      assertThat(part.standing()).as("%s, kept %s", state, keeps).isEqualTo(Standing.at(command));
      assertThat(disk.read()).contains(Standing.at(command));
      assertThat(resident.live()).isEqualTo(command.live());
      assertThat(resident.versions()).containsExactlyInAnyOrderElementsOf(command.held());
    }
    part.close();
    return failures;
  }

  /// Two coordinators, each sure to be the only one: what the higher epoch confirmed stays.
  @Test
  void theHigherOfTwoCoordinatorsWins() throws Exception {
    long seed = Long.getLong("attune.seed", System.nanoTime());
    Random random = new Random(seed);
    for (int round = 0; round < 50; round++) {
      long low = 2L * round + 1;
      try (ExecutorService coordinators = Executors.newVirtualThreadPerTaskExecutor()) {
        long[] seeds = {random.nextLong(), random.nextLong()};
        Future<?> first = coordinators.submit(() -> drive(to2(low, LIVE), seeds[0]));
        Future<?> second =
            coordinators.submit(() -> drive(command(low + 1, ONE, THREE, LIVE), seeds[1]));
        first.get();
        assertThat(second.get()).as("seed %d, round %d", seed, round).isEqualTo(true);
      }
      assertThat(participation.standing())
          .isEqualTo(Standing.at(command(low + 1, ONE, THREE, LIVE)));
      assertThat(versions.live()).isEqualTo(THREE);
      assertThat(versions.versions()).containsExactly(ONE, THREE);
      assertThat(store.written)
          .extracting(Standing::epoch)
          .as("epochs on disk never fall")
          .isSorted();
    }
  }

  /// PREPARING, READY and the last state of a rollout, until one is refused.
  ///
  /// @return whether all were confirmed
  private boolean drive(Command last, long seed) throws InterruptedException {
    Random random = new Random(seed);
    try {
      for (RolloutState state : List.of(PREPARING, READY, last.state())) {
        for (int i = random.nextInt(200); i > 0; i--) {
          Thread.onSpinWait();
        }
        move(command(last.epoch(), last.from(), last.to(), state));
      }
      return true;
    } catch (FlowException refused) {
      assertThat(refused.code()).isEqualTo(ErrorCode.FAILED_PRECONDITION);
      return false;
    }
  }
}
