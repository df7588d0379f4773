package io.attune.gateway.rollout;

import static io.attune.proto.attune.RolloutState.LIVE;
import static io.attune.proto.attune.RolloutState.PREPARING;
import static io.attune.proto.attune.RolloutState.READY;
import static io.attune.proto.attune.RolloutState.REINDEXING;
import static io.attune.proto.attune.RolloutState.RETIRED;
import static io.attune.proto.attune.RolloutState.ROLLED_BACK;
import static io.attune.proto.attune.RolloutState.ROLLOUT_FAILED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.gateway.rollout.record.FolderRecords;
import io.attune.gateway.rollout.record.RolloutRecord;
import io.attune.gateway.router.LiveModels;
import io.attune.proto.attune.MoveRequest;
import io.attune.proto.attune.RolloutState;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// What a coordinator does with rollouts and those who take part, from their start to their end.
@Timeout(60)
class CoordinatorTest extends CoordinatorHarness {
  @Test
  void stampsWhatTheEncodersHaveBeforeAnyRollout() {
    assertThat(flow.stamps.live()).containsExactly(ONE);
    assertThat(encoder.states()).isEmpty();
    assertThat(flow.live().version()).isEqualTo(1);
  }

  @Test
  void takesAllParticipantsThroughTheStates() {
    RolloutRecord rollout = flow.swap(2, 0);
    RolloutRecord over = flow.await(rollout.id(), RolloutRecord::isOver);
    assertThat(over.state()).isEqualTo(RETIRED);
    assertThat(over.steps())
        .extracting(RolloutRecord.Step::state)
        .containsExactly(PREPARING, REINDEXING, READY, LIVE, RETIRED);
    assertThat(over.steps()).allMatch(step -> step.ended() >= step.began());
    assertThat(encoder.states()).containsExactly(PREPARING, REINDEXING, READY, LIVE, RETIRED);
    assertThat(shard.states()).containsExactly(PREPARING, REINDEXING, READY, LIVE, RETIRED);
    assertThat(flow.stamps.live()).containsExactly(TWO);
    assertThat(flow.live().version()).isEqualTo(2);
    assertThat(flow.live().previous()).isEqualTo(1);
    assertThat(flow.live().rollout()).isEqualTo(over.id());
    MoveRequest command = shard.commands().getFirst();
    assertThat(command.getFromSpace()).isEqualTo("space-1");
    assertThat(command.getToSpace()).isEqualTo("space-2");
    assertThat(command.getDimension()).isEqualTo(64);
    assertThat(command.getOwnVectors()).isEqualTo(FlowWorld.settings(0).ownVectors());
    assertThat(shard.commands()).allMatch(each -> each.getEpoch() == command.getEpoch());
  }

  @Test
  void asksShardsOnceMoreWhetherTheyAreReadyBeforeTheFlip() {
    RolloutRecord rollout = flow.swap(2, 0);
    flow.await(rollout.id(), RolloutRecord::isOver);
    assertThat(shard.commands().stream().filter(each -> each.getState() == READY).count())
        .isEqualTo(2);
  }

  @Test
  void letsShardsGoFirstAndEncodersLast() {
    AtomicReference<List<RolloutState>> seen = new AtomicReference<>(List.of());
    encoder.checking(command -> {
      if (command.getState() == RETIRED) {
        seen.set(shard.states());
      }
    });
    shard.checking(command -> {
      if (command.getState() == RETIRED) {
        assertThat(flow.stamps.live()).containsExactly(TWO);
      }
    });
    flow.await(flow.swap(2, 0).id(), RolloutRecord::isOver);
    assertThat(seen.get()).endsWith(RETIRED);
  }

  @ParameterizedTest
  @EnumSource(names = {"PREPARING", "REINDEXING", "READY"})
  void failsWithTheReasonWhereSomebodyRefusesAndPutsEverythingBack(RolloutState state) {
    FakePeer refuses = state == PREPARING ? encoder : shard;
    refuses.failing(state, ErrorCode.FAILED_PRECONDITION, "model m@2: NaN");
    RolloutRecord over = flow.await(flow.swap(2, 0).id(), RolloutRecord::isOver);
    assertThat(over.state()).isEqualTo(ROLLOUT_FAILED);
    assertThat(over.reason()).isEqualTo(refuses.identity() + ": model m@2: NaN");
    assertThat(encoder.states()).endsWith(ROLLOUT_FAILED).doesNotContain(LIVE);
    assertThat(shard.states()).endsWith(ROLLOUT_FAILED).doesNotContain(LIVE);
    assertThat(flow.stamps.live()).containsExactly(ONE);
    assertThat(flow.live().version()).isEqualTo(1);
    refuses.failing(state, null, "");
    assertThat(flow.await(flow.swap(2, 0).id(), RolloutRecord::isOver).state()).isEqualTo(RETIRED);
  }

  @Test
  void goesBackWhereSomebodyRefusesToBeLive() {
    shard.failing(LIVE, ErrorCode.FAILED_PRECONDITION, "no");
    RolloutRecord over = flow.await(flow.swap(2, 0).id(), RolloutRecord::isOver);
    assertThat(over.state()).isEqualTo(ROLLED_BACK);
    assertThat(over.reason()).endsWith(": no");
    assertThat(flow.stamps.live()).containsExactly(ONE);
    assertThat(flow.live().version()).isEqualTo(1);
    assertThat(encoder.states()).endsWith(ROLLED_BACK);
  }

  @ParameterizedTest
  @CsvSource({"PREPARING", "REINDEXING", "READY", "LIVE", "RETIRED"})
  void waitsForWhoCannotBeReached(RolloutState state) {
    shard.failing(state, ErrorCode.UNAVAILABLE, "away");
    RolloutRecord rollout = flow.swap(2, 0);
    FlowWorld.until(
        () -> shard.commands().stream().filter(each -> each.getState() == state).count() > 3);
    shard.failing(state, null, "");
    assertThat(flow.await(rollout.id(), RolloutRecord::isOver).state()).isEqualTo(RETIRED);
  }

  @Test
  void failsWhereSomebodyCannotBeReachedForLong() {
    encoder.failing(PREPARING, ErrorCode.UNAVAILABLE, "away");
    RolloutRecord over = flow.await(flow.swap(2, 0).id(), RolloutRecord::isOver);
    assertThat(over.state()).isEqualTo(ROLLOUT_FAILED);
    assertThat(over.reason()).contains("encoder encoder/0/0: cannot be reached").contains("away");
  }

  @Test
  void endsWithoutWhoRefusesTheEnd() {
    encoder.failing(RETIRED, ErrorCode.FAILED_PRECONDITION, "no");
    assertThat(flow.await(flow.swap(2, 0).id(), RolloutRecord::isOver).state()).isEqualTo(RETIRED);
  }

  @Test
  void waitsWithTheOldVersionUntilNoRequestHasIt() {
    LiveModels.Stamp request = flow.stamps.stamp(List.of());
    RolloutRecord rollout = flow.swap(2, 0);
    flow.await(rollout.id(), each -> each.state() == RETIRED);
    FlowWorld.until(() ->
        Objects.requireNonNull(flow.coordinator.drives(rollout)).progress().stream()
            .anyMatch(each -> each.getMessage().equals("1 requests of m@1 are under way")));
    assertThat(shard.states()).doesNotContain(RETIRED);
    assertThat(request.models()).containsExactly(ONE);
    assertThatThrownBy(() -> flow.stamps.stamp(List.of(ONE)))
        .hasMessageStartingWith("model: m@1 is on its way out");
    request.release();
    assertThat(flow.await(rollout.id(), RolloutRecord::isOver).state()).isEqualTo(RETIRED);
  }

  @Test
  void cancelsWhatIsNotLiveYet() throws Exception {
    shard.holding(REINDEXING);
    RolloutRecord rollout = flow.swap(2, 0);
    FlowWorld.until(() -> shard.states().contains(REINDEXING));
    assertThatThrownBy(() -> flow.swap(2, 0)).hasMessageContaining("is in REINDEXING");
    flow.coordinator.rollback("m", false);
    shard.release(REINDEXING);
    assertThat(flow.await(rollout.id(), RolloutRecord::isOver).state()).isEqualTo(ROLLED_BACK);
    assertThat(encoder.states()).doesNotContain(LIVE);
    assertThatThrownBy(() -> flow.coordinator.rollback("m", false))
        .hasMessageContaining("is ROLLED_BACK")
        .isInstanceOf(FlowException.class);
    assertThatThrownBy(() -> flow.coordinator.cancel(rollout.id()))
        .hasMessageContaining("expected: one before LIVE");
  }

  @Test
  void sendsPausesAndThePaceToShards() {
    shard.holding(REINDEXING);
    RolloutRecord rollout = flow.swap(2, 0);
    FlowWorld.until(() -> shard.states().contains(REINDEXING));
    flow.coordinator.pause("m", true);
    flow.coordinator.throttle(rollout.id(), 7);
    shard.release(REINDEXING);
    FlowWorld.until(() ->
        shard.commands().stream()
            .anyMatch(each -> each.getPaused() && each.getDocumentsPerSecond() == 7));
    flow.coordinator.pause("m", false);
    assertThat(flow.await(rollout.id(), RolloutRecord::isOver).state()).isEqualTo(RETIRED);
    assertThatThrownBy(() -> flow.coordinator.pause("m", true))
        .hasMessageContaining("expected: one before LIVE");
  }

  @Test
  void retiresBeforeItsTimeWhereSomebodySaysSo() throws InterruptedException {
    RolloutRecord rollout = flow.swap(2, 600);
    flow.awaitReached(rollout.id(), LIVE);
    flow.coordinator.proceed("m");
    assertThat(flow.await(rollout.id(), RolloutRecord::isOver).state()).isEqualTo(RETIRED);
    assertThatThrownBy(() -> flow.coordinator.proceed("m"))
        .hasMessageContaining("expected: CANARY or LIVE, reached");
  }

  @Test
  void bringsWhoJoinsToWhereTheFlowIs() throws InterruptedException {
    RolloutRecord rollout = flow.swap(2, 600);
    flow.awaitReached(rollout.id(), LIVE);
    FakePeer joins = FakePeer.encoder(1).holding(LIVE);
    flow.coordinator.add(joins.identity(), joins);
    Member member = flow.coordinator.members().present().getLast();
    assertThat(member.peer()).isEqualTo(joins);
    FlowWorld.until(() -> !joins.commands().isEmpty());
    assertThat(flow.coordinator.isCurrent(member)).isFalse();
    joins.release(LIVE);
    FlowWorld.until(() -> flow.coordinator.isCurrent(member));
    assertThat(joins.states()).containsExactly(LIVE);
    flow.coordinator.proceed("m");
    flow.await(rollout.id(), RolloutRecord::isOver);
    FakePeer later = FakePeer.encoder(2);
    flow.coordinator.add(later.identity(), later);
    FlowWorld.until(() -> later.states().contains(RETIRED));
  }

  @Test
  void doesNotEndForOneWhoJoinsAndRefuses() throws InterruptedException {
    RolloutRecord rollout = flow.swap(2, 600);
    flow.awaitReached(rollout.id(), LIVE);
    FakePeer joins =
        FakePeer.encoder(1).failing(LIVE, ErrorCode.RESOURCE_EXHAUSTED, "memory: too little");
    flow.coordinator.add(joins.identity(), joins);
    FlowWorld.until(() -> !joins.commands().isEmpty());
    flow.coordinator.proceed("m");
    assertThat(flow.await(rollout.id(), RolloutRecord::isOver).state()).isEqualTo(RETIRED);
  }

  @Test
  void waitsForGatewaysUntilTheirLeasesLapse() {
    FakePeer other = FakePeer.gateway("other").holding(RETIRED);
    var lease = flow.coordinator.members().register(other.identity(), "other:1", () -> other);
    FlowWorld.until(() -> !other.commands().isEmpty());
    RolloutRecord rollout = flow.swap(2, 0);
    FlowWorld.until(() -> other.states().contains(LIVE));
    flow.await(rollout.id(), each -> each.state() == RETIRED);
    flow.nanos.addAndGet(flow.timing.timeToLive().toNanos() - 1);
    assertThat(flow.coordinator.members().renew(lease.getLease()).getLease())
        .isEqualTo(lease.getLease());
    assertThat(encoder.states()).doesNotContain(RETIRED);
    flow.nanos.addAndGet(flow.timing.timeToLive().toNanos());
    assertThat(flow.await(rollout.id(), RolloutRecord::isOver).state()).isEqualTo(RETIRED);
    assertThat(other.isClosed()).isTrue();
    assertThatThrownBy(() -> flow.coordinator.members().renew(lease.getLease()))
        .isInstanceOfSatisfying(
            FlowException.class,
            failure -> assertThat(failure.code()).isEqualTo(ErrorCode.NOT_FOUND));
  }

  @Test
  void tellsReplicasApartByTheirAddresses() {
    Members members = flow.coordinator.members();
    FakePeer first = FakePeer.encoder(0);
    FakePeer second = FakePeer.encoder(0);
    FakePeer again = FakePeer.encoder(0);
    FakePeer sameShard = FakePeer.shard(0);
    members.register(first.identity(), "a:1", () -> first);
    members.register(second.identity(), "b:1", () -> second);
    members.register(again.identity(), "a:1", () -> again);
    members.register(sameShard.identity(), "c:1", () -> sameShard);
    assertThat(members.present().stream().map(member -> member.identity().toString()))
        .containsExactlyInAnyOrder(
            "encoder encoder/0/0",
            "encoder encoder/0/1",
            "encoder encoder/0/2",
            "indexer indexer/0/0",
            "gateway gateway/0/0");
    assertThat(first.isClosed()).isTrue();
    assertThat(shard.isClosed()).isTrue();
  }

  @Test
  void refusesWhatCannotBe() {
    assertThatThrownBy(() -> flow.swap(1, 0)).hasMessageStartingWith("version: m@1 is live");
    assertThatThrownBy(() -> flow.swap(9, 0)).hasMessageContaining("not in the store");
    assertThatThrownBy(() -> flow.coordinator.start("x", "1", FlowWorld.settings(0), ""))
        .hasMessage("model: \"x\" (expected: one that an encoder of the Flow holds: [m])");
    assertThatThrownBy(() -> flow.coordinator.find("nothing"))
        .hasMessageStartingWith("rollout: \"nothing\" is not there");
    assertThatThrownBy(() -> flow.coordinator.rollback("m", false))
        .hasMessageStartingWith("rollback: no rollout of m");
    assertThat(flow.coordinator.rollouts("")).isEmpty();
  }

  @Test
  void refusesWhereAnExecutorOfTheFlowDidNotRegister() {
    flow.close();
    flow.expected = Map.of("encoder", 2);
    flow.start();
    assertThatThrownBy(() -> flow.swap(2, 0))
        .hasMessageStartingWith("executor encoder: 1 of 2 take part");
  }

  @Test
  void isFencedByTheCoordinatorThatComesAfterIt() throws InterruptedException {
    RolloutRecord rollout = flow.swap(2, 600);
    flow.awaitReached(rollout.id(), LIVE);
    FlowWorld second = new FlowWorld(folder, encoder, shard);
    try (second) {
      second.start();
      assertThat(second.coordinator.find("m").epoch()).isGreaterThan(rollout.epoch());
      assertThatThrownBy(() -> flow.coordinator.proceed("m"))
          .hasMessageContaining("changed by another coordinator");
      assertThat(flow.fenced).hasValue(1);
      assertThat(flow.coordinator.verify()).isFalse();
      assertThat(second.coordinator.verify()).isTrue();
      assertThatThrownBy(() -> flow.swap(2, 0)).isInstanceOf(FlowException.class);
      second.coordinator.proceed("m");
      assertThat(second.await(rollout.id(), RolloutRecord::isOver).state()).isEqualTo(RETIRED);
    }
  }

  @Test
  void hasOneWinnerAmongTwoWhoStartARollout() {
    Coordinator second = flow.coordinator(new FolderRecords(folder));
    try (second) {
      FakePeer own = FakePeer.encoder(0);
      second.add(own.identity(), own);
      RolloutRecord won = second.start("m", "2", FlowWorld.settings(600), "");
      assertThatThrownBy(() -> flow.swap(2, 0)).isInstanceOf(FlowException.class);
      assertThat(won.epoch()).isEqualTo(1);
      assertThat(second.rollouts("m").stream().filter(each -> !each.isOver())).hasSizeLessThan(3);
    }
  }
}
