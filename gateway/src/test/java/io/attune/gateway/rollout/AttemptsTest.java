package io.attune.gateway.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.gateway.rollout.record.GateRecord;
import io.attune.gateway.rollout.record.PastRecord;
import io.attune.gateway.rollout.record.RolloutRecord;
import io.attune.proto.attune.GateVerdict;
import io.attune.proto.attune.RolloutState;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AttemptsTest {
  private final List<RolloutRecord> rollouts = new ArrayList<>();

  @Test
  void countsCandidatesOnOneSetOfQueries() {
    assertThat(attempt(2, 100)).isEqualTo(1);
    judged(2, 100);
    assertThat(attempt(3, 100)).isEqualTo(2);
    judged(3, 120);
    judged(3, 130);
    assertThat(attempt(4, 140)).isEqualTo(3);
    assertThat(attempt(2, 140)).as("the same candidate again").isEqualTo(1);
    assertThat(attempt(3, 140)).as("the same candidate again").isEqualTo(2);
  }

  @Test
  void beginsAnewWhereHalfOfTheQueriesAreNew() {
    judged(2, 100);
    judged(3, 150);
    assertThat(attempt(4, 199)).isEqualTo(3);
    assertThat(attempt(4, 200)).isEqualTo(1);
    judged(4, 200);
    assertThat(attempt(5, 399)).isEqualTo(2);
    assertThat(attempt(5, 400)).isEqualTo(1);
  }

  /// Of 3,000 and more that are held out the newest 2,000 are compared.
  @Test
  void beginsAnewWhereHalfOfTheNewestQueriesAreNew() {
    judged(2, 2_000, 3_000);
    judged(3, 2_000, 3_500);
    assertThat(attempt(4, 3_999)).isEqualTo(3);
    assertThat(attempt(4, 4_000)).isEqualTo(1);
    judged(4, 2_000, 4_000);
    assertThat(attempt(5, 4_999)).isEqualTo(2);
    assertThat(attempt(5, 5_000)).isEqualTo(1);
  }

  /// 600 of 1,800 that are compared are new, then 900 of 2,000, then half of them.
  @Test
  void aSetThatGrowsBeyondWhatIsComparedGoesOn() {
    judged(2, 1_200, 1_200);
    assertThat(attempt(3, 1_800)).isEqualTo(2);
    assertThat(attempt(3, 2_199)).isEqualTo(2);
    assertThat(attempt(3, 2_200)).isEqualTo(1);
  }

  @Test
  void fewerHeldOutQueriesThanBeforeAreTheSameSet() {
    judged(2, 2_000, 5_000);
    assertThat(attempt(3, 4_000)).isEqualTo(2);
  }

  @Test
  void rolloutsThatComparedNothingAreNoAttempts() {
    rollouts.add(rollout(2, null));
    rollouts.add(rollout(3, GateRecord.nothing("too few")));
    assertThat(attempt(4, 100)).isEqualTo(1);
  }

  private int attempt(int version, long queries) {
    return Attempts.of(PastRecord.none("m"), rollouts).next(version, queries);
  }

  /// As before it was noted how many are held out.
  private void judged(int version, int queries) {
    judged(version, queries, 0);
  }

  private void judged(int version, int queries, int heldOut) {
    GateVerdict verdict = GateVerdict.newBuilder().setQueries(queries).setHeldOut(heldOut).build();
    rollouts.add(rollout(version, GateRecord.of(verdict)));
  }

  private static RolloutRecord rollout(int version, @Nullable GateRecord gate) {
    RolloutRecord rollout =
        new RolloutRecord(
            "r" + version,
            "",
            "m",
            1,
            version,
            "space-1",
            "space-" + version,
            64,
            64,
            FlowWorld.settings(0),
            1,
            RolloutState.READY,
            true,
            false,
            "",
            List.of(),
            List.of(),
            null);
    return gate == null ? rollout : rollout.judged(gate);
  }
}
