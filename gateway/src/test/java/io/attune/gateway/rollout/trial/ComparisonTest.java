package io.attune.gateway.rollout.trial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.attune.gateway.rollout.record.JudgedRecord;
import io.attune.gateway.rollout.record.TrialRecord;
import io.attune.proto.attune.RolloutComparison;
import io.attune.proto.attune.VersionJudgments;
import io.attune.runtime.ModelVersion;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ComparisonTest {
  private static final Trial.Terms TERMS =
      new Trial.Terms("r", new ModelVersion("m", 1), new ModelVersion("m", 2), 0.5, false);
  private static final TrialRecord NONE = new TrialRecord("r", List.of());

  private static Trial trial(long millis, int searches) {
    Trial trial = new Trial(TERMS);
    for (int i = 0; i < searches; i++) {
      trial.tried(true, TimeUnit.MILLISECONDS.toNanos(millis));
    }
    return trial;
  }

  private static RolloutComparison compared(TrialRecord record) {
    return Comparison.of(record, JudgedRecord.nothing("r"));
  }

  private static TrialRecord record(Trial... trials) {
    TrialRecord record = NONE;
    for (Trial each : trials) {
      record = record.with(Comparison.report(each.count()));
    }
    return record;
  }

  @Test
  void addsHistogramsOfSeveralGateways() {
    Trial slow = trial(400, 5);
    slow.tried(false, 1);
    slow.old(true, TimeUnit.MILLISECONDS.toNanos(7));

    RolloutComparison both = compared(record(trial(10, 95), slow));

    assertThat(both.getTo().getSearches()).isEqualTo(101);
    assertThat(both.getTo().getErrors()).isEqualTo(1);
    assertThat(both.getTo().getP50()).isCloseTo(10, within(0.1));
    assertThat(both.getTo().getP99()).isCloseTo(400, within(4.0));
    assertThat(both.getFrom().getSearches()).isEqualTo(1);
    assertThat(both.getFrom().getP99()).isCloseTo(7, within(0.1));
  }

  @Test
  void countsTheLastReportOfASourceOnly() {
    Trial trial = trial(10, 3);
    TrialRecord.Report early = Comparison.report(trial.count());
    trial.tried(true, 1);
    TrialRecord.Report late = Comparison.report(trial.count());

    assertThat(compared(NONE.with(early).with(late)).getTo().getSearches()).isEqualTo(4);
    assertThat(compared(NONE.with(late).with(early)).getTo().getSearches()).isEqualTo(4);
  }

  @Test
  void tellsWhatPeopleSaidOfAVersionWhereTheySaidSomething() {
    VersionJudgments told =
        VersionJudgments.newBuilder()
            .setSearches(7)
            .setRelevant(5)
            .setIrrelevant(4)
            .setReciprocalRank(0.6)
            .setReciprocalRankLow(0.4)
            .setReciprocalRankHigh(0.8)
            .build();
    JudgedRecord judged =
        new JudgedRecord("r", JudgedRecord.nothing("r").from(), JudgedRecord.Count.of(told));
    RolloutComparison found = Comparison.of(record(trial(10, 95)), judged);
    assertThat(found.getFrom().hasJudged()).isFalse();
    assertThat(found.getTo().getJudged()).isEqualTo(told);
  }

  @Test
  void tellsNothingOfNothing() {
    assertThat(compared(record(new Trial(TERMS))))
        .isEqualTo(
            RolloutComparison.newBuilder()
                .setFrom(compared(NONE).getFrom())
                .setTo(compared(NONE).getTo())
                .build());
    assertThat(compared(NONE).getTo().getP99()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, 19, 19, false", // too few
    "0, 0, 20, 20, true", // nothing to compare with, and all fail
    "0, 0, 20, 10, false", // nothing to compare with, and half of them fail
    "1000, 0, 20, 1, false", // may be chance
    "1000, 0, 20, 5, true",
    "1000, 10, 1000, 12, false",
    "1000, 10, 1000, 80, true",
    "1000, 500, 1000, 500, false", // both are ill
    "100, 90, 1000, 0, false", // better
  })
  void isWorseWhereItsErrorsCannotBeChance(
      int searches, int errors, int newSearches, int newErrors, boolean expected) {
    Trial trial = new Trial(TERMS);
    for (int i = 0; i < searches; i++) {
      trial.old(i >= errors, 1_000);
    }
    for (int i = 0; i < newSearches; i++) {
      trial.tried(i >= newErrors, 1_000);
    }
    String worse = Comparison.worse(record(trial));
    if (expected) {
      assertThat(worse)
          .isEqualTo(
              "canary: %d of %d searches of the new version failed, of the old one %d of %d",
              newErrors, newSearches, errors, searches);
    } else {
      assertThat(worse).isNull();
    }
  }
}
