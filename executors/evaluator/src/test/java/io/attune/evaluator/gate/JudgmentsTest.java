package io.attune.evaluator.gate;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.evaluator.metrics.Metric;
import java.util.List;
import org.junit.jupiter.api.Test;

class JudgmentsTest {
  private final Judgments judgments = new Judgments();

  @Test
  void whatNobodyJudgedIsTakenOut() {
    judgments.add("q", "good", true);
    judgments.add("q", "bad", false);
    judgments.add("q", "elsewhere", true);
    Judgments.Condensed condensed =
        judgments.condense("q", List.of("new", "bad", "newer", "good", "good", "last"), 4);
    assertThat(condensed.ranking().size()).isEqualTo(2);
    assertThat(condensed.ranking().relevant()).isEqualTo(2);
    assertThat(Metric.RECIPROCAL_RANK.of(condensed.ranking(), 20)).isEqualTo(.5);
    assertThat(condensed.retrieved()).isEqualTo(4);
    assertThat(condensed.unjudged()).isEqualTo(2);
    assertThat(Judgments.unjudgedShare(List.of(condensed))).isEqualTo(.5);
  }

  @Test
  void aLaterWordReplacesAnEarlierOneAndCanBeTakenBack() {
    judgments.add("q", "a", true);
    judgments.add("q", "a", false);
    assertThat(judgments.condense("q", List.of("a"), 1).ranking().relevant()).isZero();
    assertThat(judgments.remove("q", "a")).isTrue();
    assertThat(judgments.remove("q", "a")).isFalse();
    assertThat(judgments.queries()).isEmpty();
    Judgments.Condensed nothing = judgments.condense("q", List.of("a"), 1);
    assertThat(nothing.unjudged()).isEqualTo(1);
    assertThat(Judgments.unjudgedShare(List.of())).isZero();
  }
}
