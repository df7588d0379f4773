package io.attune.cli.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.cli.client.FlowClient;
import io.attune.models.StoredModel;
import io.attune.models.testing.PlantedModels;
import io.attune.models.testing.Poison;
import io.attune.proto.attune.Rollout;
import io.attune.proto.attune.RolloutOptions;
import io.attune.proto.attune.RolloutState;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Models whose spaces are orthogonal, swapped back and forth while clients search and one writes:
/// nothing fails, nothing is mixed, nothing is lost. `-Dattune.rollouts=N` (default 3; `.ci/run`
/// does 20) for more of it, with every poison from 18 on.
@Timeout(1_800)
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
  void nothingFailsNothingIsMixedNothingIsLost() throws InterruptedException {
    PlantedChecker checker = new PlantedChecker(stable);
    checker.slots().put(MODEL + "@1", 0);
    try (PlantedFlow flow = PlantedFlow.start(folder, FLOW)) {
      String address = "localhost:" + flow.flow.grpcPort();
      index(address);
      try (CheckedSearches searches = new CheckedSearches(address, checker, 3, 2);
          CheckedWrites writes = new CheckedWrites(address, 1)) {
        for (int i = 1; i <= ROLLOUTS; i++) {
          long searched = searches.answered.get() + SEARCHES_IN_EACH;
          long written = writes.writes.get() + WRITES_IN_EACH;
          if (i % POISONED_EVERY == FIRST_POISONED) {
            refused(flow, POISONS.get(i / POISONED_EVERY % POISONS.size()));
          } else {
            swapped(flow, checker, i % PlantedModels.SLOTS);
          }
          await(() -> searches.answered.get() >= searched && writes.writes.get() >= written);
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

  private void index(String address) {
    try (FlowClient client = FlowClient.connect(address)) {
      PlantedFlow.index(client, stable);
    }
  }

  private void swapped(PlantedFlow flow, PlantedChecker checker, int slot) {
    StoredModel model = PlantedModels.publish(flow.store, MODEL, slot);
    checker.slots().put(model.id().toString(), slot);
    Rollout end = end(flow, model);
    assertThat(end.getState()).as(end.getReason()).isEqualTo(RolloutState.RETIRED);
  }

  private void refused(PlantedFlow flow, Poison poison) {
    StoredModel model = PlantedModels.poisoned(flow.store, MODEL, 3, poison);
    Rollout end = end(flow, model);
    assertThat(end.getState()).as("%s", poison).isEqualTo(RolloutState.ROLLOUT_FAILED);
    assertThat(end.getReason()).as("%s", poison).isNotBlank();
  }

  private static Rollout end(PlantedFlow flow, StoredModel model) {
    String version = String.valueOf(model.id().version());
    String id = flow.swap(version, RolloutOptions.newBuilder().setDrainSeconds(0)).getId();
    return flow.await(id, each -> each.getReached() && OVER.contains(each.getState()));
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    while (!condition.getAsBoolean()) {
      Thread.sleep(5);
    }
  }
}
