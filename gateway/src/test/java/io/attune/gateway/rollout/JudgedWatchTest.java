package io.attune.gateway.rollout;

import static io.attune.proto.attune.RolloutState.CANARY;
import static io.attune.proto.attune.RolloutState.RETIRED;
import static org.assertj.core.api.Assertions.assertThat;

import io.attune.gateway.rollout.record.FolderRecords;
import io.attune.gateway.rollout.record.RolloutRecord;
import io.attune.gateway.rollout.record.RolloutSettings;
import io.attune.gateway.rollout.record.RolloutStore;
import io.attune.proto.attune.RolloutComparison;
import io.attune.proto.attune.RolloutOptions;
import io.attune.proto.attune.RolloutState;
import io.attune.proto.attune.VersionJudgments;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What people say of a canary, on its way to who asks for the rollout.
@Timeout(60)
class JudgedWatchTest {
  @TempDir private Path folder;
  private final Said said = new Said();
  private FlowWorld flow;

  /// Says of either version that as many searches were judged as it was asked times, of the new one
  /// a hundred more.
  private static final class Said implements Judgments {
    private final List<Asked> asked = new CopyOnWriteArrayList<>();
    private volatile @Nullable FlowException failure;
    private volatile @Nullable Semaphore permits;

    private record Asked(Instant since, ModelVersion from, ModelVersion to) {}

    @Override
    public Optional<Both> since(Instant time, ModelVersion from, ModelVersion to)
        throws InterruptedException {
      asked.add(new Asked(time, from, to));
      int times = asked.size();
      Semaphore waiting = permits;
      if (waiting != null) {
        waiting.acquire();
      }
      FlowException thrown = failure;
      if (thrown != null) {
        throw thrown;
      }
      return Optional.of(new Both(judged(times), judged(100 + times)));
    }
  }

  private static VersionJudgments judged(int searches) {
    return VersionJudgments.newBuilder()
        .setSearches(searches)
        .setRelevant(2)
        .setIrrelevant(3)
        .setReciprocalRank(0.5)
        .setReciprocalRankLow(0.25)
        .setReciprocalRankHigh(0.75)
        .build();
  }

  @BeforeEach
  void start() {
    flow = new FlowWorld(folder, FakePeer.encoder(0), FakePeer.shard(0));
    flow.judgments = said;
    flow.start();
    flow.awaitCurrent();
  }

  @AfterEach
  void close() {
    flow.close();
  }

  private RolloutRecord canary(boolean isShadow) {
    RolloutOptions options =
        RolloutOptions.newBuilder()
            .setCanaryShare(0.5)
            .setShadow(isShadow)
            .setDrainSeconds(0)
            .build();
    String id = flow.coordinator.start("m", "2", RolloutSettings.of(options), "").id();
    return flow.awaitReached(id, CANARY);
  }

  private void awaitJudged(RolloutRecord rollout, int from, int to) {
    FlowWorld.until(() -> {
      RolloutComparison found = flow.coordinator.comparison(rollout);
      return found != null
          && found.getFrom().getJudged().equals(judged(from))
          && found.getTo().getJudged().equals(judged(to));
    });
  }

  @Test
  void isAskedInTheCanaryAndOnceWhenItIsOver() throws InterruptedException {
    RolloutRecord rollout = canary(false);
    awaitJudged(rollout, 1, 101);
    var _ = flow.coordinator.proceed("m");
    RolloutRecord over = flow.awaitReached(rollout.id(), RETIRED);
    awaitJudged(over, 2, 102);

    Instant began =
        over.steps().stream()
            .filter(step -> step.state() == CANARY)
            .map(step -> Instant.ofEpochMilli(step.began()))
            .findFirst()
            .orElseThrow();
    Said.Asked asked = new Said.Asked(began, new ModelVersion("m", 1), new ModelVersion("m", 2));
    assertThat(said.asked).containsExactly(asked, asked);
    flow.close();

    flow.start();
    flow.awaitCurrent();
    awaitJudged(over, 2, 102);
    assertThat(said.asked).as("nothing more is to be heard").hasSize(2);
    flow.swap(1, 0);
    flow.awaitReached(flow.coordinator.find("m").id(), RETIRED);
    awaitJudged(over, 2, 102);
  }

  @Test
  void isAskedOnceMoreHoweverTheCanaryEnds() {
    RolloutRecord rollout = canary(false);
    awaitJudged(rollout, 1, 101);
    var _ = flow.coordinator.cancel("m");
    flow.await(rollout.id(), RolloutRecord::isOver);
    awaitJudged(rollout, 2, 102);
  }

  @Test
  void holdsUpNothingWhereItFailsOrHangs() throws InterruptedException {
    said.failure = new FlowException(ErrorCode.UNAVAILABLE, "feedback: away");
    RolloutRecord rollout = canary(false);
    FlowWorld.until(() -> said.asked.size() == 1);
    said.permits = new Semaphore(0);
    var _ = flow.coordinator.proceed("m");
    RolloutRecord over = flow.awaitReached(rollout.id(), RETIRED);
    FlowWorld.until(() -> said.asked.size() == 2);
    assertThat(over.reason()).isEmpty();
    RolloutComparison found = Objects.requireNonNull(flow.coordinator.comparison(over));
    assertThat(found.getFrom().hasJudged()).isFalse();
    assertThat(found.getTo().hasJudged()).isFalse();
  }

  @Test
  void isNotAskedInShadow() throws InterruptedException {
    RolloutRecord rollout = canary(true);
    var _ = flow.coordinator.proceed("m");
    flow.awaitReached(rollout.id(), RETIRED);
    assertThat(said.asked).isEmpty();
  }

  @Test
  void asksOneQuestionAtATimeAndNoMoreThanEveryPause() {
    RolloutRecord rollout = canary(false);
    Said own = new Said();
    RolloutStore store = new RolloutStore(new FolderRecords(folder.resolve("other")));
    Object lock = new Object();
    JudgedWatch patient = watch(store, own, Duration.ofDays(1), lock);
    look(patient, rollout, lock);
    FlowWorld.until(() -> searches(patient, rollout, lock) == 1);
    look(patient, rollout, lock);
    assertThat(own.asked).hasSize(1);

    Semaphore permits = new Semaphore(0);
    own.permits = permits;
    JudgedWatch eager = watch(store, own, Duration.ZERO, lock);
    look(eager, rollout, lock);
    FlowWorld.until(() -> own.asked.size() == 2);
    look(eager, rollout, lock);
    RolloutRecord over =
        rollout.going(RolloutState.LIVE, "", List.of(), Instant.ofEpochMilli(1)); // while it asks
    look(eager, over, lock);
    assertThat(own.asked).hasSize(2);
    permits.release(10);
    FlowWorld.until(() -> {
      look(eager, over, lock);
      return searches(eager, over, lock) == 3;
    });
    look(eager, over, lock);
    assertThat(own.asked).hasSize(3);
  }

  private JudgedWatch watch(RolloutStore store, Judgments judgments, Duration pause, Object lock) {
    return new JudgedWatch(
        store,
        judgments,
        pause,
        note -> {
          synchronized (lock) {
            var _ = note.getAsBoolean();
          }
        });
  }

  private static void look(JudgedWatch watch, RolloutRecord rollout, Object lock) {
    synchronized (lock) {
      watch.look(rollout);
    }
  }

  private static long searches(JudgedWatch watch, RolloutRecord rollout, Object lock) {
    synchronized (lock) {
      return watch.of(rollout).from().searches();
    }
  }
}
