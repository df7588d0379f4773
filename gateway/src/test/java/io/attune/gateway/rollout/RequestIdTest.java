package io.attune.gateway.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.gateway.rollout.record.FolderRecords;
import io.attune.gateway.rollout.record.PastRecord;
import io.attune.gateway.rollout.record.RolloutRecord;
import io.attune.gateway.rollout.record.RolloutSettings;
import io.attune.gateway.rollout.record.RolloutStore;
import io.attune.proto.attune.GateVerdict;
import io.attune.proto.attune.RolloutOptions;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Of requests with one id there is one rollout.
@Timeout(60)
class RequestIdTest extends CoordinatorHarness {
  @Test
  void makesOneRolloutOfTwoRequestsOfOneId() {
    RolloutRecord first = flow.coordinator.start("m", "2", FlowWorld.settings(0), "r1");
    flow.await(first.id(), RolloutRecord::isOver);
    assertThat(flow.coordinator.start("m", "2", FlowWorld.settings(0), "r1").id())
        .isEqualTo(first.id());
    assertThat(flow.coordinator.rollouts("m")).hasSize(1);
  }

  /// Both have found that there is none yet before either begins one.
  @Test
  void makesOneRolloutOfTwoRequestsOfOneIdAtTheSameTime() throws Exception {
    flow.close();
    CyclicBarrier both = new CyclicBarrier(2);
    flow.judge =
        new Judge() {
          @Override
          public void require() {
            try {
              both.await(20, TimeUnit.SECONDS);
            } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
              throw new AssertionError(e);
            }
          }

          @Override
          public GateVerdict judge(Question question) {
            return GateVerdict.newBuilder().setPassed(true).build();
          }
        };
    flow.start();
    RolloutSettings gated = RolloutSettings.of(RolloutOptions.newBuilder().setMinGain(0).build());
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Callable<RolloutRecord> start = () -> flow.coordinator.start("m", "2", gated, "r1");
      List<Future<RolloutRecord>> started = threads.invokeAll(List.of(start, start));
      assertThat(started.getFirst().get().id()).isEqualTo(started.getLast().get().id());
    }
    assertThat(flow.coordinator.rollouts("m")).hasSize(1);
  }

  @Test
  void makesNoRolloutOfARequestWhoseRecordIsGone() {
    RolloutStore store = new RolloutStore(new FolderRecords(folder));
    assertThat(store.past(null, new PastRecord("m", 0, 0, List.of(), List.of("r1")))).isPresent();
    assertThat(flow.coordinator.startOnce(TWO, RolloutOptions.getDefaultInstance(), "r1"))
        .isFalse();
    assertThatThrownBy(() -> flow.coordinator.start("m", "2", FlowWorld.settings(0), "r1"))
        .isInstanceOfSatisfying(
            FlowException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.ALREADY_EXISTS))
        .hasMessage("request_id: r1 of a rollout whose record is gone (expected: another)");
    assertThat(flow.coordinator.rollouts("m")).isEmpty();
  }
}
