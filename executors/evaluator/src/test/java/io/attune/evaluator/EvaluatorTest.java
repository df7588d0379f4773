package io.attune.evaluator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.Score;
import io.attune.runtime.Access;
import io.attune.runtime.Answer;
import io.attune.runtime.Call;
import io.attune.runtime.Endpoints;
import io.attune.runtime.ExecutorFactory;
import io.attune.runtime.FlowException;
import io.attune.runtime.Handler;
import io.attune.runtime.Parameters;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EvaluatorTest {
  private static final Value NUMBER_7 = Value.newBuilder().setNumberValue(7).build();

  @Test
  void isFoundByName() {
    assertThat(ServiceLoader.load(ExecutorFactory.class))
        .extracting(ExecutorFactory::name)
        .contains("Evaluator");
  }

  @Test
  void scoresMatchesAgainstIdsOfATag() throws Exception {
    Document query = query("q", "a", "b", "c").tag("ground_truth", ids("b", "x"));
    Document none = query("n", "a");

    Answer answer = evaluate(Struct.newBuilder().putFields("k", number(3)), query, none);

    Struct results = answer.results();
    assertThat(results.getFieldsOrThrow("queries").getNumberValue()).isEqualTo(1);
    Struct without = results.getFieldsOrThrow("without_relevant").getStructValue();
    assertThat(without.getFieldsOrThrow("count").getNumberValue()).isEqualTo(1);
    assertThat(without.getFieldsOrThrow("ids").getListValue().getValues(0).getStringValue())
        .isEqualTo("n");
    assertThat(metric(results, "precision")).isEqualTo(1 / 3.0, within(1e-9));
    assertThat(metric(results, "recall")).isEqualTo(0.5);
    assertThat(metric(results, "reciprocal_rank")).isEqualTo(0.5);
    assertThat(results.getFieldsOrThrow("metrics").getStructValue().getFieldsCount()).isEqualTo(9);
    assertThat(query.evaluations()).containsEntry("recall", Score.of(0.5));
    assertThat(none.evaluations()).isEmpty();
  }

  @Test
  void takesGroundTruthAsParameter() throws Exception {
    Struct.Builder parameters =
        Struct.newBuilder()
            .putFields("ground_truth", struct("q", ids("a")))
            .putFields("metrics", ids("hit", "docarray_hit_at_k"));

    Struct results = evaluate(parameters, query("q", "b", "a")).results();

    assertThat(metric(results, "hit")).isEqualTo(1);
    assertThat(metric(results, "docarray_hit_at_k")).isEqualTo(1);
    assertThat(results.getFieldsOrThrow("metrics").getStructValue().getFieldsCount()).isEqualTo(2);
  }

  @Test
  void comparesLabelsWithTheirCounts() throws Exception {
    Document query = query("q", "a", "b").tag("class", 7);
    query.matches().get(0).tag("class", 8);
    query.matches().get(1).tag("class", 7);
    Struct.Builder parameters =
        Struct.newBuilder()
            .putFields("label_tag", text("class"))
            .putFields("num_relevant_documents_per_label", struct("7", number(4)));

    Struct results = evaluate(parameters, query).results();

    assertThat(metric(results, "recall")).isEqualTo(0.25);
    assertThat(metric(results, "reciprocal_rank")).isEqualTo(0.5);
  }

  @Test
  void ordersTiesById() throws Exception {
    Document query = query("q", "c", "b", "a").tag("ground_truth", ids("b"));
    query.matches().get(0).score("cosine", Score.of(0.1));
    query.matches().get(1).score("cosine", Score.of(0.2));
    query.matches().get(2).score("cosine", Score.of(0.2));

    Struct results = evaluate(Struct.newBuilder(), query).results();

    assertThat(metric(results, "reciprocal_rank")).isEqualTo(1 / 3.0, within(1e-9));
  }

  @Test
  void countsARepeatedMatchOnce() throws Exception {
    Document query = query("q", "a", "a").tag("ground_truth", ids("a"));

    Struct results = evaluate(Struct.newBuilder(), query).results();

    assertThat(metric(results, "recall")).isEqualTo(1);
  }

  @Test
  void intervalsEncloseTheMeanAndAreRepeatable() throws Exception {
    Document[] queries = new Document[40];
    for (int i = 0; i < queries.length; i++) {
      queries[i] = query("q" + i, i % 4 == 0 ? "x" : "a").tag("ground_truth", ids("a"));
    }

    Struct first = evaluate(Struct.newBuilder(), queries).results();
    Struct second = evaluate(Struct.newBuilder(), queries).results();

    Struct hit =
        first.getFieldsOrThrow("metrics").getStructValue().getFieldsOrThrow("hit").getStructValue();
    assertThat(hit.getFieldsOrThrow("value").getNumberValue()).isEqualTo(0.75);
    assertThat(hit.getFieldsOrThrow("low").getNumberValue()).isBetween(0.55, 0.70);
    assertThat(hit.getFieldsOrThrow("high").getNumberValue()).isBetween(0.80, 0.92);
    assertThat(second).isEqualTo(first);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "k | 0 | k: 0 (expected: a whole number 1..10000)",
        "k | 1.5 | k: 1.5 (expected: a whole number 1..10000)",
        "resamples | 100001 | resamples: 100001 (expected: a whole number 0..100000)",
        "metrics | 7 | metrics: not ids (expected: a string or a list of strings)",
        "label_tag | 7 | label_tag: 7 (expected: a string)",
        "ground_truth | 7 | ground_truth: 7 (expected: an object)",
      })
  void refusesWrongParameters(String name, double value, String message) {
    assertThatThrownBy(
            () -> evaluate(Struct.newBuilder().putFields(name, number(value)), query("q", "a")))
        .isInstanceOf(FlowException.class)
        .hasMessage(message);
  }

  @Test
  void refusesAnUnknownMetricAndListsAll() {
    assertThatThrownBy(
            () -> evaluate(Struct.newBuilder().putFields("metrics", text("mrr")), query("q", "a")))
        .isInstanceOf(FlowException.class)
        .hasMessageStartingWith("metrics: \"mrr\" (expected: standard, docarray or of [precision")
        .hasMessageContaining("docarray_ndcg_at_k");
  }

  @Test
  void refusesLabelsWithoutCounts() {
    Document query = query("q", "a").tag("class", "x");

    assertThatThrownBy(
            () -> evaluate(Struct.newBuilder().putFields("label_tag", text("class")), query))
        .hasMessageStartingWith("num_relevant_documents_per_label: not given");
    assertThatThrownBy(() ->
            evaluate(
                Struct.newBuilder()
                    .putFields("label_tag", text("class"))
                    .putFields("num_relevant_documents_per_label", struct("y", number(1))),
                query))
        .hasMessageStartingWith("label of query q: \"x\" (expected: one that");
    assertThatThrownBy(() ->
            evaluate(
                Struct.newBuilder()
                    .putFields("label_tag", text("class"))
                    .putFields("num_relevant_documents_per_label", struct("x", number(-1))),
                query))
        .hasMessageStartingWith("num_relevant_documents_per_label.x");
  }

  @Test
  void refusesFewerRelevantThanRetrieved() {
    Document query = query("q", "a", "b").tag("class", "x");
    query.matches().forEach(match -> match.tag("class", "x"));

    assertThatThrownBy(() ->
            evaluate(
                Struct.newBuilder()
                    .putFields("label_tag", text("class"))
                    .putFields("num_relevant_documents_per_label", struct("x", number(1))),
                query))
        .isInstanceOf(FlowException.class)
        .hasMessage(
            "relevant documents of query q: 1 (expected: at least the 2 that were retrieved)");
  }

  @Test
  void refusesQueriesThatSayNothing() {
    assertThatThrownBy(() -> evaluate(Struct.newBuilder(), query("q", "a")))
        .isInstanceOf(FlowException.class)
        .hasMessage("queries: 1, none with a relevant document (expected: at least one)");
    assertThatThrownBy(() -> evaluate(Struct.newBuilder()))
        .hasMessage("queries: 0, none with a relevant document (expected: at least one)");
    assertThatThrownBy(() ->
            evaluate(
                Struct.newBuilder(),
                query("q", "a").tag("ground_truth", ids("a")),
                query("q", "a").tag("ground_truth", ids("a"))))
        .hasMessage("query q: given twice (expected: each id once)");
    assertThatThrownBy(
            () -> evaluate(Struct.newBuilder(), query("q", "a").tag("ground_truth", NUMBER_7)))
        .hasMessage(
            "tag ground_truth of query q: not ids (expected: a string or a list of strings)");
  }

  @Test
  void refusesHostileParameters() {
    Document query = query("q", "a").tag("ground_truth", ids("a"));
    for (double odd : new double[] {Double.NaN, Double.POSITIVE_INFINITY, -1e300}) {
      assertThatThrownBy(() -> evaluate(Struct.newBuilder().putFields("k", number(odd)), query))
          .isInstanceOf(FlowException.class)
          .hasMessageStartingWith("k: ");
    }
    Value mixed =
        Value.newBuilder()
            .setListValue(ListValue.newBuilder().addValues(text("a")).addValues(number(1)))
            .build();
    assertThatThrownBy(() ->
            evaluate(Struct.newBuilder().putFields("ground_truth", struct("q", mixed)), query))
        .hasMessage("ground_truth.q: not ids (expected: a string or a list of strings)");
    assertThatThrownBy(() -> evaluate(Struct.newBuilder().putFields("metrics", ids()), query))
        .hasMessage("metrics: none (expected: at least one)");
    assertThatThrownBy(() ->
            evaluate(
                Struct.newBuilder()
                    .putFields("label_tag", text("class"))
                    .putFields("ground_truth", struct("q", ids("a"))),
                query))
        .hasMessage("ground_truth: beside label_tag (expected: one of the two)");
    assertThat(query.evaluations()).isEmpty();
  }

  @Test
  void matchesWithoutScoresOrWithNanKeepTheirOrder() throws Exception {
    Document query = query("q", "c", "b", "a").tag("ground_truth", ids("c"));
    assertThat(metric(evaluate(Struct.newBuilder(), query).results(), "reciprocal_rank"))
        .isEqualTo(1);
    query.matches().get(0).score("cosine", Score.of(Double.NaN));
    assertThat(metric(evaluate(Struct.newBuilder(), query).results(), "reciprocal_rank"))
        .isEqualTo(1);
  }

  @Test
  void queryWithoutMatchesFoundNothing() throws Exception {
    Document query = query("q").tag("ground_truth", ids("a"));
    Struct results = evaluate(Struct.newBuilder(), query).results();
    assertThat(metric(results, "recall")).isZero();
    assertThat(metric(results, "precision")).isZero();
    assertThat(metric(results, "ndcg")).isZero();
  }

  @Test
  void refusesUnknownOptionsAtTheStart() {
    Struct with = Struct.newBuilder().putFields("limit", number(5)).build();

    assertThatThrownBy(() -> new Evaluator("evaluator", new Parameters(with)))
        .hasMessageStartingWith(
            "limit: unknown option of Evaluator (expected: one of [ground_truth");
  }

  @Test
  void optionsAreDefaultsThatARequestOverrides() throws Exception {
    Struct with = Struct.newBuilder().putFields("k", number(1)).build();
    Document query = query("q", "a", "b").tag("ground_truth", ids("b"));

    Struct byDefault =
        call(new Evaluator("evaluator", new Parameters(with)), Struct.newBuilder(), query);
    Struct overridden =
        call(
            new Evaluator("evaluator", new Parameters(with)),
            Struct.newBuilder().putFields("k", number(2)),
            query);

    assertThat(metric(byDefault, "hit")).isZero();
    assertThat(metric(overridden, "hit")).isEqualTo(1);
  }

  private static Answer evaluate(Struct.Builder parameters, Document... queries) throws Exception {
    return handler(new Evaluator("evaluator", Parameters.EMPTY))
        .handle(
            Call.of("/evaluate", DocumentArray.of(queries), new Parameters(parameters.build())));
  }

  private static Struct call(Evaluator evaluator, Struct.Builder parameters, Document... queries)
      throws Exception {
    return handler(evaluator)
        .handle(Call.of("/evaluate", DocumentArray.of(queries), new Parameters(parameters.build())))
        .results();
  }

  private static Handler handler(Evaluator evaluator) {
    Map<String, Handler> handlers = new HashMap<>();
    evaluator.bind(
        new Endpoints() {
          @Override
          public Endpoints bind(String endpoint, Access access, Handler handler) {
            assertThat(access).isEqualTo(Access.READ);
            handlers.put(endpoint, handler);
            return this;
          }
        });
    assertThat(handlers).containsOnlyKeys("/evaluate", "/gate");
    return Objects.requireNonNull(handlers.get("/evaluate"));
  }

  private static Document query(String id, String... matches) {
    List<Document> found =
        java.util.Arrays.stream(matches).map(match -> Document.create().id(match)).toList();
    return Document.create().id(id).matches(found);
  }

  private static double metric(Struct results, String name) {
    return results
        .getFieldsOrThrow("metrics")
        .getStructValue()
        .getFieldsOrThrow(name)
        .getStructValue()
        .getFieldsOrThrow("value")
        .getNumberValue();
  }

  private static Value ids(String... ids) {
    ListValue.Builder list = ListValue.newBuilder();
    for (String id : ids) {
      list.addValues(text(id));
    }
    return Value.newBuilder().setListValue(list).build();
  }

  private static Value struct(String key, Value value) {
    return Value.newBuilder().setStructValue(Struct.newBuilder().putFields(key, value)).build();
  }

  private static Value text(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }

  private static Value number(double number) {
    return Value.newBuilder().setNumberValue(number).build();
  }
}
