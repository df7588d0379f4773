package io.attune.trainer.feedback;

import static io.attune.trainer.feedback.FeedbackHarness.query;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.runtime.testing.FakeClock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What deleting a document leaves of it on the disk: nothing of its text.
@Timeout(60)
class ErasureTest {
  private static final String SECRET = "the combination of the safe is 7-3-5";

  @TempDir private Path root;
  private final List<FeedbackHarness> open = new ArrayList<>();

  private FeedbackHarness feedback(Map<String, ?> with) {
    FeedbackHarness feedback = new FeedbackHarness(root, with);
    open.add(feedback);
    return feedback;
  }

  @AfterEach
  void close() {
    open.forEach(FeedbackHarness::close);
  }

  private static void shown(FeedbackHarness feedback, String request) {
    feedback.search(request, "m@1", query("q", "the safe?", "keep:stays", "gone:" + SECRET));
  }

  @Test
  void deletingADocumentRemovesItsTextFromTheFiles() {
    FeedbackHarness feedback = feedback(Map.of());
    shown(feedback, "r1");
    feedback.post("/feedback", Map.of("request_id", "r1", "relevant", List.of("keep", "gone")));
    shown(feedback, "r2");
    assertThat(feedback.holds(SECRET)).isTrue();

    Document deleted = Document.create().id("gone");
    assertThat(feedback.answer("/delete", DocumentArray.of(deleted), Map.of()).getData().getDocs())
        .as("the request goes on as it came")
        .isEqualTo(DocumentArray.of(deleted).toProto());
    assertThat(FeedbackHarness.holds(root, SECRET)).isFalse();
    assertThat(FeedbackHarness.holds(root, "combination")).isFalse();
    assertThat(feedback.exported()).containsExactly("the safe?: keep=1");
    assertThat(feedback.post("/feedback/status", Map.of()))
        .as("what was said of it still counts")
        .containsEntry("judgments", 2L);

    assertThat(feedback.post("/feedback", Map.of("request_id", "r2", "relevant", "gone")))
        .containsEntry("judged", 1L);
    assertThat(feedback.post("/feedback", Map.of("request_id", "r2", "irrelevant", "keep")))
        .containsEntry("judged", 1L);
    assertThat(feedback.holds(SECRET)).isFalse();
    feedback.close();
    FeedbackHarness later = new FeedbackHarness(root, Map.of(), new FakeClock());
    open.add(later);
    assertThat(later.post("/feedback", Map.of("request_id", "r1", "irrelevant", "gone")))
        .containsEntry("judged", 1L);
    assertThat(later.holds(SECRET)).isFalse();
  }

  @Test
  void idsOfTheParametersAreDeletedToo() {
    FeedbackHarness feedback = feedback(Map.of());
    shown(feedback, "r1");
    feedback.post("/feedback", Map.of("request_id", "r1", "relevant", "gone"));
    feedback.answer("/delete", DocumentArray.of(), Map.of("ids", List.of("x", "gone")));
    assertThat(feedback.holds(SECRET)).isFalse();
    assertThatThrownBy(() -> feedback.post("/delete", Map.of("ids", List.of(1))))
        .hasMessageContaining("ids: not ids (expected: a string or a list of strings)");
  }

  @Test
  void aSearchThatWasOnItsWayDoesNotBringItBack() {
    FeedbackHarness feedback = feedback(Map.of());
    shown(feedback, "r1");
    feedback.post("/delete", Map.of("ids", List.of("gone")));
    shown(feedback, "late");
    feedback.post("/feedback", Map.of("request_id", "late", "relevant", List.of("gone", "keep")));
    assertThat(feedback.holds(SECRET)).isFalse();
    assertThat(feedback.exported()).containsExactly("the safe?: keep=1");

    feedback.clock.advance(Duration.ofSeconds(61));
    shown(feedback, "indexed again");
    feedback.post("/feedback", Map.of("request_id", "indexed again", "relevant", "gone"));
    assertThat(feedback.exported()).containsExactly("the safe?: keep=1 gone=1");
  }

  @Test
  void clearingRemovesTheTextsOfAll() {
    FeedbackHarness feedback = feedback(Map.of());
    shown(feedback, "r1");
    feedback.post("/feedback", Map.of("request_id", "r1", "relevant", List.of("keep", "gone")));
    shown(feedback, "r2");
    feedback.answer("/clear", DocumentArray.of(), Map.of());
    assertThat(feedback.holds(SECRET)).isFalse();
    assertThat(feedback.holds("stays")).isFalse();
    assertThat(feedback.exported()).isEmpty();
  }

  @Test
  void aSegmentThatCannotBeWrittenIsDropped() throws Exception {
    FeedbackHarness feedback = feedback(Map.of());
    shown(feedback, "r1");
    feedback.flush();
    Path segment = root.resolve("impressions/impressions-00000001.jsonl");
    Files.delete(segment);
    Files.createDirectory(segment);
    feedback.post("/delete", Map.of("ids", List.of("gone")));
    assertThat(segment).doesNotExist();
    shown(feedback, "r2");
    feedback.post("/feedback", Map.of("request_id", "r2", "relevant", "keep"));
    assertThat(feedback.exported()).containsExactly("the safe?: keep=1");
    assertThat(feedback.holds(SECRET)).isFalse();
  }

  @Test
  void searchesBeforeAndAfterCanStillBeJudged() {
    FeedbackHarness feedback = feedback(Map.of());
    for (int i = 0; i < 3; i++) {
      shown(feedback, "r" + i);
    }
    feedback.post("/delete", Map.of("ids", List.of("gone")));
    feedback.post("/delete", Map.of("ids", List.of("keep")));
    feedback.search("other", "", query("q", "other?", "more"));
    feedback.flush();
    feedback.close();
    FeedbackHarness later = new FeedbackHarness(root, Map.of(), feedback.clock);
    open.add(later);
    for (int i = 0; i < 3; i++) {
      later.post("/feedback", Map.of("request_id", "r" + i, "relevant", List.of("keep", "gone")));
    }
    later.post("/feedback", Map.of("request_id", "other", "relevant", "more"));
    assertThat(later.exported()).containsExactly("other?: more=1");
    assertThat(String.valueOf(later.post("/feedback/status", Map.of()).get("impressions")))
        .contains("kept=4", "damaged=0");
    assertThat(later.holds("stays")).isFalse();
  }

  @Test
  void manyAreDeletedAtOnce() {
    FeedbackHarness feedback = feedback(Map.of());
    String[] shown = new String[50];
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < shown.length; i++) {
      shown[i] = "d" + i + ":" + SECRET + i;
      ids.add("d" + i);
    }
    feedback.search("r", "", query("q", "one", shown));
    feedback.post("/feedback", Map.of("request_id", "r", "relevant", ids));
    feedback.post("/delete", Map.of("ids", ids));
    assertThat(feedback.holds(SECRET)).isFalse();
  }

  @Test
  void whatACrashLeftOfErasingIsRemoved() throws Exception {
    FeedbackHarness feedback = feedback(Map.of());
    for (int i = 0; i < 3; i++) {
      shown(feedback, "r" + i);
    }
    feedback.flush();
    feedback.close();
    Files.writeString(root.resolve(".feedback.draft"), SECRET);
    Path segment = root.resolve("impressions/impressions-00000001.jsonl");
    byte[] bytes = Files.readAllBytes(segment);
    int middle = bytes.length / 2; // half overwritten, as a crash leaves it
    for (int i = middle - 40; i < middle; i++) {
      bytes[i] = ' ';
    }
    Files.write(
        segment, java.util.Arrays.copyOf(bytes, bytes.length - 30)); // and the last one torn
    FeedbackHarness later = new FeedbackHarness(root, Map.of(), feedback.clock);
    open.add(later);
    assertThat(String.valueOf(later.post("/feedback/status", Map.of()).get("impressions")))
        .contains("kept=1", "damaged=2");
    later.post("/delete", Map.of("ids", List.of("gone")));
    assertThat(later.holds(SECRET)).isFalse();
    assertThat(later.post("/feedback", Map.of("request_id", "r0", "relevant", "keep")))
        .containsEntry("judged", 1L);
  }
}
