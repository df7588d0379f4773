package io.attune.cli.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.models.testing.PlantedModels;
import io.attune.models.testing.Poison;
import io.attune.proto.attune.ListRolloutsRequest;
import io.attune.proto.attune.RollbackRequest;
import io.attune.proto.attune.Rollout;
import io.attune.proto.attune.RolloutOptions;
import io.attune.proto.attune.RolloutRequest;
import io.attune.proto.attune.RolloutState;
import io.attune.proto.attune.StartRolloutRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Rollouts of a real encoder in an embedded Flow, with models whose spaces are orthogonal, while
/// clients search.
@Timeout(120)
class EmbeddedRolloutTest {
  @TempDir private Path folder;

  private static StartRolloutRequest swap(String version, int drainSeconds) {
    return StartRolloutRequest.newBuilder()
        .setModel("m")
        .setVersion(version)
        .setOptions(RolloutOptions.newBuilder().setDrainSeconds(drainSeconds))
        .build();
  }

  private static boolean isReached(Rollout rollout, RolloutState state) {
    return rollout.getState() == state && rollout.getReached();
  }

  private static void awaitMore(SearchingClients clients, String version) {
    long seen = clients.of(version);
    while (clients.of(version) < seen + 50 && clients.failed.isEmpty()) {
      LockSupport.parkNanos(1_000_000);
    }
  }

  private static final String PINNED = PlantedFlow.ENCODER.replace("model: m,", "model: m@1,");

  @Test
  void swapsAndRollsBackWithoutAFailedOrMixedAnswer() throws Exception {
    try (PlantedFlow flow = PlantedFlow.start(folder, PINNED)) {
      SearchingClients clients = new SearchingClients(flow.channel, 3, 2);
      try (clients) {
        awaitMore(clients, "m@1");
        Rollout started = flow.rollouts().start(swap("2", 600));
        assertThat(started.getState()).isEqualTo(RolloutState.PREPARING);
        Rollout live = flow.await(started.getId(), each -> isReached(each, RolloutState.LIVE));
        assertThat(live.hasRetires()).isTrue();
        assertThat(live.getParticipantsList()).hasSize(2).allMatch(each -> each.getReached());
        awaitMore(clients, "m@2");
        Rollout back = flow.rollouts().rollback(RollbackRequest.newBuilder().setModel("m").build());
        assertThat(back.getState()).isEqualTo(RolloutState.ROLLED_BACK);
        awaitMore(clients, "m@1");
        flow.await(started.getId(), each -> isReached(each, RolloutState.ROLLED_BACK));
        Rollout again = flow.rollouts().start(swap("2", 0));
        flow.await(again.getId(), each -> isReached(each, RolloutState.RETIRED));
        awaitMore(clients, "m@2");
        Rollout other =
            flow.rollouts().rollback(RollbackRequest.newBuilder().setModel("m").build());
        assertThat(other.getToVersion()).isEqualTo("1");
        flow.await(other.getId(), each -> isReached(each, RolloutState.RETIRED));
        awaitMore(clients, "m@1");
      }
      assertThat(clients.failed).isEmpty();
      assertThat(clients.mixed).isEmpty();
      assertThat(clients.answered).containsOnlyKeys("m@1", "m@2");
    }
  }

  @Test
  void refusesAPoisonedVersionWithTheReasonAndServesOn() throws Exception {
    var store = PlantedFlow.publish(folder);
    var _ = PlantedModels.poisoned(store, "m", 1, Poison.NAN_WEIGHTS);
    try (PlantedFlow flow = PlantedFlow.start(folder, PINNED);
        SearchingClients clients = new SearchingClients(flow.channel, 1, 1)) {
      Rollout started = flow.rollouts().start(swap("", 0));
      assertThat(started.getToVersion()).isEqualTo("3");
      Rollout over =
          flow.await(started.getId(), each -> isReached(each, RolloutState.ROLLOUT_FAILED));
      assertThat(over.getReason()).contains("encoder encoder/0/0: model m@3: ");
      awaitMore(clients, "m@1");
      assertThat(clients.failed).isEmpty();
      assertThat(clients.answered).containsOnlyKeys("m@1");
    }
  }

  @Test
  void goesOnWithWhatIsLiveAfterARestart() throws Exception {
    String id;
    try (PlantedFlow flow = PlantedFlow.start(folder, PINNED)) {
      id = flow.rollouts().start(swap("2", 600)).getId();
      flow.await(id, each -> isReached(each, RolloutState.LIVE));
    }
    try (PlantedFlow flow = PlantedFlow.start(folder, PINNED);
        SearchingClients clients = new SearchingClients(flow.channel, 1, 1)) {
      awaitMore(clients, "m@2");
      assertThat(clients.answered).containsOnlyKeys("m@2");
      Rollout rollout = flow.await(id, each -> isReached(each, RolloutState.LIVE));
      assertThat(rollout.getEpoch()).isEqualTo(2);
      flow.rollouts().proceed(RolloutRequest.newBuilder().setRollout(id).build());
      flow.await(id, each -> isReached(each, RolloutState.RETIRED));
      assertThat(clients.failed).isEmpty();
      assertThat(
              flow.rollouts()
                  .list(ListRolloutsRequest.getDefaultInstance())
                  .getLive(0)
                  .getVersion())
          .isEqualTo("2");
    }
  }

  @Test
  void servesAndSaysWhyThereAreNoRolloutsWithoutAWorkspace() throws Exception {
    Files.createDirectories(folder.resolve("state"));
    Files.writeString(folder.resolve("state").resolve("gateway"), "no folder");
    try (PlantedFlow flow = PlantedFlow.start(folder, PINNED);
        SearchingClients clients = new SearchingClients(flow.channel, 1, 0)) {
      awaitMore(clients, "m@1");
      assertThatThrownBy(() -> flow.rollouts().start(swap("2", 0)))
          .hasMessageStartingWith("FAILED_PRECONDITION: workspace: ");
      assertThat(clients.failed).isEmpty();
    }
  }
}
