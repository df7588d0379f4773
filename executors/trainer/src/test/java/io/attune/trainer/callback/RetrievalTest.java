package io.attune.trainer.callback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.runtime.FlowException;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RetrievalTest {
  private static double distance(String kind, float[] a, float[] b) {
    double dot = 0;
    double aa = 0;
    double bb = 0;
    double squares = 0;
    for (int i = 0; i < a.length; i++) {
      dot += (double) a[i] * b[i];
      aa += (double) a[i] * a[i];
      bb += (double) b[i] * b[i];
      squares += Math.pow((double) a[i] - b[i], 2);
    }
    return switch (kind) {
      case "cosine" -> -dot / Math.sqrt(aa * bb);
      case "dot" -> -dot;
      default -> squares;
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"cosine", "dot", "euclidean"})
  void findsWhatSortingFinds(String kind) {
    Random random = new Random(7);
    float[][] index = new float[2500][24]; // more than two blocks
    for (float[] row : index) {
      for (int i = 0; i < row.length; i++) {
        row[i] = (float) random.nextGaussian();
      }
    }
    Retrieval retrieval = new Retrieval(kind, index);
    for (int query = 0; query < 20; query++) {
      float[] row = index[random.nextInt(index.length)].clone();
      row[3] += 0.5f;
      List<Integer> sorted =
          IntStream.range(0, index.length)
              .boxed()
              .filter(i -> i != 17)
              .sorted(Comparator.comparingDouble(i -> distance(kind, row, index[i])))
              .limit(20)
              .toList();
      assertThat(IntStream.of(retrieval.nearest(row, 20, 17)).boxed()).isEqualTo(sorted);
    }
  }

  @Test
  void tiesGoToTheFirstAndListsMayBeShort() {
    float[][] index = {{0, 1}, {1, 0}, {2, 0}, {1, 0}};
    Retrieval retrieval = new Retrieval("cosine", index);
    assertThat(retrieval.nearest(new float[] {5, 0}, 3, -1)).containsExactly(1, 2, 3);
    assertThat(retrieval.nearest(new float[] {5, 0}, 9, 1)).containsExactly(2, 3, 0);
    assertThat(new Retrieval("cosine", new float[][] {{1}}).nearest(new float[] {1}, 5, 0))
        .isEmpty();
  }

  @Test
  void refusesWhatIsNoNumber() {
    assertThatThrownBy(() -> new Retrieval("cosine", new float[][] {{1, Float.NaN}}))
        .isInstanceOf(FlowException.class)
        .hasMessageContaining("embedding of document 0");
    assertThatThrownBy(
            () -> new Retrieval("dot", new float[][] {{1, 0}}).nearest(new float[] {1}, 1, -1))
        .hasMessageContaining("(expected: 2 finite numbers)");
  }
}
