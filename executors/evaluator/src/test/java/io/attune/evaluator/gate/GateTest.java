package io.attune.evaluator.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.attune.evaluator.metrics.Evaluation;
import io.attune.evaluator.metrics.EvaluationOptions;
import io.attune.evaluator.metrics.Metric;
import io.attune.evaluator.metrics.Ranking;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class GateTest {
  private static final EvaluationOptions OPTIONS =
      new EvaluationOptions(List.of(Metric.RECIPROCAL_RANK), 20, 0, 1);
  private static final Gate GATE = new Gate(GateOptions.DEFAULT);

  /// An evaluation in which query i has its one relevant document at the given rank, from 1; 0 for
  /// nowhere.
  private static Evaluation at(int... ranks) {
    List<Ranking> rankings = new ArrayList<>();
    for (int i = 0; i < ranks.length; i++) {
      boolean[] relevance = new boolean[20];
      if (ranks[i] > 0) {
        relevance[ranks[i] - 1] = true;
      }
      rankings.add(Ranking.of("q" + i, relevance, 1));
    }
    return Evaluation.of(rankings, OPTIONS);
  }

  private static int[] random(Random random, int count) {
    return random.ints(count, 0, 6).toArray();
  }

  @Test
  void aCandidateThatIsBetterPasses() {
    int[] live = random(new Random(1), 300);
    int[] better = live.clone();
    for (int i = 0; i < 60; i++) {
      better[i] = 1;
    }
    Verdict verdict = GATE.judge(at(live), at(better), 1);
    assertThat(verdict.passed()).as(verdict.reason()).isTrue();
    assertThat(verdict.bound()).isPositive().isLessThan(verdict.comparison().difference().value());
    assertThat(GATE.judge(at(live), at(live), 1).passed()).isFalse();
    assertThat(GATE.judge(at(better), at(live), 1).passed()).isFalse();
  }

  /// scipy 1.17.1: d = numpy.array([.5] * 30 + [0.] * 170); d.mean() - scipy.stats.t.isf(tail, 199)
  /// * d.std(ddof=1) / 200 ** .5 with tail .025 and .05 / 110.
  @Test
  void theBoundIsThatOfStudentsT() {
    int[] live = new int[200];
    int[] candidate = new int[200];
    for (int i = 0; i < 200; i++) {
      live[i] = 2;
      candidate[i] = i < 30 ? 1 : 2;
    }
    assertThat(GATE.judge(at(live), at(candidate), 1).bound())
        .as("the bootstrap's, where that is lower")
        .isLessThanOrEqualTo(0.050042797736361735)
        .isCloseTo(0.050042797736361735, within(0.003));
    assertThat(GATE.judge(at(live), at(candidate), 10).bound())
        .isCloseTo(0.032374829300433186, within(1e-9));
  }

  @Test
  void theSharesOfAllAttemptsSumToFivePercent() {
    double sum = 0;
    for (int attempt = 1; attempt <= 1_000_000; attempt++) {
      sum += Gate.tail(attempt);
    }
    assertThat(Gate.tail(1)).isEqualTo(0.025);
    assertThat(sum).isCloseTo(0.05, within(1e-6)).isLessThan(0.05);
  }

  /// Six series of a hundred candidates that are no better.
  @Test
  void ofAHundredRandomCandidatesAtMostFivePass() {
    int most = 0;
    int untightened = 0;
    for (int series = 0; series < 6; series++) {
      Random random = new Random(series);
      Evaluation live = at(random(random, 120));
      int passed = 0;
      for (int attempt = 1; attempt <= 100; attempt++) {
        Evaluation candidate = at(random(random, 120));
        Verdict verdict = GATE.judge(live, candidate, attempt);
        passed += verdict.passed() ? 1 : 0;
        untightened += verdict.comparison().difference().low() > 0 ? 1 : 0;
      }
      most = Math.max(most, passed);
    }
    assertThat(most).isLessThanOrEqualTo(5);
    assertThat(untightened).as("what the tightening is for").isGreaterThan(most);
  }

  @Test
  void aMarginMustBePassedForCertain() {
    int[] live = new int[150];
    int[] candidate = new int[150];
    for (int i = 0; i < 150; i++) {
      live[i] = 2;
      candidate[i] = 1; // better by .5 in every query
    }
    Gate half = new Gate(GateOptions.DEFAULT.above(.5));
    assertThat(half.judge(at(live), at(candidate), 1).passed()).isFalse();
    Gate less = new Gate(GateOptions.DEFAULT.above(.49));
    assertThat(less.judge(at(live), at(candidate), 1).passed()).isTrue();
  }

  @Test
  void fewQueriesDecideNothing() {
    int[] live = new int[99];
    int[] candidate = new int[99];
    Arrays.fill(live, 3);
    Arrays.fill(candidate, 1);
    Verdict verdict = GATE.judge(at(live), at(candidate), 1);
    assertThat(verdict.passed()).isFalse();
    assertThat(verdict.reason())
        .isEqualTo("refused: 99 queries (expected: 100 or more; judge more of them)");
    assertThat(verdict.toJson()).containsEntry("passed", false).containsEntry("queries", 99);
  }

  @Test
  void tellsWhatItAskedFor() {
    int[] live = new int[100];
    int[] candidate = new int[100];
    Arrays.fill(live, 2);
    Arrays.fill(candidate, 1);
    assertThat(GATE.judge(at(live), at(candidate), 1).reason())
        .isEqualTo(
            "passed: reciprocal_rank +0.5000, at least +0.5000 with 97.5 % confidence in attempt 1 (above +0.0000)");
    assertThat(GATE.judge(at(candidate), at(live), 100).reason())
        .isEqualTo(
            "refused: reciprocal_rank -0.5000, at least -0.5000 with 99.9995 % confidence in attempt 100 (expected: above +0.0000)");
  }

  @Test
  void refusesWhatCannotBeCompared() {
    Evaluation three = at(1, 2, 3);
    assertThatThrownBy(() -> GATE.judge(three, at(1, 2), 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("queries: 3 and 2");
    assertThatThrownBy(() -> GATE.judge(three, three, 0)).hasMessageContaining("attempt: 0");
    assertThatThrownBy(() -> GateOptions.DEFAULT.above(Double.NaN)).hasMessageContaining("NaN");
    assertThatThrownBy(() -> GATE.options().of(Metric.NDCG).above(2)).hasMessageContaining("2.0");
    assertThatThrownBy(() -> new Gate(GateOptions.DEFAULT.of(Metric.NDCG)).judge(three, three, 1))
        .hasMessageContaining("ndcg");
  }
}
