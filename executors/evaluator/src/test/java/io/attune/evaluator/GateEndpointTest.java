package io.attune.evaluator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.Struct;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.json.StructJson;
import io.attune.runtime.Access;
import io.attune.runtime.Call;
import io.attune.runtime.Endpoints;
import io.attune.runtime.FlowException;
import io.attune.runtime.Handler;
import io.attune.runtime.Parameters;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GateEndpointTest {
  /// What an evaluator binds, by endpoint.
  private static final class Bound implements Endpoints {
    private final Map<String, Handler> handlers = new HashMap<>();

    @Override
    public Endpoints bind(String endpoint, Access access, Handler handler) {
      assertThat(access).isEqualTo(Access.READ);
      handlers.put(endpoint, handler);
      return this;
    }
  }

  @Test
  void comparesTwoVersionsOnWhatWasJudged() throws Exception {
    // u is unjudged: the live version finds the relevant r second of the judged, the candidate
    // first
    List<Document> answers = new ArrayList<>();
    Map<String, Object> judgments = new HashMap<>();
    for (int i = 0; i < 120; i++) {
      answers.add(answer("q" + i, "m@1", "u", "w", "r"));
      answers.add(answer("q" + i, "m@2", "u", "r", "w"));
      judgments.put("q" + i, Map.of("r", true, "w", false));
    }

    Struct told = gate(Map.of("judgments", judgments), answers);

    assertThat(told.getFieldsOrThrow("passed").getBoolValue()).isTrue();
    assertThat(told.getFieldsOrThrow("queries").getNumberValue()).isEqualTo(120);
    Struct comparison = told.getFieldsOrThrow("comparison").getStructValue();
    assertThat(comparison.getFieldsOrThrow("baseline").getNumberValue())
        .isEqualTo(0.5, within(1e-12));
    assertThat(comparison.getFieldsOrThrow("candidate").getNumberValue())
        .isEqualTo(1, within(1e-12));
    assertThat(comparison.getFieldsOrThrow("better").getNumberValue()).isEqualTo(120);
    Struct unjudged = told.getFieldsOrThrow("unjudged").getStructValue();
    assertThat(unjudged.getFieldsOrThrow("live").getNumberValue())
        .isEqualTo(1 / 3.0, within(1e-12));
  }

  @Test
  void refusesWhatIsNoBetterOrHadTooFewQueries() throws Exception {
    List<Document> same = new ArrayList<>();
    Map<String, Object> judgments = new HashMap<>();
    for (int i = 0; i < 120; i++) {
      same.add(answer("q" + i, "m@1", "r", "w"));
      same.add(answer("q" + i, "m@2", "r", "w"));
      judgments.put("q" + i, Map.of("r", true, "w", false));
    }

    Struct told = gate(Map.of("judgments", judgments), same);

    assertThat(told.getFieldsOrThrow("passed").getBoolValue()).isFalse();
    assertThat(told.getFieldsOrThrow("reason").getStringValue())
        .startsWith("refused: reciprocal_rank +0.0000");

    told = gate(Map.of("judgments", judgments, "margin", -0.01), same);
    assertThat(told.getFieldsOrThrow("passed").getBoolValue()).isTrue();

    told = gate(Map.of("judgments", judgments, "margin", -0.01, "least_queries", 121), same);
    assertThat(told.getFieldsOrThrow("passed").getBoolValue()).isFalse();
    assertThat(told.getFieldsOrThrow("reason").getStringValue()).startsWith("refused: 120 queries");
  }

  @Test
  void asksMoreOfLaterAttempts() throws Exception {
    // 60 of 120 queries gain 1/2, 45 lose it: .0625 on average with a standard error of .0427;
    // Student's t of 119 degrees of freedom at .975 is 1.9801, and at 1 - .05 / 110 it is 3.4029
    // (scipy.stats.t.isf)
    List<Document> answers = new ArrayList<>();
    Map<String, Object> judgments = new HashMap<>();
    for (int i = 0; i < 120; i++) {
      boolean better = i < 60;
      boolean worse = i >= 75;
      answers.add(answer("q" + i, "m@1", better ? "w" : "r", better ? "r" : "w"));
      answers.add(answer("q" + i, "m@2", worse ? "w" : "r", worse ? "r" : "w"));
      judgments.put("q" + i, Map.of("r", true, "w", false));
    }
    double first = bound(gate(Map.of("judgments", judgments), answers));
    double tenth = bound(gate(Map.of("judgments", judgments, "attempt", 10), answers));

    double error = Math.sqrt((105 * 0.25 - 120 * 0.0625 * 0.0625) / 119 / 120);
    assertThat(first).isEqualTo(0.0625 - 1.9801 * error, within(0.01)); // or a bootstrap's bound
    assertThat(tenth).isEqualTo(0.0625 - 3.4029 * error, within(1e-4));
  }

  private static double bound(Struct told) {
    return told.getFieldsOrThrow("bound").getNumberValue();
  }

  @Test
  void refusesWhatItCannotCompare() {
    Map<String, Object> judgments = Map.of("q", Map.of("r", true));
    Document live = answer("q", "m@1", "r");
    Document candidate = answer("q", "m@2", "r");

    assertThatThrownBy(() -> gate(Map.of(), List.of(live, candidate)))
        .isInstanceOf(FlowException.class)
        .hasMessageContaining("judgments: missing");
    assertThatThrownBy(() -> gate(Map.of("judgments", judgments), List.of(live)))
        .hasMessageContaining("documents: 1 queries of m@1, 0 of m@2");
    assertThatThrownBy(
            () -> gate(Map.of("judgments", judgments), List.of(live, live, candidate, candidate)))
        .hasMessageContaining("query q: twice of m@1");
    assertThatThrownBy(
            () -> gate(Map.of("judgments", judgments, "margins", 1), List.of(live, candidate)))
        .hasMessageContaining(
            "margins: unknown parameter of /gate (expected: did you mean margin?");
    assertThatThrownBy(
            () -> gate(Map.of("judgments", judgments, "margin", 2), List.of(live, candidate)))
        .hasMessageContaining("margin: 2.0 (expected: -1..1)");
    assertThatThrownBy(
            () -> gate(Map.of("judgments", Map.of("q", Map.of("r", 1))), List.of(live, candidate)))
        .hasMessageContaining("judgments: document r: (expected: true or false)");
    assertThatThrownBy(() ->
            gate(Map.of("judgments", judgments, "candidate", "m@1"), List.of(live, candidate)))
        .hasMessageContaining("candidate: m@1, which is live");
  }

  private static Document answer(String query, String version, String... matches) {
    List<Document> found = new ArrayList<>();
    IntStream.range(0, matches.length).forEach(i -> found.add(Document.create().id(matches[i])));
    return Document.create().id(query).tag("version", version).matches(found);
  }

  private static Struct gate(Map<String, ?> parameters, List<Document> answers) throws Exception {
    Map<String, Object> all = new HashMap<>(Map.of("live", "m@1", "candidate", "m@2"));
    all.putAll(parameters);
    Bound bound = new Bound();
    new Evaluator("evaluator", Parameters.EMPTY).bind(bound);
    Struct struct = StructJson.of(all);
    return Objects.requireNonNull(bound.handlers.get("/gate"))
        .handle(Call.of("/gate", DocumentArray.of(answers), new Parameters(struct)))
        .results();
  }
}
