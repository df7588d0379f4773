package io.attune.gateway.rollout;

import static io.attune.proto.attune.RolloutState.LIVE;
import static io.attune.proto.attune.RolloutState.REINDEXING;
import static io.attune.proto.attune.RolloutState.ROLLED_BACK;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.gateway.rollout.record.RolloutRecord;
import io.attune.gateway.router.LiveModels;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The version before becomes live again.
@Timeout(60)
class RollbackTest extends CoordinatorHarness {
  @Test
  void takesBackWhatIsLiveAtOnce() throws Exception {
    RolloutRecord rollout = flow.swap(2, 600);
    flow.awaitReached(rollout.id(), LIVE);
    LiveModels.Stamp request = flow.stamps.stamp(List.of());
    assertThat(request.models()).containsExactly(TWO);
    assertThat(Driver.retires(flow.coordinator.find("m"))).isNotNull();
    RolloutRecord back = flow.coordinator.rollback("m", false);
    assertThat(back.id()).isEqualTo(rollout.id());
    assertThat(flow.stamps.live()).containsExactly(ONE);
    assertThat(flow.live().version()).isEqualTo(1);
    assertThat(encoder.states()).doesNotContain(ROLLED_BACK);
    request.release();
    flow.awaitReached(rollout.id(), ROLLED_BACK);
    assertThat(encoder.states()).endsWith(LIVE, ROLLED_BACK);
  }

  @Test
  void takesBackOnceShardsHoldAllInTheOldGeneration() throws Exception {
    RolloutRecord rollout = flow.swap(2, 600);
    flow.awaitReached(rollout.id(), LIVE);
    shard.lagging(3);
    encoder.lagging(1_000); // has no say in it
    flow.coordinator.rollback("m", false);
    assertThat(shard.looks()).isZero();
    assertThat(flow.live().version()).isEqualTo(1);
  }

  @Test
  void takesNothingBackWhereShardsLackSomethingUnlessItIsForced() throws Exception {
    flow.close();
    flow.timing = FlowWorld.TIMING.withCatchUp(Duration.ofMillis(1));
    flow.start().awaitCurrent();
    RolloutRecord rollout = flow.swap(2, 600);
    flow.awaitReached(rollout.id(), LIVE);
    shard.lagging(1_000);
    assertThatThrownBy(() -> flow.coordinator.rollback("m", false))
        .isInstanceOfSatisfying(
            FlowException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE))
        .hasMessage(
            "rollback: indexer indexer/0/0 is 7 writes behind in m@1 (expected: none within 1 ms; try again, or with force: searches then wait for them)");
    assertThat(flow.live().version()).isEqualTo(2);
    assertThat(flow.coordinator.find("m").state()).isEqualTo(LIVE);
    flow.coordinator.rollback("m", true);
    assertThat(flow.live().version()).isEqualTo(1);
  }

  @Test
  void takesNoNoticeOfTheOldGenerationBeforeItIsLive() throws Exception {
    shard.holding(REINDEXING);
    RolloutRecord rollout = flow.swap(2, 0);
    FlowWorld.until(() -> shard.states().contains(REINDEXING));
    shard.lagging(1_000);
    assertThat(flow.coordinator.rollback("m", false).state()).isEqualTo(ROLLED_BACK);
    assertThat(shard.looks()).isEqualTo(1_000);
    shard.release(REINDEXING);
    flow.awaitReached(rollout.id(), ROLLED_BACK);
  }

  @Test
  void tellsWhatItWentBackWithout() throws Exception {
    shard.failing(ROLLED_BACK, ErrorCode.FAILED_PRECONDITION, "1 document: a");
    RolloutRecord refused = flow.swap(2, 600);
    flow.awaitReached(refused.id(), LIVE);
    String why = flow.coordinator.rollback("m", false).reason();
    assertThat(why).isNotEmpty();
    assertThat(flow.await(refused.id(), RolloutRecord::isOver).reason())
        .isEqualTo(why + "; " + shard.identity() + ": 1 document: a");
    shard.failing(ROLLED_BACK, null, "");
    shard.lacking(2, "2 documents: b, c");
    RolloutRecord allowed = flow.swap(2, 600);
    flow.awaitReached(allowed.id(), LIVE);
    var _ = flow.coordinator.rollback("m", false);
    assertThat(flow.await(allowed.id(), RolloutRecord::isOver).reason())
        .isEqualTo(why + "; " + shard.identity() + ": 2 documents: b, c");
    assertThat(flow.await(flow.swap(2, 0).id(), RolloutRecord::isOver).reason()).isEmpty();
  }

  @Test
  void takesBackWhatIsRetiredByARolloutInTheOtherDirection() throws Exception {
    RolloutRecord rollout = flow.swap(2, 0);
    flow.await(rollout.id(), RolloutRecord::isOver);
    RolloutRecord back = flow.coordinator.rollback("m", false);
    assertThat(back.id()).isNotEqualTo(rollout.id());
    assertThat(back.to()).isEqualTo(1);
    flow.await(back.id(), RolloutRecord::isOver);
    assertThat(flow.stamps.live()).containsExactly(ONE);
    assertThat(back.epoch()).isGreaterThan(rollout.epoch());
  }
}
