package io.attune.indexer;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.Score;
import io.attune.proto.docarray.DocumentArrayProto;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Matches as the real docarray 0.21 gives them; `src/test/python/golden_match.py` made them.
class MatchGoldenTest {
  @TempDir Path workspace;

  private static DocumentArray golden(String name) throws IOException {
    try (InputStream in = MatchGoldenTest.class.getResourceAsStream("/golden/match_" + name)) {
      return DocumentArray.from(DocumentArrayProto.parseFrom(in));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "cosine, none, 1e-6",
    "euclidean, none, 1e-5",
    "dot, none, 1e-5",
    "cosine, int8, 1e-6",
    "euclidean, int8, 1e-5",
    "dot, int8, 1e-5"
  })
  void matchesAreThoseOfDocarray(String metric, String quantize, double tolerance)
      throws Exception {
    try (IndexerHarness indexer =
        new IndexerHarness(
            workspace, "metric", metric, "quantize", quantize, "space", "external", "limit", 20)) {
      indexer.call("/index", golden("documents.bin"));
      DocumentArray queries = golden(metric + ".bin");
      assertThat(queries).hasSize(8);
      for (Document query : queries) {
        List<Document> expected = List.copyOf(query.matches());
        DocumentArray matches = indexer.search(query);
        assertThat(matches)
            .extracting(Document::id)
            .containsExactlyElementsOf(expected.stream().map(Document::id).toList());
        for (int i = 0; i < expected.size(); i++) {
          assertSame(matches.get(i), expected.get(i), metric, tolerance);
        }
      }
    }
  }

  private static void assertSame(
      Document match, Document expected, String metric, double tolerance) {
    assertThat(match.adjacency()).isEqualTo(expected.adjacency());
    assertThat(match.scores()).containsOnlyKeys(expected.scores().keySet());
    Score score = requireNonNull(match.scores().get(metric));
    Score right = requireNonNull(expected.scores().get(metric));
    double error = tolerance * Math.max(1, Math.abs(right.value()));
    assertThat((double) score.value()).isCloseTo(right.value(), within(error));
    assertThat(score.refId()).isEqualTo(right.refId());
    assertThat(score.opName()).isEqualTo(right.opName());
  }
}
