package io.attune.gateway.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.gateway.rollout.record.FolderRecords;
import io.attune.gateway.rollout.record.RolloutRecord;
import io.attune.gateway.rollout.record.RolloutSettings;
import io.attune.gateway.router.LiveModels.Stamp;
import io.attune.proto.attune.MoveRequest;
import io.attune.proto.attune.RolloutOptions;
import io.attune.proto.attune.RolloutState;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The process of coordinator and gateway is killed at each of its writes, just before and just
/// after, and started again on the same folder.
@Timeout(120)
class KilledCoordinatorTest {
  private static final int MOST_WRITES = 40;
  private static final RolloutSettings CANARY =
      RolloutSettings.of(
          RolloutOptions.newBuilder().setCanaryShare(0.5).setDrainSeconds(0).build());

  @TempDir private Path folder;
  private final ConcurrentLinkedQueue<String> violations = new ConcurrentLinkedQueue<>();

  @SuppressWarnings("NullAway.Init") // by world
  private FlowWorld flow;

  private FlowWorld world(Path where) {
    FakePeer encoder = FakePeer.encoder(0);
    FakePeer shard = FakePeer.shard(0);
    encoder.checking(this::check);
    shard.checking(this::check);
    flow = new FlowWorld(where, encoder, shard);
    return flow;
  }

  /// A version may go only when nobody stamps it.
  private void check(MoveRequest command) {
    String gone =
        switch (command.getState()) {
          case RETIRED -> command.getFromVersion();
          case ROLLED_BACK, ROLLOUT_FAILED -> command.getToVersion();
          default -> "";
        };
    List<ModelVersion> live = flow.stamps.live();
    if (!gone.isEmpty() && live.contains(new ModelVersion("m", Integer.parseInt(gone)))) {
      violations.add("%s while %s is stamped".formatted(command.getState(), live));
    }
  }

  @FunctionalInterface
  private interface Scenario {
    void play() throws Exception;
  }

  /// Plays a scenario in a process that is killed at a write.
  ///
  /// @return whether it lived to the end
  private boolean killed(Path where, int write, boolean written, Scenario scenario)
      throws Exception {
    FailingRecords records = new FailingRecords(new FolderRecords(where), write, written);
    world(where);
    try {
      flow.start(records);
      scenario.play();
      FlowWorld.until(() -> records.isDead() || flow.coordinator.find("m").isOver());
    } catch (FlowException failure) {
      assertThat(failure.code())
          .as(failure.toString())
          .isIn(ErrorCode.UNAVAILABLE, ErrorCode.FAILED_PRECONDITION, ErrorCode.NOT_FOUND);
    }
    flow.close();
    return !records.isDead();
  }

  private void startsAgain() throws InterruptedException {
    flow.start();
    flow.awaitCurrent();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void finishesARolloutWhereverItWasKilled(boolean written) throws Exception {
    boolean lived = false;
    int write = 0;
    while (!lived && write < MOST_WRITES) {
      write++;
      Path where = folder.resolve("w" + write);
      lived = killed(where, write, written, () -> flow.swap(2, 0));
      startsAgain();
      RolloutRecord last =
          flow.coordinator.rollouts("m").stream()
              .filter(each -> each.id().equals(flow.live().rollout()))
              .findFirst()
              .orElse(null);
      if (last == null) {
        assertThat(flow.live().version()).as("write %d", write).isEqualTo(1);
        last = flow.swap(2, 0);
      }
      RolloutRecord over = flow.await(last.id(), RolloutRecord::isOver);
      assertThat(over.state()).as("write %d", write).isEqualTo(RolloutState.RETIRED);
      everythingIs(2);
    }
    assertThat(write).isBetween(10, MOST_WRITES - 1);
    assertThat(violations).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void finishesARollbackWhereverItWasKilled(boolean written) throws Exception {
    boolean lived = false;
    int write = 0;
    while (!lived && write < MOST_WRITES) {
      write++;
      Path where = folder.resolve("w" + write);
      lived =
          killed(
              where,
              write,
              written,
              () -> {
                RolloutRecord rollout = flow.swap(2, 600);
                flow.awaitReached(rollout.id(), RolloutState.LIVE);
                flow.coordinator.rollback("m", false);
              });
      startsAgain();
      if (!flow.live().rollout().isEmpty()) {
        RolloutRecord last =
            flow.await(
                flow.live().rollout(),
                each -> each.isOver() || (each.state() == RolloutState.LIVE && each.reached()));
        if (!last.isOver()) {
          flow.coordinator.rollback("m", false);
        }
        flow.awaitReached(last.id(), RolloutState.ROLLED_BACK);
      }
      everythingIs(1);
    }
    assertThat(write).isBetween(10, MOST_WRITES - 1);
    assertThat(violations).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void finishesACanaryWhereverItWasKilled(boolean written) throws Exception {
    boolean lived = false;
    int write = 0;
    while (!lived && write < MOST_WRITES) {
      write++;
      Path where = folder.resolve("w" + write);
      lived = killed(where, write, written, this::canary);
      startsAgain();
      if (flow.live().rollout().isEmpty()) {
        flow.coordinator.start("m", "2", CANARY, "");
      }
      RolloutRecord last =
          flow.await(
              flow.live().rollout(),
              each -> each.isOver() || (each.state() == RolloutState.CANARY && each.reached()));
      if (!last.isOver()) {
        flow.coordinator.proceed("m");
      }
      flow.awaitReached(last.id(), RolloutState.RETIRED);
      everythingIs(2);
    }
    assertThat(write).isBetween(12, MOST_WRITES - 1);
    assertThat(violations).isEmpty();
  }

  private void canary() {
    RolloutRecord rollout = flow.coordinator.start("m", "2", CANARY, "");
    flow.awaitReached(rollout.id(), RolloutState.CANARY);
    Stamp search = flow.stamps.search(List.of(), () -> "query");
    search.ended(true, 1);
    search.release();
    var _ =
        Thread.ofVirtual()
            .start(() -> {
              try {
                flow.coordinator.proceed("m");
              } catch (InterruptedException | FlowException _) {
                // killed
              }
            });
  }

  @Test
  void endsAFailureWhereverItWasKilled() throws Exception {
    boolean lived = false;
    int write = 0;
    while (!lived && write < MOST_WRITES) {
      write++;
      Path where = folder.resolve("w" + write);
      lived =
          killed(
              where,
              write,
              true,
              () -> {
                flow.executors
                    .getLast()
                    .failing(RolloutState.READY, ErrorCode.FAILED_PRECONDITION, "no");
                flow.swap(2, 0);
              });
      startsAgain();
      if (!flow.live().rollout().isEmpty()) {
        flow.awaitReached(flow.live().rollout(), RolloutState.ROLLOUT_FAILED);
      }
      everythingIs(1);
    }
    assertThat(write).isBetween(8, MOST_WRITES - 1);
    assertThat(violations).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void promotesATunedModelOnceWhereverItWasKilled(boolean written) throws Exception {
    boolean lived = false;
    int write = 0;
    while (!lived && write < MOST_WRITES) {
      write++;
      Path where = folder.resolve("w" + write);
      lived = killed(where, write, written, this::promote);
      startsAgain();
      promote();
      flow.awaitReached(flow.live().rollout(), RolloutState.RETIRED);
      assertThat(promote()).isFalse();
      assertThat(flow.coordinator.rollouts("m"))
          .as("write %d", write)
          .filteredOn(each -> each.id().equals(flow.live().rollout()))
          .singleElement()
          .satisfies(each -> assertThat(each.requestId()).isEqualTo("promote-run"));
      everythingIs(2);
    }
    assertThat(write).isBetween(10, MOST_WRITES - 1);
    assertThat(violations).isEmpty();
  }

  /// As it is tried again and again after a run has ended.
  private boolean promote() {
    return flow.coordinator.startOnce(
        ModelVersion.parse("m@2"),
        RolloutOptions.newBuilder().setDrainSeconds(0).build(),
        "promote-run");
  }

  private void everythingIs(int version) throws InterruptedException {
    flow.awaitCurrent();
    assertThat(flow.live().version()).isEqualTo(version);
    assertThat(flow.stamps.live()).containsExactly(new ModelVersion("m", version));
    for (FakePeer each : flow.executors) {
      if (!each.standing().getModelsList().isEmpty()) {
        assertThat(each.standing().getModels(0).getLive()).isEqualTo(Integer.toString(version));
      }
    }
    assertThat(flow.coordinator.rollouts("m")).allMatch(RolloutRecord::isOver);
    flow.close();
  }
}
