package io.attune.evaluator.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MetricTest {
  /// The fixture is written by `src/test/python/metric_goldens.py` from docarray 0.21,
  /// sentence-transformers and trec_eval.
  @Test
  void agreesWithRealLibraries() throws IOException {
    Set<Metric> seen = EnumSet.noneOf(Metric.class);
    for (String line : goldens()) {
      String[] row = line.split("\t", -1);
      boolean[] relevance = new boolean[row[0].equals("-") ? 0 : row[0].length()];
      for (int i = 0; i < relevance.length; i++) {
        relevance[i] = row[0].charAt(i) == '1';
      }
      Metric metric = Metric.named(row[3]).orElseThrow();
      double value =
          metric.of(Ranking.of("q", relevance, Integer.parseInt(row[1])), Integer.parseInt(row[2]));

      assertThat(value).as(line).isEqualTo(Double.parseDouble(row[4]), within(1e-9));
      seen.add(metric);
    }
    assertThat(seen).containsExactlyInAnyOrder(Metric.values());
  }

  @ParameterizedTest
  @CsvSource({
    "PRECISION, 0.4",
    "RECALL, 0.5",
    "AVERAGE_PRECISION, 0.225",
    "RECIPROCAL_RANK, 0.5",
    "R_PRECISION, 0.25",
    "DCG, 1.0177825608",
    "DOCARRAY_PRECISION_AT_K, 0.4",
    "DOCARRAY_R_PRECISION, 0.5",
    "DOCARRAY_DCG_AT_K, 1.4306765581",
  })
  void hasTheValueReckonedByHand(Metric metric, double value) {
    // ranks 2 and 5 are relevant; four are there in all
    Ranking ranking = Ranking.of("q", new boolean[] {false, true, false, false, true}, 4);

    assertThat(metric.of(ranking, 5)).isEqualTo(value, within(1e-9));
  }

  @Test
  void eighteenHaveNames() {
    assertThat(Metric.STANDARD).hasSize(9);
    assertThat(Metric.DOCARRAY).hasSize(9).allMatch(each -> each.label().startsWith("docarray_"));
    assertThat(Metric.named("reciprocal_rank")).contains(Metric.RECIPROCAL_RANK);
    assertThat(Metric.named("RECIPROCAL_RANK")).isEmpty();
  }

  private static List<String> goldens() throws IOException {
    try (InputStream in = MetricTest.class.getResourceAsStream("metrics.tsv")) {
      String text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
      return text.lines().toList();
    }
  }
}
