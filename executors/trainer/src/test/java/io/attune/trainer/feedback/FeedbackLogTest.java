package io.attune.trainer.feedback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.document.Document;
import io.attune.runtime.testing.FakeClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What is on the disk, and what a crash leaves of it.
@Timeout(60)
class FeedbackLogTest {
  @TempDir private Path folder;
  private final FakeClock clock = new FakeClock();

  private FeedbackLog open() throws IOException {
    return FeedbackLog.open(folder, clock, new LatelyErased(clock));
  }

  private static Judgment judgment(int i) {
    return new Judgment(
        "r" + i, "q", "query " + i, "d" + i, "text " + i, 1, true, List.of("m@1"), null);
  }

  @Test
  void aLineThatDoesNotSayWhenTheSearchWasIsOfNoTime() throws IOException {
    try (FeedbackLog log = open()) {
      var _ = log.add(List.of(judgment(1)));
    }
    assertThat(Files.readString(file())).doesNotContain("searched");
    try (FeedbackLog log = open()) {
      assertThat(log.since(Instant.EPOCH)).isEmpty();
      assertThat(log.standing().versions()).containsOnlyKeys("m@1");
    }
  }

  private Path file() {
    return folder.resolve("feedback.jsonl");
  }

  @Test
  void aTornLastLineIsCutOffWhereverItTore() throws IOException {
    try (FeedbackLog log = open()) {
      for (int i = 0; i < 3; i++) {
        var _ = log.add(List.of(judgment(i)));
      }
    }
    byte[] whole = Files.readAllBytes(file());
    int third =
        new String(whole, 0, whole.length - 1, java.nio.charset.StandardCharsets.UTF_8)
                .lastIndexOf('\n')
            + 1;
    for (int end = third; end < whole.length; end++) {
      Files.write(file(), Arrays.copyOf(whole, end));
      assertThat(FeedbackSet.forTraining(folder).judgments()).as("read by others").isEqualTo(2);
      try (FeedbackLog log = open()) {
        assertThat(log.judgments()).extracting(Judgment::document).containsExactly("d0", "d1");
      }
      assertThat(Files.size(file())).isEqualTo(third);
    }
    byte[] zeros = whole.clone();
    Arrays.fill(zeros, third + 20, zeros.length - 1, (byte) 0);
    Files.write(file(), zeros);
    try (FeedbackLog log = open()) {
      var _ = log.add(List.of(judgment(7)));
      assertThat(log.judgments()).extracting(Judgment::document).containsExactly("d0", "d1", "d7");
      assertThat(log.standing().entries()).isEqualTo(3);
    }
  }

  @Test
  void damageBeforeTheLastLineIsAnError() throws IOException {
    try (FeedbackLog log = open()) {
      for (int i = 0; i < 3; i++) {
        var _ = log.add(List.of(judgment(i)));
      }
    }
    byte[] whole = Files.readAllBytes(file());
    for (int at : new int[] {0, 8, 30, whole.length / 2}) {
      byte[] damaged = whole.clone();
      damaged[at] ^= 2;
      Files.write(file(), damaged);
      assertThatThrownBy(this::open).hasMessageContaining("feedback.jsonl is damaged at byte");
      assertThatThrownBy(() -> FeedbackSet.forTraining(folder))
          .hasMessageContaining("is damaged at byte");
      assertThat(Files.readAllBytes(file())).as("nothing is lost by it").isEqualTo(damaged);
    }
  }

  @Test
  void anotherProcessReadsWhatIsWrittenMeanwhile() throws IOException {
    assertThat(FeedbackSet.forTraining(folder).queries()).isEmpty();
    try (FeedbackLog log = open()) {
      var _ = log.add(List.of(judgment(0), judgment(1)));
      var _ = log.undo("r0", "", Set.of());
      FeedbackSet set = FeedbackSet.forTraining(folder);
      assertThat(set.judgments()).isEqualTo(1);
      assertThat(set.queries()).extracting(Document::text).containsExactly("query 1");
      log.erase(Erasure.of(Set.of("d1")));
      assertThat(FeedbackSet.forTraining(folder).queries()).isEmpty();
      assertThat(FeedbackSet.forTraining(folder).withoutText()).isEqualTo(1);
      var _ = log.add(List.of(judgment(2)));
      assertThat(FeedbackSet.forTraining(folder).queries())
          .extracting(Document::text)
          .containsExactly("query 2");
    }
  }

  @Test
  void theFileIsForPeopleToo() throws IOException {
    try (FeedbackLog log = open()) {
      var _ = log.add(List.of(judgment(0)));
    }
    String json =
        "{\"number\":1,\"time\":\"1970-01-01T00:00:00Z\",\"judged\":[{\"request\":\"r0\","
            + "\"query\":\"q\",\"query_text\":\"query 0\",\"document\":\"d0\",\"text\":\"text 0\","
            + "\"rank\":1,\"relevant\":true,\"models\":[\"m@1\"]}],\"undone\":[]}";
    java.util.zip.CRC32C crc = new java.util.zip.CRC32C();
    crc.update(json.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    assertThat(Files.readString(file())).isEqualTo("%08x %s\n".formatted(crc.getValue(), json));
  }
}
