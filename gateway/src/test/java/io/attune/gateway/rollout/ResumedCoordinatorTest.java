package io.attune.gateway.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.gateway.rollout.record.FolderRecords;
import io.attune.gateway.rollout.record.LiveRecord;
import io.attune.gateway.rollout.record.RolloutRecord;
import io.attune.gateway.rollout.record.RolloutStore;
import io.attune.proto.attune.MoveRequest;
import io.attune.proto.attune.RolloutState;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A coordinator that is started again while no encoder has registered yet.
@Timeout(60)
class ResumedCoordinatorTest {
  private static final Duration TIME = Duration.ofSeconds(20);

  @TempDir private Path folder;

  @SuppressWarnings("NullAway.Init") // by again
  private FlowWorld flow;

  @AfterEach
  void close() {
    flow.close();
  }

  /// Takes a Flow to a state and kills it there.
  private void left(RolloutState state) throws InterruptedException {
    FakePeer encoder = FakePeer.encoder(0);
    FakePeer shard = FakePeer.shard(0);
    if (state == RolloutState.REINDEXING) {
      shard.holding(state);
    }
    try (FlowWorld before = new FlowWorld(folder, encoder, shard).start()) {
      before.awaitCurrent();
      RolloutRecord rollout = before.swap(2, state == RolloutState.RETIRED ? 0 : 600);
      before.await(rollout.id(), each -> each.state() == state);
      if (state == RolloutState.RETIRED) {
        before.await(rollout.id(), RolloutRecord::isOver);
      }
    }
  }

  private FlowWorld again(FakePeer... executors) {
    flow = new FlowWorld(folder, executors);
    return flow.resume();
  }

  @ParameterizedTest
  @CsvSource({"REINDEXING, 1", "LIVE, 2", "RETIRED, 2"})
  void stampsWhatIsLiveBeforeAnyEncoderIsHere(RolloutState state, int version) throws Exception {
    left(state);
    again();
    assertThat(flow.coordinator.awaitServing(TIME)).isTrue();
    assertThat(flow.stamps.live()).containsExactly(new ModelVersion("m", version));
    assertThat(flow.coordinator.live()).extracting(LiveRecord::version).containsExactly(version);
  }

  @Test
  void aGatewayThatJoinsIsNotCurrentBeforeItConfirmed() throws Exception {
    left(RolloutState.RETIRED);
    again();
    FakePeer joins = FakePeer.gateway("other").holding(RolloutState.RETIRED);
    flow.coordinator.add(joins.identity(), joins);
    Member member = flow.coordinator.members().present().getLast();
    assertThat(flow.coordinator.isCurrent(member)).isFalse();
    joins.release(RolloutState.RETIRED);
    FlowWorld.until(() -> flow.coordinator.isCurrent(member));
    assertThat(joins.commands().getFirst().getToVersion()).isEqualTo("2");
  }

  @Test
  void commandsShardsOnceAnEncoderIsHere() throws Exception {
    left(RolloutState.REINDEXING);
    FakePeer shard = FakePeer.shard(0);
    again(shard);
    assertThat(flow.coordinator.awaitServing(TIME)).isTrue();
    assertThat(shard.commands()).isEmpty();
    assertThatThrownBy(() -> flow.swap(2, 0))
        .isInstanceOfSatisfying(
            FlowException.class,
            failure -> assertThat(failure.code()).isEqualTo(ErrorCode.NOT_FOUND));
    FakePeer encoder = FakePeer.encoder(0);
    flow.coordinator.add(encoder.identity(), encoder);
    String id = flow.coordinator.live().getFirst().rollout();
    flow.awaitReached(id, RolloutState.LIVE);
    assertThat(shard.commands()).extracting(MoveRequest::getEncoder).containsOnly("at encoder");
    assertThat(flow.stamps.live()).containsExactly(new ModelVersion("m", 2));
  }

  @Test
  void doesNotVouchForWhatAnotherTookOver() throws Exception {
    left(RolloutState.LIVE);
    again();
    assertThat(flow.coordinator.verify()).isTrue();
    try (Coordinator other = flow.coordinator(new FolderRecords(folder))) {
      other.resume();
      assertThat(flow.coordinator.verify()).isFalse();
    }
  }

  /// Before the first rollout encoders may be started with another version.
  @Test
  void leavesWhatHadNoRolloutToTheEncoders() throws Exception {
    RolloutStore store = new RolloutStore(new FolderRecords(folder));
    assertThat(store.live(null, LiveRecord.first("m", 2, 0))).isPresent();
    again();
    assertThat(flow.coordinator.awaitServing(TIME)).isTrue();
    assertThat(flow.stamps.live()).isEmpty();
    FakePeer encoder = FakePeer.encoder(0);
    flow.coordinator.add(encoder.identity(), encoder);
    FlowWorld.until(() -> flow.stamps.live().equals(List.of(new ModelVersion("m", 1))));
  }
}
