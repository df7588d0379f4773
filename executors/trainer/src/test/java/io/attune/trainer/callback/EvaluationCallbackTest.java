package io.attune.trainer.callback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.attune.document.Document;
import io.attune.evaluator.metrics.Estimate;
import io.attune.trainer.run.CallbackConfig;
import io.attune.trainer.run.ProgressEvent;
import io.attune.trainer.run.RunConfig;
import io.attune.trainer.run.RunStore;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluationCallbackTest {
  /// Where a text points to; `a…` and `b…` are at right angles, `x` is between, nearer to `a`.
  private static final Map<String, float[]> EMBEDDINGS =
      Map.of(
          "a1", new float[] {1, 0},
          "a2", new float[] {1, .1f},
          "b1", new float[] {0, 1},
          "b2", new float[] {.1f, 1},
          "x", new float[] {1, .9f});

  @TempDir private Path root;

  private FakeFit fit(Map<String, ?> more) {
    Map<String, Object> config = new LinkedHashMap<>(more);
    config.put("model", "m");
    config.put("train_data", "t");
    FakeFit fit = new FakeFit(RunStore.at(root).create(RunConfig.of(config)));
    fit.embedding = text -> EMBEDDINGS.getOrDefault(text, new float[2]);
    return fit;
  }

  private static List<Document> documents(String... texts) {
    return List.of(texts).stream().map(text -> Document.ofText(text).id("id-" + text)).toList();
  }

  private static String label(Document document) {
    return document.text().equals("x") ? "b" : document.text().substring(0, 1);
  }

  private static EvaluationData self() {
    List<Document> all = documents("a1", "a2", "b1", "b2", "x");
    return EvaluationData.byLabel(all, all, EvaluationCallbackTest::label);
  }

  /// By hand, each searching the other four: a1 finds a2 first (the other a's: 1). a2 → x before
  /// a1? cos(a2,a1) = .995, cos(a2,x) = .81: a1 first. b1 → b2 first, x second (both relevant). b2
  /// → b1 first, x second. x → a2 (.81·), a1, b2, b1: relevant at ranks 3 and 4.
  @Test
  void metricsAreThoseWorkedOutByHand() {
    FakeFit fit = fit(Map.of("eval_queries", "q.csv"));
    Callbacks callbacks = Callbacks.of(fit.config(), config -> self(), List.of());
    Map<String, Double> values = callbacks.measure(fit, 0);
    assertThat(values.get("reciprocal_rank"))
        .isCloseTo((1 + 1 + 1 + 1 + 1 / 3.0) / 5, within(1e-12));
    assertThat(values.get("recall")).isEqualTo(1);
    assertThat(values.get("average_precision"))
        .isCloseTo((1 + 1 + 1 + 1 + (1 / 3.0 + 2 / 4.0) / 2) / 5, within(1e-12));
    assertThat(values).hasSize(9);
    assertThat(fit.embedded).startsWith("a1").endsWith("query x").hasSize(10);
    assertThat(fit.events)
        .singleElement()
        .isInstanceOfSatisfying(
            ProgressEvent.Evaluated.class,
            event -> {
              assertThat(event.phase()).isEqualTo("before");
              assertThat(event.metrics().get("reciprocal_rank"))
                  .satisfies(estimate ->
                      assertThat(estimate.value()).isBetween(estimate.low(), estimate.high()));
            });
  }

  @Test
  void theLastEpochIsNotEvaluatedTwiceUnlessWeightsAreReplaced() {
    FakeFit fit = fit(Map.of("eval_queries", "q.csv"));
    Callbacks callbacks = Callbacks.of(fit.config(), config -> self(), List.of());
    fit.epoch = 1;
    callbacks.measure(fit, 1);
    callbacks.fitEnd(fit);
    assertThat(fit.embedded).hasSize(10);
    assertThat(fit.events.stream().map(event -> ((ProgressEvent.Evaluated) event).phase()))
        .containsExactly("epoch", "after");

    FakeFit replaced =
        fit(
            Map.of(
                "eval_queries",
                "q.csv",
                "callbacks",
                List.of(Map.of("BestModelCheckpoint", Map.of("monitor", "recall")))));
    Callbacks both = Callbacks.of(replaced.config(), config -> self(), List.of());
    replaced.epoch = 1;
    both.measure(replaced, 1);
    both.fitEnd(replaced);
    assertThat(replaced.embedded).hasSize(20);
  }

  /// Before, x finds its relevant ones at ranks 3 and 4 (see above); after, at 1 and 2: of five
  /// queries one gains 2/3.
  @Test
  void theGainIsOverTheSameQueriesAlsoAfterAnotherProcessGoesOn() {
    FakeFit fit = fit(Map.of("eval_queries", "q.csv"));
    Callbacks.of(fit.config(), config -> self(), List.of()).measure(fit, 0);
    Function<String, float[]> untrained = fit.embedding;
    fit.embedding = text -> text.equals("x") ? new float[] {.2f, 1} : untrained.apply(text);
    fit.epoch = 1;
    Callbacks resumed = Callbacks.of(fit.config(), config -> self(), List.of());
    resumed.fitBegin(fit);
    resumed.measure(fit, 1);
    resumed.fitEnd(fit);
    assertThat(fit.events.stream().map(event -> ((ProgressEvent.Evaluated) event).gain().size()))
        .containsExactly(0, 0, 9);
    Estimate gain =
        Objects.requireNonNull(
            ((ProgressEvent.Evaluated) fit.events.getLast()).gain().get("reciprocal_rank"));
    assertThat(gain.value()).isCloseTo(2 / 3.0 / 5, within(1e-12));
    assertThat(gain.low()).isZero();
    assertThat(gain.high()).isBetween(.2, .55);
  }

  /// a1 is nearer to its a2 than to b1; x is nearer to the wrong a2 (1.09) than to b2 (1.0).
  @Test
  void wrongAnswersAreComparedWithRightOnes() {
    FakeFit fit = fit(Map.of("eval_queries", "q.csv"));
    EvaluationData data =
        new EvaluationData(
            documents("a1", "x", "b1"),
            documents("a2", "b1", "b2"),
            List.of(places(0), places(1, 2), places(2)),
            List.of(-1, -1, -1),
            List.of(places(1), places(0), places()));
    Map<String, Double> values =
        Callbacks.of(fit.config(), config -> data, List.of()).measure(fit, 0);
    assertThat(values).containsEntry("right_over_wrong", 0.5).hasSize(10);
  }

  private static BitSet places(int... places) {
    BitSet set = new BitSet();
    for (int place : places) {
      set.set(place);
    }
    return set;
  }

  @Test
  void captionsSampleAndExamplesAreKept() {
    CallbackConfig.Evaluation config =
        new CallbackConfig.Evaluation(
            "q", null, 8, true, 2, "euclidean", List.of("recall"), 0, 2, true, 1, "dev");
    FakeFit fit = fit(Map.of());
    EvaluationCallback callback = new EvaluationCallback(config, self(), 3, false);
    assertThat(callback.measure(fit, 0)).containsOnlyKeys("dev_recall");
    assertThat(fit.embedded.stream().filter(text -> text.startsWith("query "))).hasSize(2);
    callback.measure(fit, 1);
    callback.fitEnd(fit);
    assertThat(fit.folder().examples("before", "dev")).hasSize(1);
    assertThat(fit.folder().examples("after", "dev").getFirst().matches()).hasSize(2);
    assertThat(fit.folder().examples("epoch", "dev")).isEmpty();
    FakeFit same = fit(Map.of());
    new EvaluationCallback(config, self(), 3, false).measure(same, 0);
    assertThat(same.embedded).isEqualTo(fit.embedded.subList(0, same.embedded.size()));
  }

  @Test
  void truthByIdsMustBeInTheIndex() {
    List<Document> queries = documents("a1", "x");
    List<Document> index = documents("a2", "b1", "b2");
    EvaluationData data =
        EvaluationData.byIds(
            queries,
            index,
            query -> query.text().equals("x") ? Set.of("id-b1", "id-b2") : Set.of("id-a2"));
    assertThat(data.relevant())
        .containsExactly(BitSet.valueOf(new long[] {1}), BitSet.valueOf(new long[] {6}));
    assertThat(data.self()).containsExactly(-1, -1);
    assertThatThrownBy(() -> EvaluationData.byIds(queries, index, query -> Set.of("id-c")))
        .hasMessageContaining("names document id-c (expected: an id of the index)");
    assertThatThrownBy(() -> EvaluationData.byLabel(List.of(), index, Document::text))
        .hasMessageContaining("0 queries and 3 documents");
  }
}
