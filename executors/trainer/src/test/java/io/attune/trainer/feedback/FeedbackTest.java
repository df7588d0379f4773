package io.attune.trainer.feedback;

import static io.attune.trainer.feedback.FeedbackHarness.query;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.proto.jina.DataRequestProto;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.testing.FakeClock;
import io.attune.runtime.testing.Requests;
import io.attune.trainer.data.DataOptions;
import io.attune.trainer.data.Dataset;
import io.attune.trainer.data.TrainingData;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What the executor's endpoints do, over the wire.
@Timeout(60)
class FeedbackTest {
  @TempDir private Path root;
  private final List<FeedbackHarness> open = new ArrayList<>();

  private FeedbackHarness feedback(Map<String, ?> with) {
    FeedbackHarness feedback = new FeedbackHarness(root, with);
    open.add(feedback);
    return feedback;
  }

  private FeedbackHarness again(FeedbackHarness before) {
    before.close();
    FeedbackHarness feedback = new FeedbackHarness(root, Map.of(), before.clock);
    open.add(feedback);
    return feedback;
  }

  @AfterEach
  void close() {
    open.forEach(FeedbackHarness::close);
  }

  private static ErrorCode code(Runnable call) {
    return catchThrowableOfType(FlowException.class, call::run).code();
  }

  @Test
  void searchPassesUntouchedAndWhatItShowedCanBeJudged() {
    FeedbackHarness feedback = feedback(Map.of());
    Document query = query("q", "when is the bill sent?", "b:on the first", "a:plug it in");
    DataRequestProto request = Requests.of("/search", DocumentArray.of(query));
    DataRequestProto answer = feedback.send(request, "minilm@3");
    assertThat(answer.getData()).isEqualTo(request.getData());
    assertThat(answer.getHeader().getRequestId()).isEqualTo(request.getHeader().getRequestId());
    assertThat(answer.getParameters().getFieldsMap()).isEmpty();

    String id = request.getHeader().getRequestId();
    assertThat(
            feedback.post(
                "/feedback", Map.of("request_id", id, "relevant", "b", "irrelevant", List.of("a"))))
        .containsExactlyInAnyOrderEntriesOf(Map.of("judged", 2L, "same", 0L));
    List<Document> exported = feedback.export();
    assertThat(exported).hasSize(1).extracting(Document::text).containsExactly(query.text());
    assertThat(exported.getFirst().id()).isEqualTo("q");
    assertThat(exported.getFirst().matches())
        .extracting(Document::text)
        .containsExactly("on the first", "plug it in");
    assertThat(feedback.exported()).containsExactly("when is the bill sent?: b=1 a=-1");
  }

  @Test
  void documentsWithTagsJudgeAndOneRequestMayJudgeSeveralSearches() {
    FeedbackHarness feedback = feedback(Map.of());
    feedback.search("r1", "", query("q1", "one", "a", "b"), query("q2", "two", "b", "c"));
    feedback.search("r2", "", query("q3", "three", "a"));
    DocumentArray judged =
        DocumentArray.of(
            Document.create().id("a").tag("relevant", true),
            Document.create().id("c").tag("finetuner_label", -1),
            Document.create().id("b").tag("relevant", 0).tag("query", "q2"),
            Document.create().id("a").tag("relevant", 1).tag("request_id", "r2"));
    assertThat(feedback.post("/feedback", judged, Map.of("request_id", "r1")))
        .containsEntry("judged", 4L);
    assertThat(feedback.exported())
        .containsExactlyInAnyOrder("one: a=1", "two: c=-1 b=-1", "three: a=1");
    assertThat(feedback.answer("/feedback", judged, Map.of("request_id", "r1")).getData().getDocs())
        .as("documents do not come back")
        .isEqualTo(DocumentArray.of().toProto());
  }

  @Test
  void theSameTwiceIsOneAndAnotherWordReplaces() {
    FeedbackHarness feedback = feedback(Map.of());
    feedback.search("r", "", query("q", "one", "a", "b"));
    Map<String, Object> says = Map.of("request_id", "r", "relevant", List.of("a", "a", "b"));
    assertThat(feedback.post("/feedback", says)).containsEntry("judged", 2L);
    assertThat(feedback.post("/feedback", says))
        .containsEntry("judged", 0L)
        .containsEntry("same", 2L);
    assertThat(feedback.post("/feedback", Map.of("request_id", "r", "irrelevant", "a")))
        .containsEntry("judged", 1L);
    assertThat(feedback.exported()).containsExactly("one: a=-1 b=1");
    assertThat(feedback.post("/feedback/status", Map.of()))
        .containsEntry("judgments", 2L)
        .containsEntry("relevant", 1L);
  }

  @Test
  void judgmentsAreTakenBack() {
    FeedbackHarness feedback = feedback(Map.of());
    feedback.search("r", "m@1", query("q", "one", "a", "b", "c"), query("p", "two", "a"));
    feedback.post("/feedback", Map.of("request_id", "r", "query", "q", "relevant", "a"));
    feedback.post("/feedback", Map.of("request_id", "r", "query", "p", "relevant", "a"));
    feedback.post("/feedback", Map.of("request_id", "r", "irrelevant", List.of("b", "c")));

    Map<String, Object> undo = Map.of("request_id", "r", "query", "q", "documents", "a");
    assertThat(feedback.post("/feedback/undo", undo)).containsEntry("undone", 1L);
    assertThat(feedback.post("/feedback/undo", undo))
        .containsEntry("undone", 0L)
        .containsEntry("same", 1L);
    assertThat(
            feedback.post(
                "/feedback/undo",
                DocumentArray.of(Document.create().id("b")),
                Map.of("request_id", "r")))
        .containsEntry("undone", 1L);
    assertThat(feedback.exported()).containsExactlyInAnyOrder("one: c=-1", "two: a=1");

    FeedbackHarness later = again(feedback);
    assertThat(later.exported()).containsExactlyInAnyOrder("one: c=-1", "two: a=1");
    assertThat(later.post("/feedback/undo", Map.of("request_id", "r")))
        .containsEntry("undone", 2L)
        .containsEntry("same", 2L);
    assertThat(later.post("/feedback/status", Map.of()))
        .containsEntry("judgments", 0L)
        .containsEntry("undone", 4L);
    assertThat(code(() -> later.post("/feedback/undo", Map.of("request_id", "r2"))))
        .isEqualTo(ErrorCode.NOT_FOUND);
    assertThatThrownBy(() ->
            later.post("/feedback/undo", Map.of("request_id", "r", "documents", List.of("a", "x"))))
        .hasMessageContaining("not judged: x (expected: what /feedback was told)");
    later.post("/feedback", Map.of("request_id", "r", "query", "q", "relevant", "a"));
    assertThat(later.exported()).containsExactly("one: a=1");
  }

  @Test
  void statusCountsByVersion() {
    FeedbackHarness feedback = feedback(Map.of());
    feedback.search("r1", "minilm@3", query("q", "one", "a", "b"));
    feedback.search("r2", "minilm@4", query("q", "one", "a", "b"));
    feedback.search("r3", "", query("q", "one", "a"));
    feedback.post("/feedback", Map.of("request_id", "r1", "relevant", "a", "irrelevant", "b"));
    feedback.post("/feedback", Map.of("request_id", "r2", "relevant", List.of("a", "b")));
    feedback.post("/feedback", Map.of("request_id", "r3", "irrelevant", "a"));
    Map<String, @Nullable Object> status = again(feedback).post("/feedback/status", Map.of());
    assertThat(status.get("versions"))
        .isEqualTo(
            Map.of(
                "minilm@3", Map.of("judgments", 2L, "relevant", 1L, "irrelevant", 1L),
                "minilm@4", Map.of("judgments", 2L, "relevant", 2L, "irrelevant", 0L),
                "unknown", Map.of("judgments", 1L, "relevant", 0L, "irrelevant", 1L)));
    assertThat(status).containsEntry("judgments", 5L).containsEntry("irrelevant", 2L);
    assertThat(String.valueOf(status.get("impressions"))).contains("kept=3", "dropped=0");
  }

  @Test
  void statusTellsHowPeopleFoundTheSearchesSinceATime() {
    FeedbackHarness feedback = feedback(Map.of());
    feedback.search("early", "m@1", query("q", "one", "a"));
    feedback.clock.advance(Duration.ofHours(1));
    String since = feedback.clock.instant().toString();
    assertThat(since).isEqualTo("1970-01-01T01:00:00Z");
    feedback.search("r1", "m@1", query("q", "one", "a", "b", "c"));
    feedback.clock.advance(Duration.ofHours(1));
    feedback.search("r2", "m@1", query("q", "two", "a", "b"));
    feedback.search("r3", "m@1,other@7", query("q", "three", "a", "b"), query("p", "four", "c"));
    feedback.search("r4", "m@2", query("q", "one", "a", "b", "c", "d"));
    feedback.search("r5", "m@2", query("q", "five", "a"));
    feedback.post("/feedback", Map.of("request_id", "early", "relevant", "a"));
    feedback.post("/feedback", Map.of("request_id", "r1", "relevant", List.of("c", "b")));
    feedback.post("/feedback", Map.of("request_id", "r2", "irrelevant", "a"));
    feedback.post("/feedback", Map.of("request_id", "r3", "relevant", "a"));
    feedback.post("/feedback", Map.of("request_id", "r4", "relevant", List.of("b", "d")));
    feedback.post("/feedback", Map.of("request_id", "r4", "irrelevant", "b"));
    feedback.post("/feedback", Map.of("request_id", "r5", "relevant", "a"));
    feedback.post("/feedback/undo", Map.of("request_id", "r5"));

    Map<String, @Nullable Object> status =
        again(feedback).post("/feedback/status", Map.of("since", since));
    // reciprocal ranks of m@1: 1/2, 0, 1; all three resampled alike have 1/27 > 2.5 %
    assertThat(status.get("answered_since"))
        .isEqualTo(
            Map.of(
                "m@1", judged(3, 3, 1, 0.5, 0.0, 1.0),
                "m@2", judged(1, 1, 1, 0.25, 0.25, 0.25),
                "other@7", judged(1, 1, 0, 1.0, 1.0, 1.0)));
    assertThat(status).as("all that stands, as ever").containsEntry("judgments", 7L);
    assertThat(open.getLast().post("/feedback/status", Map.of("since", "1970-01-02T00:00:00Z")))
        .containsEntry("answered_since", Map.of());
    assertThat(open.getLast().post("/feedback/status", Map.of()))
        .doesNotContainKey("answered_since");
    assertThatThrownBy(() -> open.getLast().post("/feedback/status", Map.of("since", "yesterday")))
        .hasMessage("since: yesterday (expected: a time such as 2026-01-31T08:00:00Z)");
  }

  private static Map<String, Object> judged(
      long searches, long relevant, long irrelevant, double value, double low, double high) {
    return Map.of(
        "searches", searches,
        "judgments", relevant + irrelevant,
        "relevant", relevant,
        "irrelevant", irrelevant,
        "reciprocal_rank", Map.of("value", value(value), "low", value(low), "high", value(high)));
  }

  /// As JSON has it: whole numbers are such.
  private static Object value(double number) {
    return number == Math.rint(number) ? (Object) (long) number : (Object) number;
  }

  @Test
  void whatIsWrongIsToldAndNothingOfItIsKept() {
    FeedbackHarness feedback = feedback(Map.of("impressions_age", "1d"));
    feedback.search("old", "", query("q", "one", "a"));
    feedback.clock.advance(Duration.ofHours(23));
    feedback.search("r", "", query("q", "one", "a", "b"), query("p", "two", "a"));
    feedback.search("none", "", query("q", "one"));
    feedback.clock.advance(Duration.ofHours(2));

    wrong(feedback, Map.of("relevant", "a"), "request_id: missing (expected: header.request_id");
    wrong(feedback, Map.of("request_id", "r"), "feedback: none (expected: documents with tag");
    wrong(feedback, Map.of("request_id", "x", "relevant", "a"), "request_id: x is unknown");
    wrong(
        feedback,
        Map.of("request_id", "r", "relevant", List.of("b", "z")),
        "document: z was not shown by request r (expected: one of a, b)");
    wrong(
        feedback,
        Map.of("request_id", "none", "relevant", "a"),
        "was not shown by request none (expected: none, nothing was found)");
    wrong(
        feedback,
        Map.of("request_id", "r", "relevant", List.of("b", "a")),
        "document: a was shown for several queries of request r (expected: query, one of q, p)");
    wrong(
        feedback,
        Map.of("request_id", "r", "query", "s", "relevant", "b"),
        "query: s is none of request r (expected: one of q, p)");
    wrong(
        feedback,
        Map.of("request_id", "r", "relevant", "b", "irrelevant", "b"),
        "document b: relevant and irrelevant in one request");
    wrong(
        feedback,
        Map.of("request_id", "old", "relevant", "a"),
        "request_id: old was answered at 1970-01-01T00:00:00Z (expected: at most 1d ago");
    wrong(feedback, Map.of("request_id", 7, "relevant", "b"), "request_id: 7 (expected: a string)");
    wrong(feedback, Map.of("request_id", "r", "relevant", 1), "relevant: not ids (expected: a");
    wrong(feedback, Map.of("request_id", "r", "relevent", "b"), "did you mean relevant?");
    for (String tag : List.of("maybe", "")) {
      assertThatThrownBy(() ->
              feedback.post(
                  "/feedback",
                  DocumentArray.of(Document.create().id("b").tag("relevant", tag)),
                  Map.of("request_id", "r")))
          .hasMessageContaining("document b: tag relevant (expected: true or false, or 1, 0 or");
    }
    assertThat(feedback.exported()).isEmpty();
    assertThat(code(() -> feedback.post("/feedback", Map.of("request_id", "x", "relevant", "a"))))
        .isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(code(() -> feedback.post("/feedback", Map.of("request_id", "old", "relevant", "a"))))
        .isEqualTo(ErrorCode.FAILED_PRECONDITION);
  }

  private static void wrong(FeedbackHarness feedback, Map<String, ?> parameters, String expected) {
    assertThatThrownBy(() -> feedback.post("/feedback", parameters)).hasMessageContaining(expected);
  }

  @Test
  void chunksThatWereSearchedAreQueries() {
    FeedbackHarness feedback = feedback(Map.of());
    Document root = Document.ofText("a long question. with two parts");
    root.id("q").chunks(List.of(query("c1", "a long question", "a"), query("c2", "with", "b")));
    feedback.search("r", "", root);
    feedback.post("/feedback", Map.of("request_id", "r", "relevant", "b"));
    assertThat(feedback.exported()).containsExactly("with: b=1");
  }

  @Test
  void idsAndTextsAreTakenAsTheyAre() {
    FeedbackHarness feedback = feedback(Map.of("shown", 10_000));
    String odd = "a\n\u0000\"\\ \u2028 💡 ../../etc";
    String long1 = "x".repeat(300_000);
    feedback.search("r" + odd, "", query(odd, odd + "?", "d:" + odd, "e:" + long1));
    String[] many = new String[1000];
    for (int i = 0; i < many.length; i++) {
      many[i] = i + ":" + "many ".repeat(2000);
    }
    feedback.search("many", "", query("q", "many", many));
    feedback.search("", "", query("q", "no request id", "a"));
    feedback.search("l".repeat(1000), "", query("q", "long request id", "a"));
    assertThat(feedback.impressions("unnamed")).isEqualTo(2);
    feedback.flush();
    FeedbackHarness later = again(feedback);
    later.post("/feedback", Map.of("request_id", "r" + odd, "relevant", List.of("d", "e")));
    Document exported = later.export().getFirst();
    assertThat(exported.id()).isEqualTo(odd);
    assertThat(exported.matches()).extracting(Document::text).containsExactly(odd, long1);
    later.post("/feedback", Map.of("request_id", "many", "relevant", "400"));
    assertThat(code(() -> later.post("/feedback", Map.of("request_id", "many", "relevant", "999"))))
        .as("past 4 MiB no further match is noted")
        .isEqualTo(ErrorCode.NOT_FOUND);
  }

  @Test
  void exportIsTrainingData() {
    FeedbackHarness feedback = feedback(Map.of());
    feedback.search("r1", "", query("q", "How  long?", "a:days", "b:weeks", "c:years"));
    feedback.search("r2", "", query("q", "how long?", "a:days, now", "b:weeks"));
    feedback.search("r3", "", query("q", "how far?", "a:days, now", "d:miles"));
    feedback.post("/feedback", Map.of("request_id", "r1", "relevant", List.of("a", "b")));
    feedback.post("/feedback", Map.of("request_id", "r1", "irrelevant", List.of("c")));
    feedback.post("/feedback", Map.of("request_id", "r2", "relevant", "a", "irrelevant", "b"));
    feedback.post("/feedback", Map.of("request_id", "r3", "relevant", "d", "irrelevant", "a"));

    DataRequestProto answer =
        feedback.answer("/feedback/export", DocumentArray.of(), Map.of("side", "all"));
    assertThat(FeedbackHarness.results(answer))
        .containsEntry("queries", 2L)
        .containsEntry("judgments", 7L)
        .containsEntry("undecided", 1L)
        .containsEntry("without_text", 0L);
    List<Document> exported = Requests.documents(answer);
    assertThat(exported.stream().map(FeedbackHarness::line))
        .containsExactly("How  long?: a=1 c=-1", "how far?: d=1 a=-1");
    assertThat(exported).extracting(Document::id).containsExactly("q", "q-2");
    assertThat(exported.getFirst().matches().get(0).text()).as("the latest").isEqualTo("days, now");
    try (TrainingData data = TrainingData.of(exported, DataOptions.DEFAULTS)) {
      assertThat(data.dataset()).isInstanceOf(Dataset.Sessions.class);
      assertThat(data.report().groups()).isEqualTo(2);
      assertThat(data.size()).isEqualTo(6);
    }
    assertThat(
            Requests.documents(
                feedback.answer(
                    "/feedback/export",
                    DocumentArray.of(),
                    Map.of("side", "all", "offset", 1, "limit", 1))))
        .extracting(Document::text)
        .containsExactly("how far?");
  }

  @Test
  void aFolderIsOneExecutors() {
    FeedbackHarness feedback = feedback(Map.of());
    assertThatThrownBy(() -> new FeedbackHarness(root, Map.of(), new FakeClock()))
        .hasMessageContaining("is open elsewhere (expected: one executor to a folder)");
    again(feedback).search("r", "", query("q", "one", "a"));
  }
}
