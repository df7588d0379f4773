package io.attune.gateway.rollout.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.proto.attune.GateVerdict;
import io.attune.proto.attune.OwnVectors;
import io.attune.proto.attune.RolloutOptions;
import io.attune.proto.attune.RolloutState;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RolloutStoreTest {
  /// A rollout as the first version that had any wrote it.
  private static final String FIRST =
      """
      {"id":"20260101-120000-00ff","requestId":"mine","model":"m","from":1,"to":2,
       "fromSpace":"m-1","toSpace":"m-2","dimension":384,
       "settings":{"ownVectors":"OWN_VECTORS_DROP","allowMissing":3,"documentsPerSecond":0.0,
        "canaryShare":0.0,"canarySeconds":0,"shadow":false,"minGain":null,"force":false,
        "drainSeconds":600},
       "epoch":7,"state":"LIVE","reached":true,"paused":false,"reason":"",
       "steps":[{"state":"PREPARING","began":5,"ended":6},{"state":"LIVE","began":7,"ended":9}],
       "members":["encoder encoder/0/0"]}
      """;

  @TempDir private Path folder;

  private RolloutStore store() {
    return new RolloutStore(new FolderRecords(folder));
  }

  private void write(String key, String text) throws IOException {
    assertThat(new FolderRecords(folder).compareAndSet(key, Records.NONE, text)).isPresent();
  }

  @Test
  void readsWhatTheFirstVersionWrote() throws IOException {
    write("rollouts/20260101-120000-00ff", FIRST);
    RolloutRecord found = store().rollout("20260101-120000-00ff").orElseThrow().value();
    RolloutSettings settings =
        RolloutSettings.of(
            RolloutOptions.newBuilder()
                .setOwnVectors(OwnVectors.OWN_VECTORS_DROP)
                .setAllowMissing(3)
                .setDrainSeconds(600)
                .build());
    assertThat(found)
        .isEqualTo(
            new RolloutRecord(
                "20260101-120000-00ff",
                "mine",
                "m",
                1,
                2,
                "m-1",
                "m-2",
                0,
                384,
                settings,
                7,
                RolloutState.LIVE,
                true,
                false,
                "",
                List.of(
                    new RolloutRecord.Step(RolloutState.PREPARING, 5, 6),
                    new RolloutRecord.Step(RolloutState.LIVE, 7, 9)),
                List.of("encoder encoder/0/0"),
                null));
    Stored<RolloutRecord> stored = store().rollout(found.id()).orElseThrow();
    RolloutRecord next = found.going(RolloutState.RETIRED, "", List.of(), Instant.EPOCH);
    assertThat(store().rollout(stored, next)).isPresent();
    assertThat(store().rollout(found.id()).orElseThrow().value()).isEqualTo(next);
  }

  @Test
  void readsGatesOfWhichNobodyNotedHowManyQueriesWereHeldOut() throws IOException {
    write("rollouts/20260101-120000-00ff", FIRST);
    GateVerdict verdict =
        GateVerdict.newBuilder().setQueries(120).setHeldOut(130).setReason("passed").build();
    Stored<RolloutRecord> first = store().rollout("20260101-120000-00ff").orElseThrow();
    RolloutRecord judged = first.value().judged(GateRecord.of(verdict));
    assertThat(store().rollout(first, judged)).isPresent();
    assertThat(store().rollout(judged.id()).orElseThrow().value()).isEqualTo(judged);
    FolderRecords records = new FolderRecords(folder);
    String text = records.read("rollouts/" + judged.id()).orElseThrow().text();
    assertThat(text).contains(",\"heldOut\":130");
    write("rollouts/before", text.replace(",\"heldOut\":130", ""));
    assertThat(store().rollout("before").orElseThrow().value())
        .isEqualTo(first.value().judged(GateRecord.of(verdict.toBuilder().clearHeldOut().build())));
  }

  @Test
  void refusesARolloutWithoutWhatItAlwaysHad() throws IOException {
    write("rollouts/r", FIRST.replace("\"epoch\":7,", ""));
    assertThatThrownBy(() -> store().rollout("r")).hasMessageStartingWith("rollouts/r: ");
  }
}
