package io.attune.evaluator.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ComparisonTest {
  private static final EvaluationOptions OPTIONS =
      EvaluationOptions.DEFAULT.of(List.of(Metric.HIT, Metric.RECIPROCAL_RANK)).at(5);

  @Test
  void triesEveryFlipWhereThereAreFew() {
    // three queries, all better by one: 2 of the 8 flips are as extreme
    Comparison comparison = Comparison.of(Metric.HIT, hits(0, 0, 0), hits(1, 1, 1), 500, 1);

    assertThat(comparison.pValue()).isEqualTo(0.25);
    assertThat(comparison.difference()).isEqualTo(new Estimate(1, 1, 1));
    assertThat(comparison.better()).isEqualTo(3);
    assertThat(comparison.worse()).isZero();
    assertThat(comparison.equal()).isZero();
  }

  @Test
  void equalResultsDifferByChance() {
    Comparison comparison = Comparison.of(Metric.HIT, hits(0, 1, 1, 0), hits(0, 1, 1, 0), 500, 1);

    assertThat(comparison.pValue()).isEqualTo(1);
    assertThat(comparison.difference()).isEqualTo(new Estimate(0, 0, 0));
    assertThat(comparison.equal()).isEqualTo(4);
  }

  @Test
  void sampledFlipsGiveThePValueOfTheSignTest() {
    // 14 queries, 11 better and 3 worse by one: the exact two-sided p is 2·Σ_{i≤3} C(14,i) / 2^14
    int[] before = new int[14];
    int[] after = new int[14];
    for (int i = 0; i < 14; i++) {
      before[i] = i < 3 ? 1 : 0;
      after[i] = i < 3 ? 0 : 1;
    }

    Comparison comparison = Comparison.of(Metric.HIT, hits(before), hits(after), 2000, 1);

    assertThat(comparison.pValue()).isEqualTo(2 * (1 + 14 + 91 + 364) / 16384.0, within(0.01));
    assertThat(comparison.difference().value()).isEqualTo(8 / 14.0, within(1e-12));
    assertThat(comparison.difference().low()).isBetween(0.0, 0.3);
  }

  @Test
  void allMetricsAtOnceHaveTheIntervalsOfEach() {
    Evaluation before = hits(0, 1, 0, 1, 1, 0, 0, 0);
    Evaluation after = hits(1, 1, 0, 0, 1, 1, 0, 1);

    Map<Metric, Estimate> differences = Comparison.differences(before, after, 300, 4);

    assertThat(differences).containsOnlyKeys(Metric.HIT, Metric.RECIPROCAL_RANK);
    differences.forEach((metric, difference) ->
        assertThat(difference)
            .isEqualTo(Comparison.of(metric, before, after, 300, 4).difference()));
    assertThat(Comparison.differences(before, before, 0, 4))
        .containsEntry(Metric.HIT, new Estimate(0, 0, 0));
  }

  @Test
  void pairsByIdNotByPosition() {
    List<Ranking> before = EvaluationTest.random(30);
    List<Ranking> shuffled = new ArrayList<>(before);
    Collections.shuffle(shuffled, new Random(3));

    Comparison comparison =
        Comparison.of(
            Metric.RECIPROCAL_RANK,
            Evaluation.of(before, OPTIONS),
            Evaluation.of(shuffled, OPTIONS),
            500,
            1);

    assertThat(comparison.equal()).isEqualTo(30);
    assertThat(comparison.pValue()).isEqualTo(1);
  }

  @Test
  void isNarrowerThanTheIntervalsOfEach() {
    // each query is a little better: paired, that is certain; unpaired, it drowns in the spread
    List<Ranking> before = new ArrayList<>();
    List<Ranking> after = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      boolean[] found = new boolean[20];
      found[1 + i % 10] = true;
      before.add(Ranking.of("q" + i, found, 1));
      boolean[] better = new boolean[20];
      better[i % 10] = true;
      after.add(Ranking.of("q" + i, better, 1));
    }
    Evaluation baseline = Evaluation.of(before, EvaluationOptions.DEFAULT);
    Evaluation candidate = Evaluation.of(after, EvaluationOptions.DEFAULT);

    Comparison comparison = Comparison.of(Metric.NDCG, baseline, candidate, 1000, 1);

    assertThat(comparison.difference().low()).isPositive();
    assertThat(comparison.pValue()).isLessThan(0.001);
    Estimate alone = candidate.metric(Metric.NDCG);
    assertThat(comparison.difference().high() - comparison.difference().low())
        .isLessThan(alone.high() - alone.low());
    assertThat(comparison.toJson()).containsEntry("metric", "ndcg").containsKey("p_value");
  }

  @Test
  void refusesResultsThatAreNotOfTheSameQueries() {
    Evaluation three = hits(1, 0, 1);
    Evaluation otherCutOff = Evaluation.of(EvaluationTest.random(3), OPTIONS.at(7));
    Evaluation otherQueries =
        Evaluation.of(
            List.of(
                Ranking.of("q0", new boolean[] {true}, 1),
                Ranking.of("q1", new boolean[] {true}, 1),
                Ranking.of("x", new boolean[] {true}, 1)),
            OPTIONS);

    assertThatThrownBy(() -> Comparison.of(Metric.HIT, three, hits(1, 0), 10, 1))
        .hasMessage("queries: 3 and 2 (expected: the same)");
    assertThatThrownBy(() -> Comparison.of(Metric.HIT, three, otherQueries, 10, 1))
        .hasMessage("query x: not in the baseline (expected: the same queries)");
    assertThatThrownBy(() -> Comparison.of(Metric.HIT, three, otherCutOff, 10, 1))
        .hasMessage("k: 5 and 7 (expected: the same)");
    assertThatThrownBy(() -> Comparison.of(Metric.HIT, three, three, 0, 1))
        .hasMessage("resamples: 0 (expected: 1 or more)");
    assertThatThrownBy(() -> Comparison.of(Metric.DCG, three, three, 10, 1))
        .hasMessageStartingWith("metric: dcg was not evaluated");
  }

  private static Evaluation hits(int... hits) {
    List<Ranking> rankings = new ArrayList<>();
    for (int i = 0; i < hits.length; i++) {
      rankings.add(Ranking.of("q" + i, new boolean[] {hits[i] == 1}, 1));
    }
    return Evaluation.of(rankings, OPTIONS);
  }
}
