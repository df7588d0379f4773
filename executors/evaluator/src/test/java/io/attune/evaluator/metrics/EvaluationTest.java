package io.attune.evaluator.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class EvaluationTest {
  private static final long SEED = 11;

  @Test
  void averagesOverQueriesThatHaveRelevantDocuments() {
    List<Ranking> rankings =
        List.of(
            Ranking.ofIds("a", List.of("x", "y"), Set.of("x")),
            Ranking.ofIds("b", List.of("x", "y"), Set.of("z")),
            Ranking.ofIds("c", List.of("x", "y"), Set.of()));

    Evaluation evaluation = Evaluation.of(rankings, EvaluationOptions.DEFAULT.at(1));

    assertThat(evaluation.metric(Metric.HIT).value()).isEqualTo(0.5);
    assertThat(evaluation.withoutRelevant()).containsExactly("c");
    assertThat(evaluation.queries())
        .extracting(Evaluation.QueryValues::query)
        .containsExactly("a", "b");
    assertThat(evaluation.toJson())
        .containsEntry("k", 1)
        .containsEntry("queries", 2)
        .containsEntry("without_relevant", Map.of("count", 1, "ids", List.of("c")));
  }

  @Test
  void intervalIsThatOfTheNormalLawForManyQueries() {
    // hit is a coin of 0.3: the standard error of its mean is known
    Random random = new Random(SEED);
    int queries = 4000;
    List<Ranking> rankings = new ArrayList<>();
    for (int i = 0; i < queries; i++) {
      rankings.add(Ranking.of("q" + i, new boolean[] {random.nextDouble() < 0.3}, 1));
    }

    Estimate hit =
        Evaluation.of(rankings, new EvaluationOptions(List.of(Metric.HIT), 1, 2000, SEED))
            .metric(Metric.HIT);

    double error = Math.sqrt(hit.value() * (1 - hit.value()) / queries);
    assertThat(hit.low()).isEqualTo(hit.value() - 1.96 * error, within(0.15 * error));
    assertThat(hit.high()).isEqualTo(hit.value() + 1.96 * error, within(0.15 * error));
  }

  @Test
  void intervalFollowsTheSeedAndNothingElse() {
    List<Ranking> rankings = random(60);
    EvaluationOptions options = EvaluationOptions.DEFAULT;

    Evaluation all = Evaluation.of(rankings, options);
    Evaluation one = Evaluation.of(rankings, options.of(List.of(Metric.NDCG)));
    Evaluation other =
        Evaluation.of(rankings, new EvaluationOptions(Metric.STANDARD, 20, 1000, SEED));

    assertThat(one.metric(Metric.NDCG)).isEqualTo(all.metric(Metric.NDCG));
    assertThat(other.metric(Metric.NDCG)).isNotEqualTo(all.metric(Metric.NDCG));
    assertThat(other.metric(Metric.NDCG).value()).isEqualTo(all.metric(Metric.NDCG).value());
  }

  @Test
  void percentilesInterpolateAsNumpyDoes() {
    double[] sorted = {1, 2, 3, 4};

    assertThat(Bootstrap.percentile(sorted, 0.025)).isEqualTo(1.075, within(1e-12));
    assertThat(Bootstrap.percentile(sorted, 0.975)).isEqualTo(3.925, within(1e-12));
    assertThat(Bootstrap.percentile(sorted, 1)).isEqualTo(4);
  }

  @Test
  void withoutResamplesTheIntervalIsTheValue() {
    Estimate hit =
        Evaluation.of(
                List.of(Ranking.ofIds("a", List.of("x"), Set.of("x"))),
                new EvaluationOptions(List.of(Metric.HIT), 1, 0, 1))
            .metric(Metric.HIT);

    assertThat(hit).isEqualTo(new Estimate(1, 1, 1));
  }

  @Test
  void namesAtMostAHundredQueriesInJson() {
    List<Ranking> rankings = new ArrayList<>(random(1));
    for (int i = 0; i < 150; i++) {
      rankings.add(Ranking.ofIds("none" + i, List.of("x"), Set.of()));
    }

    Evaluation evaluation = Evaluation.of(rankings, EvaluationOptions.DEFAULT);

    assertThat(evaluation.withoutRelevant()).hasSize(150);
    assertThat(evaluation.toJson().get("without_relevant"))
        .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.MAP)
        .containsEntry("count", 150)
        .extractingByKey("ids")
        .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.LIST)
        .hasSize(100);
  }

  @Test
  void refusesWhatCannotBeEvaluated() {
    assertThatThrownBy(() -> Evaluation.of(List.of(), EvaluationOptions.DEFAULT))
        .hasMessage("queries: 0, none with a relevant document (expected: at least one)");
    assertThatThrownBy(() -> Ranking.of("q", new boolean[] {true}, 0))
        .hasMessage(
            "relevant documents of query q: 0 (expected: at least the 1 that were retrieved)");
    assertThatThrownBy(() -> EvaluationOptions.DEFAULT.at(0))
        .hasMessage("k: 0 (expected: 1 or more)");
    assertThatThrownBy(() -> EvaluationOptions.DEFAULT.of(List.of(Metric.HIT, Metric.HIT)))
        .hasMessageContaining("each once");
    assertThatThrownBy(() -> new EvaluationOptions(Metric.STANDARD, 1, -1, 1))
        .hasMessage("resamples: -1 (expected: 0..100000)");
    assertThatThrownBy(() ->
            Evaluation.of(random(1), EvaluationOptions.DEFAULT.of(List.of(Metric.HIT)))
                .metric(Metric.DCG))
        .hasMessage("metric: dcg (expected: one of [hit])");
  }

  @Test
  void refusesIntervalsThatWouldTakeForever() {
    EvaluationOptions many = new EvaluationOptions(List.of(Metric.HIT), 1, 100_000, 1);
    assertThatThrownBy(() -> Evaluation.of(random(4000), many))
        .hasMessage("resamples: 100000 for 4000 queries (expected: at most 50000)");
  }

  static List<Ranking> random(int queries) {
    Random random = new Random(SEED);
    List<Ranking> rankings = new ArrayList<>();
    for (int i = 0; i < queries; i++) {
      boolean[] relevance = new boolean[10];
      int relevant = 1;
      for (int rank = 0; rank < relevance.length; rank++) {
        relevance[rank] = random.nextDouble() < 0.2;
        relevant += relevance[rank] ? 1 : 0;
      }
      rankings.add(Ranking.of("q" + i, relevance, relevant));
    }
    return rankings;
  }
}
