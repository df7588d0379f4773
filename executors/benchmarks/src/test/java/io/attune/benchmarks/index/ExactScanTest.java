package io.attune.benchmarks.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ExactScanTest {
  private static final ClusteredVectors DOCUMENTS = ClusteredVectors.of(300, 1, 2);
  private static final ClusteredVectors QUERIES = ClusteredVectors.of(5, 1, 3);

  private static double dot(float[] a, float[] b) {
    return IntStream.range(0, a.length).mapToDouble(i -> (double) a[i] * b[i]).sum();
  }

  @Test
  void findsTheNearestInOrder() {
    var found = new ExactScan(DOCUMENTS).nearest(QUERIES, 3, 4, 10);
    assertThat(found).hasSize(4);
    for (int i = 0; i < 4; i++) {
      float[] query = QUERIES.row((3 + i) % 5);
      int[] sorted =
          IntStream.range(0, 300)
              .boxed()
              .sorted(Comparator.comparingDouble(row -> -dot(query, DOCUMENTS.row(row))))
              .mapToInt(Integer::intValue)
              .limit(10)
              .toArray();
      assertThat(found.get(i)).containsExactly(sorted);
    }
  }

  @Test
  void vectorsAreOfUnitLengthAndTheSameForASeed() {
    for (int i = 0; i < DOCUMENTS.count(); i++) {
      assertThat(dot(DOCUMENTS.row(i), DOCUMENTS.row(i))).isCloseTo(1, within(1e-5));
    }
    assertThat(ClusteredVectors.of(300, 1, 2).row(299)).containsExactly(DOCUMENTS.row(299));
    assertThat(Arrays.equals(DOCUMENTS.row(0), ClusteredVectors.of(1, 1, 9).row(0))).isFalse();
    assertThat(DOCUMENTS.bytes()).isEqualTo(300L * 384 * 4);
  }
}
