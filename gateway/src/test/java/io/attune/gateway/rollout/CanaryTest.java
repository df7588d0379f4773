package io.attune.gateway.rollout;

import static io.attune.proto.attune.RolloutState.CANARY;
import static io.attune.proto.attune.RolloutState.LIVE;
import static io.attune.proto.attune.RolloutState.READY;
import static io.attune.proto.attune.RolloutState.RETIRED;
import static io.attune.proto.attune.RolloutState.ROLLED_BACK;
import static io.attune.proto.attune.RolloutState.ROLLOUT_FAILED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.gateway.rollout.record.RolloutRecord;
import io.attune.gateway.rollout.record.RolloutSettings;
import io.attune.gateway.router.LiveModels.Shadow;
import io.attune.gateway.router.LiveModels.Stamp;
import io.attune.proto.attune.MoveRequest;
import io.attune.proto.attune.RolloutComparison;
import io.attune.proto.attune.RolloutOptions;
import io.attune.proto.attune.TrialCount;
import io.attune.proto.attune.VersionCount;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class CanaryTest extends CoordinatorHarness {
  private RolloutRecord canary(double share, int seconds) {
    RolloutOptions options =
        RolloutOptions.newBuilder()
            .setCanaryShare(share)
            .setCanarySeconds(seconds)
            .setDrainSeconds(0)
            .build();
    return flow.coordinator.start("m", "2", RolloutSettings.of(options), "");
  }

  private RolloutRecord begun(double share) {
    return flow.awaitReached(canary(share, 0).id(), CANARY);
  }

  /// Searches, each for another query.
  private long search(int searches, boolean newFails) {
    long tried = 0;
    for (int i = 0; i < searches; i++) {
      String who = "query " + i;
      Stamp stamp = flow.stamps.search(List.of(), () -> who);
      boolean isNew = stamp.models().contains(TWO);
      stamp.ended(!(isNew && newFails), 2_000_000);
      stamp.release();
      tried += isNew ? 1 : 0;
    }
    return tried;
  }

  private RolloutComparison comparison(RolloutRecord rollout) {
    return Objects.requireNonNull(flow.coordinator.comparison(rollout));
  }

  @Test
  void triesTheNewVersionOnAShareOfTheSearchesUntilSomebodySaysSo() throws InterruptedException {
    RolloutRecord rollout = begun(0.25);
    assertThat(encoder.states()).endsWith(READY, CANARY);
    assertThat(flow.live().version()).isEqualTo(1);
    long tried = search(400, false);
    assertThat(tried).isBetween(50L, 150L);
    FlowWorld.until(() -> {
      RolloutComparison seen = flow.coordinator.comparison(rollout);
      return seen != null && seen.getTo().getSearches() == tried;
    });
    RolloutRecord proceeded = flow.coordinator.proceed("m");
    assertThat(proceeded.state()).isIn(LIVE, RETIRED);
    RolloutRecord over = flow.await(rollout.id(), RolloutRecord::isOver);
    assertThat(over.state()).isEqualTo(RETIRED);
    assertThat(search(10, false)).isEqualTo(10);
    RolloutComparison found = comparison(over);
    assertThat(found.getTo().getSearches()).isEqualTo(tried);
    assertThat(found.getFrom().getSearches()).isEqualTo(400 - tried);
    assertThat(found.getTo().getP50()).isBetween(1.9, 2.1);
    assertThat(found.getCompared()).isZero();
    assertThat(shard.commands().stream().filter(each -> each.getState() == CANARY)).hasSize(2);
  }

  @Test
  void isLiveOnceItsTimeIsOver() {
    RolloutRecord rollout = canary(0.5, 1);
    assertThat(flow.await(rollout.id(), RolloutRecord::isOver).state()).isEqualTo(RETIRED);
    assertThat(encoder.states()).containsSequence(READY, CANARY, LIVE);
  }

  @Test
  void isPutBackOnlyWhenNoSearchHasTheNewVersion() {
    RolloutRecord rollout = begun(1);
    Stamp search = flow.stamps.search(List.of(), () -> "a");
    assertThat(search.models()).containsExactly(TWO);
    flow.coordinator.cancel(rollout.id());
    FlowWorld.until(() -> search(1, false) == 0);
    assertThat(flow.coordinator.find("m").reached()).isFalse();
    assertThat(encoder.states()).doesNotContain(ROLLED_BACK);
    search.ended(true, 1_000_000);
    search.release();
    RolloutRecord over = flow.await(rollout.id(), RolloutRecord::isOver);
    assertThat(over.state()).isEqualTo(ROLLED_BACK);
    assertThat(over.reason()).isEqualTo("cancelled");
    assertThat(comparison(over).getTo().getSearches()).isPositive();
    assertThat(encoder.states()).endsWith(ROLLED_BACK);
  }

  @Test
  void isRolledBackWhereTheNewVersionFails() {
    RolloutRecord rollout = begun(0.5);
    search(200, true);
    RolloutRecord over = flow.await(rollout.id(), RolloutRecord::isOver);
    assertThat(over.state()).isEqualTo(ROLLED_BACK);
    assertThat(over.reason())
        .matches(
            "canary: (\\d+) of \\1 searches of the new version failed, of the old one 0 of \\d+");
    assertThat(comparison(over).getTo().getErrors()).isGreaterThanOrEqualTo(20);
    assertThat(flow.stamps.live()).containsExactly(ONE);
  }

  @Test
  void failsWhereAShardHasFallenBehindBeforeTheFlip() throws InterruptedException {
    RolloutRecord rollout = begun(0.5);
    shard.failing(CANARY, ErrorCode.FAILED_PRECONDITION, "generation: lost");
    flow.coordinator.proceed("m");
    RolloutRecord over = flow.await(rollout.id(), RolloutRecord::isOver);
    assertThat(over.state()).isEqualTo(ROLLOUT_FAILED);
    assertThat(encoder.states()).doesNotContain(LIVE);
  }

  @Test
  void tellsGatewaysTheShareAnewAndAddsWhatAllOfThemCounted() throws InterruptedException {
    RolloutRecord rollout = begun(0.25);
    long tried = search(100, false);
    FlowWorld.until(() -> {
      RolloutComparison seen = flow.coordinator.comparison(rollout);
      return seen != null && seen.getTo().getSearches() == tried;
    });
    flow.coordinator.pause("m", true); // whatever is commanded, the trial goes on
    flow.coordinator.pause("m", false);
    assertThat(search(100, false)).isEqualTo(tried);
    FlowWorld.until(() -> comparison(rollout).getTo().getSearches() == 2 * tried);
    flow.close();

    flow.start();
    flow.awaitCurrent();
    assertThat(search(100, false)).isEqualTo(tried);
    FakePeer other = FakePeer.gateway("other");
    other.counting(
        TrialCount.newBuilder()
            .setRollout(rollout.id())
            .setSource("other")
            .setTo(VersionCount.newBuilder().setSearches(1000))
            .build());
    var _ = flow.coordinator.members().register(other.identity(), "other:1", () -> other);
    FlowWorld.until(() -> other.states().contains(CANARY));
    MoveRequest command = other.commands().getLast();
    assertThat(command.getCanaryShare()).isEqualTo(0.25);
    flow.coordinator.proceed("m");
    RolloutRecord over = flow.await(rollout.id(), RolloutRecord::isOver);
    assertThat(comparison(over).getTo().getSearches()).isEqualTo(3 * tried + 1000);
    flow.close();
    flow.start();
    assertThat(comparison(over).getTo().getSearches()).isEqualTo(3 * tried + 1000);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void tellsHowFarTheAnswersOfTheShareAgree(boolean isShadow) {
    RolloutOptions options =
        RolloutOptions.newBuilder()
            .setCanaryShare(1)
            .setShadow(isShadow)
            .setDrainSeconds(0)
            .build();
    RolloutRecord rollout = flow.coordinator.start("m", "2", RolloutSettings.of(options), "");
    flow.awaitReached(rollout.id(), CANARY);
    Stamp search = flow.stamps.search(List.of(), () -> "a");
    assertThat(search.models()).containsExactly(isShadow ? ONE : TWO);
    Shadow shadow = search.shadows().getFirst();
    shadow.dropped();
    shadow.agreed(0.25);
    shadow.agreed(0.75);
    search.release();
    FlowWorld.until(() -> {
      RolloutComparison seen = flow.coordinator.comparison(rollout);
      return seen != null && seen.getCompared() == 2;
    });
    assertThat(comparison(rollout).getAgreement()).isEqualTo(0.5);
    assertThat(comparison(rollout).getDropped()).isEqualTo(1);
  }

  @Test
  void takesNoCommandThatIsLate() throws InterruptedException {
    Stamps stamps = new Stamps(List.of());
    GatewayPart part =
        new GatewayPart(new Identity(Identity.Kind.GATEWAY, "gateway", 0, 0), stamps);
    MoveRequest command =
        MoveRequest.newBuilder()
            .setRollout("r")
            .setEpoch(3)
            .setModel("m")
            .setFromVersion("1")
            .setToVersion("2")
            .setState(CANARY)
            .setCanaryShare(1)
            .build();
    part.move(command, _ -> {});
    part.move(command.toBuilder().setState(ROLLED_BACK).build(), _ -> {});
    assertThatThrownBy(() -> part.move(command, _ -> {}))
        .isInstanceOfSatisfying(
            FlowException.class,
            refused -> assertThat(refused.code()).isEqualTo(ErrorCode.FAILED_PRECONDITION))
        .hasMessage("state: CANARY (expected: ROLLED_BACK or a later one)");
    assertThat(stamps.search(List.of(), () -> "a").models()).containsExactly(ONE);
    assertThatThrownBy(
            () -> part.move(command.toBuilder().setEpoch(4).setCanaryShare(0).build(), _ -> {}))
        .hasMessage("canary_share: 0.0 (expected: above 0, up to 1)");
  }
}
