package io.attune.trainer.feedback;

import static io.attune.trainer.feedback.FeedbackHarness.query;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// How impressions are kept, bounded, and given up.
@Timeout(60)
class ImpressionLogTest {
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

  private static boolean isKnown(FeedbackHarness feedback, String request) {
    try {
      feedback.post("/feedback", Map.of("request_id", request, "relevant", "a"));
      return true;
    } catch (FlowException e) {
      return false;
    }
  }

  private List<Path> segments() throws IOException {
    try (Stream<Path> files = Files.list(root.resolve("impressions"))) {
      return files.sorted().toList();
    }
  }

  @Test
  void searchesOfManyClientsCanBeJudgedAtOnceAndLater() throws Exception {
    FeedbackHarness feedback = feedback(Map.of());
    int clients = 8;
    int searches = 60;
    try (ExecutorService pool = Executors.newFixedThreadPool(clients)) {
      List<Callable<Integer>> work = new ArrayList<>();
      for (int client = 0; client < clients; client++) {
        String name = "c" + client + "-";
        work.add(() -> {
          int judged = 0;
          for (int i = 0; i < searches; i++) {
            var _ = feedback.search(name + i, "m@1", query("q", name + i, "a", "b"));
            judged += isKnown(feedback, name + i) ? 1 : 0;
          }
          return judged;
        });
      }
      for (Future<Integer> each : pool.invokeAll(work)) {
        assertThat(each.get()).isEqualTo(searches);
      }
    }
    feedback.flush();
    assertThat(feedback.impressions("recorded")).isEqualTo(480);
    feedback.close();
    FeedbackHarness later = new FeedbackHarness(root, Map.of(), feedback.clock);
    open.add(later);
    assertThat(later.exported()).hasSize(480);
    assertThat(later.post("/feedback", Map.of("request_id", "c7-59", "irrelevant", "b")))
        .containsEntry("judged", 1L);
  }

  @Test
  void theOldestGoWhereThereAreTooManyBytes() throws Exception {
    FeedbackHarness feedback = feedback(Map.of("impressions_mb", 1));
    String text = "a:" + "some words ".repeat(900); // 16 segments of 64 KiB, of 7 searches each
    for (int i = 0; i < 300; i++) {
      feedback.search("r" + i, "", query("q", "one", text));
      if (i % 10 == 0) {
        feedback.flush();
      }
    }
    feedback.flush();
    long bytes = 0;
    for (Path segment : segments()) {
      bytes += Files.size(segment);
    }
    assertThat(bytes).isBetween(900L << 10, 1100L << 10);
    assertThat(isKnown(feedback, "r0")).isFalse();
    assertThat(isKnown(feedback, "r190")).isFalse();
    assertThat(isKnown(feedback, "r215")).isTrue();
    assertThat(isKnown(feedback, "r299")).isTrue();
    feedback.close();
    FeedbackHarness later = new FeedbackHarness(root, Map.of(), feedback.clock);
    open.add(later);
    assertThat(isKnown(later, "r215")).isTrue();
    assertThat(isKnown(later, "r190")).isFalse();
  }

  @Test
  void theFilesOfOldImpressionsGo() throws Exception {
    FeedbackHarness feedback = feedback(Map.of("impressions_age", "2d"));
    feedback.search("old", "", query("q", "an old secret", "a"));
    feedback.flush();
    feedback.close();
    feedback.clock.advance(Duration.ofDays(1));
    FeedbackHarness later =
        new FeedbackHarness(root, Map.of("impressions_age", "2d"), feedback.clock);
    open.add(later);
    later.search("young", "", query("q", "one", "a"));
    later.flush();
    assertThat(segments()).hasSize(2);
    later.clock.advance(Duration.ofHours(25));
    later.flush();
    assertThat(segments()).hasSize(1);
    assertThat(later.holds("an old secret")).isFalse();
    assertThat(isKnown(later, "young")).isTrue();
  }

  @Test
  void damagedLinesArePassedOver() throws Exception {
    FeedbackHarness feedback = feedback(Map.of());
    for (int i = 0; i < 3; i++) {
      feedback.search("r" + i, "", query("q", "one", "a"));
    }
    feedback.flush();
    feedback.close();
    Path segment = segments().getFirst();
    byte[] bytes = Files.readAllBytes(segment);
    bytes[bytes.length / 2] ^= 1;
    Files.write(segment, java.util.Arrays.copyOf(bytes, bytes.length - 5));
    FeedbackHarness later = new FeedbackHarness(root, Map.of(), feedback.clock);
    open.add(later);
    assertThat(String.valueOf(later.post("/feedback/status", Map.of()).get("impressions")))
        .contains("kept=1", "damaged=2");
    assertThat(isKnown(later, "r0")).isTrue();
    later.search("r3", "", query("q", "one", "a"));
    assertThat(isKnown(later, "r3")).isTrue();
  }

  @Test
  void aDiskThatIsFullFailsNoSearch() throws Exception {
    FeedbackHarness feedback = feedback(Map.of());
    Path full = Path.of("/dev/full");
    org.junit.jupiter.api.Assumptions.assumeTrue(Files.exists(full), "needs /dev/full");
    Files.createSymbolicLink(root.resolve("impressions/impressions-00000001.jsonl"), full);
    for (int i = 0; i < 3; i++) {
      assertThat(feedback.search("r" + i, "", query("q", "one", "a")).getData().hasDocs()).isTrue();
      feedback.flush();
    }
    assertThat(feedback.impressions("dropped")).isEqualTo(3);
    assertThat(isKnown(feedback, "r0")).isFalse();
    Files.delete(root.resolve("impressions/impressions-00000001.jsonl"));
  }

  @Test
  void optionsAreChecked() {
    assertThatThrownBy(() -> feedback(Map.of("impression_mb", 1)))
        .hasMessageContaining("Feedback: impression_mb (expected: did you mean impressions_mb?");
    assertThatThrownBy(() -> feedback(Map.of("impressions_mb", 0)))
        .hasMessageContaining("impressions_mb: 0 (expected: a whole number 1..1048576)");
    assertThatThrownBy(() -> feedback(Map.of("impressions_age", "1w")))
        .hasMessageContaining(
            "impressions_age: 1w (expected: a number with s, m, h or d, such as 30d, 1m..3650d)");
    assertThatThrownBy(() -> feedback(Map.of("impressions_age", "5s")))
        .hasMessageContaining("impressions_age: 5s (expected: ");
    assertThat(options(Map.of()))
        .isEqualTo(new FeedbackOptions(root, 256, Duration.ofDays(30), 100, 0.2));
    assertThat(
            options(
                Map.of("folder", "f", "impressions_mb", 7, "impressions_age", "5h", "shown", 9)))
        .isEqualTo(new FeedbackOptions(Path.of("f"), 7, Duration.ofHours(5), 9, 0.2));
  }

  private FeedbackOptions options(Map<String, ?> with) {
    return FeedbackOptions.from(
        FeedbackHarness.context(
            root, with, new io.micrometer.core.instrument.simple.SimpleMeterRegistry()));
  }
}
