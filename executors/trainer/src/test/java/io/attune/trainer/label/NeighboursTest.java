package io.attune.trainer.label;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NeighboursTest {
  private static final long SEED = 41;

  private static float[] at(double degrees) {
    double angle = Math.toRadians(degrees);
    return new float[] {(float) Math.cos(angle), (float) Math.sin(angle)};
  }

  private static float[][] rows(double... degrees) {
    float[][] rows = new float[degrees.length][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = at(degrees[i]);
    }
    return rows;
  }

  @Test
  void nearestAreByCosineWithoutItself() {
    float[][] rows = rows(0, 90, 10, 10, -5);
    assertThat(Neighbours.nearest(rows[0], rows, 0, 3)).containsExactly(4, 2, 3);
    assertThat(Neighbours.nearest(rows[0], rows, -1, 1)).containsExactly(0);
    assertThat(Neighbours.nearest(rows[0], rows, 0, 99)).hasSize(4);
  }

  @Test
  void theMarginIsBetweenTheBestTwo() {
    double[] margins = Neighbours.margins(rows(0, 10, 40));
    assertThat(margins[0])
        .isCloseTo(Math.cos(Math.toRadians(10)) - Math.cos(Math.toRadians(40)), within(1e-6));
    assertThat(margins[2])
        .isCloseTo(Math.cos(Math.toRadians(30)) - Math.cos(Math.toRadians(40)), within(1e-6));
    assertThat(Neighbours.margins(rows(0, 10))).containsExactly(0, 0);
    assertThat(Neighbours.unit(new float[] {0, 0})).containsExactly(0, 0);
    assertThat(Neighbours.unit(new float[] {3, 4})).containsExactly(0.6f, 0.8f);
  }

  @Test
  void whatIsAskedIsUncertainAndFarFromEverythingAskedBefore() {
    float[][] rows = rows(0, 1, 2, 100, 101, 200);
    double[] margins = {0.1, 0.2, 0.3, 0.4, 0.5, 0.6};
    assertThat(Neighbours.toAsk(rows, margins, new float[0][], 3)).containsExactly(0, 5, 3);
    assertThat(Neighbours.toAsk(rows, margins, rows(0), 2)).containsExactly(5, 3);
    assertThat(Neighbours.toAsk(rows, margins, new float[0][], 99))
        .hasSize(6)
        .doesNotHaveDuplicates();
    assertThat(Neighbours.toAsk(new float[0][], new double[0], rows(0), 3)).isEmpty();
  }

  @Test
  void onlyTheTenTimesMostUncertainAreCandidates() {
    float[][] rows = new float[30][];
    double[] margins = new double[30];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = at(i < 20 ? i : 180 + i);
      margins[i] = i;
    }
    assertThat(Neighbours.toAsk(rows, margins, new float[0][], 2))
        .as("the far ones are too certain")
        .containsExactly(0, 19);
  }

  @Test
  void greedyCoversAtMostTwiceWorseThanTheBest() {
    Random random = new Random(SEED);
    for (int round = 0; round < 50; round++) {
      float[][] rows = new float[8][];
      for (int i = 0; i < rows.length; i++) {
        rows[i] = at(random.nextDouble(360));
      }
      List<Integer> greedy = Neighbours.toAsk(rows, new double[8], new float[0][], 3);
      double best = Double.MAX_VALUE;
      for (int a = 0; a < 8; a++) {
        for (int b = a + 1; b < 8; b++) {
          for (int c = b + 1; c < 8; c++) {
            best = Math.min(best, radius(rows, List.of(a, b, c)));
          }
        }
      }
      assertThat(radius(rows, greedy))
          .as("angles are a metric, for which greedy is 2-optimal (Gonzalez 1985); seed %d", SEED)
          .isLessThanOrEqualTo(2 * best + 1e-3);
    }
  }

  private static double radius(float[][] rows, List<Integer> centers) {
    double radius = 0;
    for (float[] row : rows) {
      List<Double> angles = new ArrayList<>();
      for (int center : centers) {
        angles.add(Math.acos(Math.clamp(Neighbours.cosine(row, rows[center]), -1, 1)));
      }
      radius = Math.max(radius, angles.stream().min(Double::compare).orElseThrow());
    }
    return radius;
  }
}
