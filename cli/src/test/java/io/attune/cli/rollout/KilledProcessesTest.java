package io.attune.cli.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.cli.client.FlowClient;
import io.attune.cli.rollout.Fleet.Role;
import io.attune.models.ModelStore;
import io.attune.models.testing.PlantedModels;
import io.attune.proto.attune.RolloutState;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A Flow of six processes, taken from version to version while clients search and write through
/// both of its gateways, and one process after the other is killed, or stopped for a while, and
/// started again where it was: every rollout goes to its end by itself, no search fails, no answer
/// is mixed, no acknowledged write is lost, and none comes back.
///
/// What counts as failed, [Outages] says. Every kill must meet its state; where the state was over
/// before, the kill is tried again.
///
/// By default the coordinator alone is killed. `-Dattune.kills=all` for every process in every
/// state, `-Dattune.kills=TRAINER` for one of them in every state; `-Dattune.pause.seconds=30` to
/// stop a gateway, for longer than its lease.
///
/// It is no part of the build, which has [RemoteRolloutTest]: `-Dtest.excluded=` adds it.
@Tag("soak")
@Timeout(2_400)
class KilledProcessesTest {
  private static final String KILLS = System.getProperty("attune.kills", "some");
  private static final int PAUSE_SECONDS = Integer.getInteger("attune.pause.seconds", 0);
  private static final int LEASE_SECONDS = 5;
  private static final int DOCUMENTS = 240;

  private static final List<Kill> SOME = List.of(new Kill(Role.COORDINATOR, RolloutState.LIVE));

  @TempDir private Path folder;
  private final Map<String, String> stable = new TreeMap<>();

  @SuppressWarnings("NullAway.Init") // by start
  private Fleet fleet;

  @SuppressWarnings("NullAway.Init") // by start
  private FleetRollouts rollouts;

  @BeforeEach
  void start() throws IOException, InterruptedException {
    ModelStore store = ModelStore.at(folder.resolve("models"));
    var _ = PlantedModels.publish(store, "m", 0);
    fleet = Fleet.start(folder, store.root(), LEASE_SECONDS);
    for (int i = 0; i < DOCUMENTS; i++) {
      stable.put("doc-" + i, PlantedModels.text(i));
    }
    PlantedChecker checker = new PlantedChecker(stable);
    checker.slots().put("m@1", 0);
    rollouts = new FleetRollouts(fleet, store, checker);
    try (FlowClient client = FlowClient.connect(fleet.address(Role.COORDINATOR))) {
      PlantedFlow.index(client, stable);
    }
  }

  @AfterEach
  void close() {
    fleet.close();
  }

  @Test
  void everyRolloutEndsAndNothingFailsNothingIsMixedNothingIsLost() throws Exception {
    try (FleetClients clients = new FleetClients(fleet, rollouts.checker())) {
      for (Kill kill : kills()) {
        clients.goOn();
        rollouts.killed(kill);
      }
      clients.goOn();
      if (PAUSE_SECONDS > 0) {
        rollouts.pausedAcrossTheFlip(Duration.ofSeconds(PAUSE_SECONDS));
        clients.goOn();
      }
      clients.finish();
      assertThat(rollouts.met()).containsExactlyInAnyOrderElementsOf(kills());
      assertThat(clients.failed()).isEmpty();
      assertThat(clients.mixed()).isEmpty();
      assertThat(clients.lost()).isEmpty();
      assertThat(clients.resurrected()).isEmpty();
      assertThat(clients.versions()).contains(rollouts.live());
    }
  }

  private static List<Kill> kills() {
    return switch (KILLS) {
      case "some" -> SOME;
      case "all" -> Kill.all();
      default -> Kill.all().stream().filter(kill -> kill.victim() == Role.valueOf(KILLS)).toList();
    };
  }
}
