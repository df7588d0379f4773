package io.attune.cli.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.attune.cli.client.FlowClient;
import io.attune.models.StoredModel;
import io.attune.models.testing.PlantedModels;
import io.attune.models.testing.Poison;
import io.attune.proto.attune.Rollout;
import io.attune.proto.attune.RolloutOptions;
import io.attune.proto.attune.RolloutRequest;
import io.attune.proto.attune.RolloutState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Models whose spaces are orthogonal, swapped back and forth while clients search and one writes:
/// nothing fails, nothing is mixed, nothing is lost. `-Dattune.rollouts=N` (default 3; `.ci/run`
/// does 20) for more of it, with every poison from 18 on.
///
/// Each rollout lasts until clients have done enough between its begin and its end: half before the
/// flip, for which the copy rests, half behind it, for which the old version stays. One that is
/// refused is begun again until they have.
///
/// It is no part of the build, which has [EmbeddedRolloutTest]: `-Dtest.excluded=` adds it.
@Tag("soak")
class RolloutsUnderLoadTest {
  private static final int ROLLOUTS = Integer.getInteger("attune.rollouts", 3);
  private static final int DOCUMENTS = 120;
  private static final int SEARCHES_IN_EACH = 1_000;
  private static final int WRITES_IN_EACH = 100;
  private static final int POISONED_EVERY = 4;
  private static final int FIRST_POISONED = 2;
  private static final String MODEL = "m";
  private static final Set<RolloutState> OVER =
      EnumSet.of(RolloutState.RETIRED, RolloutState.ROLLED_BACK, RolloutState.ROLLOUT_FAILED);

  private static final List<Poison> POISONS =
      List.of(
          Poison.WRONG_DIMENSION,
          Poison.NAN_WEIGHTS,
          Poison.WRONG_TOKENIZER,
          Poison.CRASH_ON_LOAD,
          Poison.CORRUPT_FILE);

  private static final String FLOW =
      PlantedFlow.ENCODER.replace("model: m,", "model: m@1,")
          + "  - {name: indexer, uses: Indexer}\n";

  @TempDir private Path folder;
  private final Map<String, String> stable = new TreeMap<>();

  @BeforeEach
  void write() {
    for (int i = 0; i < DOCUMENTS; i++) {
      stable.put("doc-" + i, PlantedModels.text(i));
    }
  }

  @Test
  void nothingFailsNothingIsMixedNothingIsLost() {
    Duration most = Duration.ofMinutes(2).plus(Duration.ofSeconds(60).multipliedBy(ROLLOUTS));
    assertTimeoutPreemptively(most, this::rollOut);
  }

  private void rollOut() throws InterruptedException {
    PlantedChecker checker = new PlantedChecker(stable);
    checker.slots().put(MODEL + "@1", 0);
    try (PlantedFlow flow = PlantedFlow.start(folder, FLOW)) {
      String address = "localhost:" + flow.flow.grpcPort();
      index(address);
      try (CheckedSearches searches = new CheckedSearches(address, checker, 3, 2);
          CheckedWrites writes = new CheckedWrites(address, 1)) {
        Load load = new Load(searches.answered, writes.writes);
        for (int i = 1; i <= ROLLOUTS; i++) {
          if (i % POISONED_EVERY == FIRST_POISONED) {
            refused(flow, load, POISONS.get(i / POISONED_EVERY % POISONS.size()));
          } else {
            swapped(flow, load, checker, i % PlantedModels.SLOTS);
          }
        }
        searches.finish();
        writes.finish();
        assertThat(searches.failed).isEmpty();
        assertThat(searches.mixed).isEmpty();
        assertThat(writes.failed).isEmpty();
        assertThat(writes.lost).isEmpty();
        assertThat(writes.resurrected).isEmpty();
        assertThat(searches.versions).isEqualTo(checker.slots().keySet());
      }
    }
  }

  /// What clients have done, in all.
  private record Load(AtomicLong searches, AtomicLong writes) {
    /// What they will have done after a share of what they do in a rollout.
    Done after(double share) {
      return new Done(
          searches.get() + (long) (share * SEARCHES_IN_EACH),
          writes.get() + (long) (share * WRITES_IN_EACH));
    }

    void await(Done goal) throws InterruptedException {
      while (searches.get() < goal.searches() || writes.get() < goal.writes()) {
        Thread.sleep(5);
      }
    }
  }

  private record Done(long searches, long writes) {}

  private void index(String address) {
    try (FlowClient client = FlowClient.connect(address)) {
      PlantedFlow.index(client, stable);
    }
  }

  private void swapped(PlantedFlow flow, Load load, PlantedChecker checker, int slot)
      throws InterruptedException {
    StoredModel model = PlantedModels.publish(flow.store, MODEL, slot);
    checker.slots().put(model.id().toString(), slot);
    RolloutRequest rollout = begin(flow, model);
    flow.rollouts().pause(rollout);
    load.await(load.after(0.5));
    flow.rollouts().resume(rollout);
    flow.await(
        rollout.getRollout(), each -> each.getReached() && each.getState() == RolloutState.LIVE);
    load.await(load.after(0.5));
    flow.rollouts().proceed(rollout);
    Rollout end = end(flow, rollout);
    assertThat(end.getState()).as(end.getReason()).isEqualTo(RolloutState.RETIRED);
  }

  private void refused(PlantedFlow flow, Load load, Poison poison) {
    StoredModel model = PlantedModels.poisoned(flow.store, MODEL, 3, poison);
    long searched = 0;
    long written = 0;
    while (searched < SEARCHES_IN_EACH || written < WRITES_IN_EACH) {
      Done before = load.after(0);
      Rollout end = end(flow, begin(flow, model));
      searched += load.searches().get() - before.searches();
      written += load.writes().get() - before.writes();
      assertThat(end.getState()).as("%s", poison).isEqualTo(RolloutState.ROLLOUT_FAILED);
      assertThat(end.getReason()).as("%s", poison).isNotBlank();
    }
  }

  private static RolloutRequest begin(PlantedFlow flow, StoredModel model) {
    String version = String.valueOf(model.id().version());
    String id = flow.swap(version, RolloutOptions.newBuilder().setDrainSeconds(600)).getId();
    return RolloutRequest.newBuilder().setRollout(id).build();
  }

  private static Rollout end(PlantedFlow flow, RolloutRequest rollout) {
    return flow.await(
        rollout.getRollout(), each -> each.getReached() && OVER.contains(each.getState()));
  }
}
