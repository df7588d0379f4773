package io.attune.gateway.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.gateway.rollout.record.FolderRecords;
import io.attune.gateway.rollout.record.GateRecord;
import io.attune.gateway.rollout.record.JudgedRecord;
import io.attune.gateway.rollout.record.LiveRecord;
import io.attune.gateway.rollout.record.PastRecord;
import io.attune.gateway.rollout.record.RolloutRecord;
import io.attune.gateway.rollout.record.RolloutStore;
import io.attune.gateway.rollout.record.Stored;
import io.attune.gateway.rollout.record.TrialRecord;
import io.attune.proto.attune.GateVerdict;
import io.attune.proto.attune.RolloutState;
import io.attune.runtime.FlowException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class PruningTest {
  private static final JudgedRecord.Count COUNT = new JudgedRecord.Count(1, 1, 0, 1, 1, 1);
  private static final LiveRecord LIVE = new LiveRecord("m", 2, 1, "last", 99);

  @TempDir private Path folder;

  private RolloutStore store() {
    return new RolloutStore(new FolderRecords(folder));
  }

  private static RolloutRecord rollout(
      String id, long epoch, int version, RolloutState state, long queries) {
    RolloutRecord rollout =
        new RolloutRecord(
            id,
            "for-" + id,
            "m",
            1,
            version,
            "space-1",
            "space-2",
            64,
            64,
            FlowWorld.settings(0),
            epoch,
            state,
            true,
            false,
            "",
            List.of(new RolloutRecord.Step(state, epoch, epoch)),
            List.of(),
            null);
    return queries == 0
        ? rollout
        : rollout.judged(GateRecord.of(GateVerdict.newBuilder().setQueries(queries).build()));
  }

  private RolloutRecord write(RolloutRecord rollout) {
    assertThat(store().rollout(null, rollout)).isPresent();
    return rollout;
  }

  private List<String> ids() {
    return store().rollouts("").stream().map(each -> each.value().id()).toList();
  }

  private Attempts attempts() {
    return Attempts.of(past(), store().rollouts("m").stream().map(Stored::value).toList());
  }

  private PastRecord past() {
    return store().past("m").map(Stored::value).orElse(PastRecord.none("m"));
  }

  /// The how-manieth attempt a candidate is, from all that ever were.
  private static int expected(List<RolloutRecord> all, int version, long queries) {
    Set<Integer> tried = new LinkedHashSet<>();
    long first = 0;
    for (RolloutRecord each : all) {
      GateRecord gate = each.gate();
      if (gate != null) {
        if (gate.queries() >= 2 * first) {
          tried.clear();
          first = gate.queries();
        }
        tried.add(each.to());
      }
    }
    if (queries >= 2 * first) {
      return 1;
    }
    tried.add(version);
    return new ArrayList<>(tried).indexOf(version) + 1;
  }

  @Test
  void keepsTheNewestTheLastOneAndWhatIsUnderWay() {
    write(rollout("a", 1, 2, RolloutState.RETIRED, 0));
    write(rollout("last", 2, 2, RolloutState.RETIRED, 0));
    write(rollout("b", 3, 2, RolloutState.LIVE, 0));
    write(rollout("c", 4, 2, RolloutState.ROLLED_BACK, 0));
    write(rollout("d", 5, 2, RolloutState.ROLLOUT_FAILED, 0));
    write(rollout("e", 6, 2, RolloutState.RETIRED, 0));
    for (String id : List.of("a", "e")) {
      assertThat(store().trial(null, new TrialRecord(id, List.of()))).isPresent();
      assertThat(store().judged(null, new JudgedRecord(id, COUNT, COUNT))).isPresent();
    }
    Pruning.prune(store(), LIVE, 2);
    assertThat(ids()).containsExactly("last", "b", "d", "e");
    assertThat(store().trial("a")).isEmpty();
    assertThat(store().trial("e")).isPresent();
    assertThat(store().judged("a")).isEmpty();
    assertThat(store().judged("e")).isPresent();
    assertThat(past().requests()).containsExactly("for-a", "for-c");
  }

  @Test
  void leavesOtherModelsAlone() {
    write(rollout("a", 1, 2, RolloutState.RETIRED, 0));
    Pruning.prune(store(), new LiveRecord("other", 1, 0, "", 1), 0);
    assertThat(ids()).containsExactly("a");
  }

  /// Candidates on sets of queries that grow now and then, one record removed after another.
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void countsAttemptsAsIfAllWereThere(long seed) {
    Random random = new Random(seed);
    List<RolloutRecord> all = new ArrayList<>();
    long queries = 100;
    for (int i = 1; i <= 24; i++) {
      queries += random.nextInt(60);
      long by = random.nextInt(4) == 0 ? 0 : queries;
      int version = 2 + random.nextInt(6);
      all.add(write(rollout("r" + i, i, version, RolloutState.ROLLOUT_FAILED, by)));
      Pruning.prune(store(), LIVE, 2);
      assertThat(ids()).hasSize(Math.min(i, 2));
      for (int candidate = 2; candidate < 9; candidate++) {
        for (long asked : new long[] {queries, queries * 3 / 2, queries * 2}) {
          assertThat(attempts().next(candidate, asked))
              .as("seed %d, rollout %d, candidate %d by %d", seed, i, candidate, asked)
              .isEqualTo(expected(all, candidate, asked));
        }
      }
    }
    assertThat(past().requests())
        .isEqualTo(IntStream.rangeClosed(1, 22).mapToObj(i -> "for-r" + i).toList());
  }

  /// A small set, one twice its size, and a candidate of the small one.
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void losesAndCountsNothingTwiceWhereverItWasKilled(boolean written) {
    boolean lived = false;
    int write = 0;
    while (!lived && write < 20) {
      write++;
      Path all = folder;
      folder = all.resolve("w" + write);
      List<RolloutRecord> before =
          Stream.of(
                  rollout("a", 1, 2, RolloutState.ROLLOUT_FAILED, 100),
                  rollout("b", 2, 3, RolloutState.ROLLOUT_FAILED, 200),
                  rollout("c", 3, 4, RolloutState.ROLLOUT_FAILED, 210),
                  rollout("d", 4, 5, RolloutState.ROLLOUT_FAILED, 220))
              .map(this::write)
              .toList();
      lived = killed(write, written);
      for (int round = 0; round < 2; round++) {
        for (int candidate = 2; candidate < 7; candidate++) {
          assertThat(attempts().next(candidate, 230))
              .as("write %d, candidate %d", write, candidate)
              .isEqualTo(expected(before, candidate, 230));
        }
        Stream<String> there = store().rollouts("m").stream().map(each -> each.value().requestId());
        assertThat(Stream.concat(past().requests().stream(), there))
            .contains("for-a", "for-b", "for-c", "for-d");
        Pruning.prune(store(), LIVE, 1);
      }
      assertThat(ids()).containsExactly("d");
      folder = all;
    }
    assertThat(write).isBetween(5, 19);
  }

  private boolean killed(int write, boolean written) {
    FailingRecords records = new FailingRecords(new FolderRecords(folder), write, written);
    try {
      Pruning.prune(new RolloutStore(records), LIVE, 1);
    } catch (FlowException _) {
      // killed
    }
    return !records.isDead();
  }

  @Test
  void countsOneThatSharesItsEpochWithOneThatNeverBegan() {
    RolloutRecord orphan = write(rollout("a", 1, 2, RolloutState.ROLLOUT_FAILED, 0));
    RolloutRecord judged = write(rollout("b", 1, 3, RolloutState.ROLLOUT_FAILED, 100));
    Pruning.prune(store(), LIVE, 1);
    assertThat(ids()).containsExactly("b");
    assertThat(attempts().next(4, 100)).isEqualTo(expected(List.of(orphan, judged), 4, 100));
  }

  @Test
  void forgetsTheOldestRequestsAtLast() {
    List<String> many = IntStream.range(0, Pruning.REQUESTS).mapToObj(i -> "r" + i).toList();
    assertThat(store().past(null, new PastRecord("m", 0, 0, List.of(), many))).isPresent();
    write(rollout("a", 1, 2, RolloutState.RETIRED, 0));
    Pruning.prune(store(), LIVE, 0);
    assertThat(past().requests()).hasSize(1_000).startsWith("r1", "r2").endsWith("r999", "for-a");
  }

  @Test
  void happensWhenARolloutBegins() throws InterruptedException {
    for (int i = 1; i <= 102; i++) {
      write(rollout("r%03d".formatted(i), i, 2, RolloutState.ROLLOUT_FAILED, 0));
    }
    try (FlowWorld flow = new FlowWorld(folder, FakePeer.encoder(0), FakePeer.shard(0)).start()) {
      flow.awaitCurrent();
      RolloutRecord begun = flow.swap(2, 0);
      assertThat(flow.coordinator.rollouts("m"))
          .extracting(RolloutRecord::id)
          .hasSize(101)
          .startsWith("r003", "r004")
          .endsWith("r102", begun.id());
      flow.await(begun.id(), RolloutRecord::isOver);
    }
  }
}
