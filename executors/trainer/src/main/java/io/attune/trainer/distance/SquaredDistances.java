package io.attune.trainer.distance;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// Squared Euclidean distances from coordinate differences.
///
/// Lanes are summed one after the other: the order of `reduceLanes` is not defined, and differs
/// between interpreted and compiled code.
final class SquaredDistances {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  private SquaredDistances() {}

  /// Squared distances between all points of a batch.
  ///
  /// @param points row by row, `size * dimension`
  /// @return row by row, `size * size`; symmetric, the diagonal 0
  static float[] within(float[] points, int size, int dimension) {
    float[] squares = new float[size * size];
    float[] lanes = new float[SPECIES.length()];
    for (int i = 0; i < size; i++) {
      for (int j = 0; j < i; j++) {
        float square = between(points, i * dimension, j * dimension, dimension, lanes);
        squares[i * size + j] = square;
        squares[j * size + i] = square;
      }
    }
    return squares;
  }

  private static float between(float[] points, int left, int right, int dimension, float[] lanes) {
    FloatVector sum = FloatVector.zero(SPECIES);
    int d = 0;
    for (int bound = SPECIES.loopBound(dimension); d < bound; d += SPECIES.length()) {
      FloatVector difference =
          FloatVector.fromArray(SPECIES, points, left + d)
              .sub(FloatVector.fromArray(SPECIES, points, right + d));
      sum = difference.fma(difference, sum);
    }
    sum.intoArray(lanes, 0);
    float total = 0;
    for (float lane : lanes) {
      total += lane;
    }
    for (; d < dimension; d++) {
      float difference = points[left + d] - points[right + d];
      total = Math.fma(difference, difference, total);
    }
    return total;
  }
}
