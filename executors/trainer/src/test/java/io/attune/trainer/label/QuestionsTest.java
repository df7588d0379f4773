package io.attune.trainer.label;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.document.Document;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Which documents a sample draws.
class QuestionsTest {
  private static final long SEED = 17;

  @Test
  void everyDocumentIsDrawnAsOften() {
    Random random = new Random(SEED);
    List<Document> documents =
        java.util.stream.IntStream.range(0, 10)
            .mapToObj(i -> Document.create().id("d" + i))
            .toList();
    Map<String, Integer> counts = new HashMap<>();
    int rounds = 20_000;
    for (int round = 0; round < rounds; round++) {
      Sample sample = new Sample(3, random);
      documents.forEach(sample::offer);
      assertThat(sample.drawn()).hasSize(3).doesNotHaveDuplicates();
      sample.drawn().forEach(document -> counts.merge(document.id(), 1, Integer::sum));
    }
    double expected = rounds * 0.3;
    double deviation = Math.sqrt(rounds * 0.3 * 0.7);
    assertThat(counts).hasSize(10);
    counts
        .values()
        .forEach(count ->
            assertThat((double) count)
                .as("seed %d", SEED)
                .isBetween(expected - 5 * deviation, expected + 5 * deviation));
    Sample all = new Sample(10, random);
    documents.forEach(all::offer);
    assertThat(all.drawn()).isEqualTo(documents);
  }
}
