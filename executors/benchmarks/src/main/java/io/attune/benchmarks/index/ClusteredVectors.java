package io.attune.benchmarks.index;

import java.util.Random;

/// Vectors of unit length around random centres, one after another in one array.
///
/// Each coordinate of a centre is normally distributed with deviation 1, each coordinate of a
/// vector around its centre's with deviation 0.5.
final class ClusteredVectors {
  static final int DIMENSION = 384;
  private static final int CENTRES = 1_000;
  private static final float SPREAD = 0.5f;

  private final float[] values;
  private final int count;

  private ClusteredVectors(float[] values, int count) {
    this.values = values;
    this.count = count;
  }

  /// Draws vectors.
  ///
  /// @param centreSeed vectors of one such seed share their centres
  static ClusteredVectors of(int count, long centreSeed, long seed) {
    float[] centres = new float[CENTRES * DIMENSION];
    Random centreRandom = new Random(centreSeed);
    for (int i = 0; i < centres.length; i++) {
      centres[i] = (float) centreRandom.nextGaussian();
    }
    float[] values = new float[count * DIMENSION];
    Random random = new Random(seed);
    for (int i = 0; i < count; i++) {
      draw(values, i * DIMENSION, centres, random.nextInt(CENTRES) * DIMENSION, random);
    }
    return new ClusteredVectors(values, count);
  }

  private static void draw(float[] values, int start, float[] centres, int centre, Random random) {
    double squares = 0;
    for (int i = 0; i < DIMENSION; i++) {
      float value = centres[centre + i] + SPREAD * (float) random.nextGaussian();
      values[start + i] = value;
      squares += (double) value * value;
    }
    float scale = (float) (1 / Math.sqrt(squares));
    for (int i = start; i < start + DIMENSION; i++) {
      values[i] *= scale;
    }
  }

  /// How many vectors.
  int count() {
    return count;
  }

  /// The bytes of all vectors.
  long bytes() {
    return (long) values.length * Float.BYTES;
  }

  /// A copy of one vector.
  float[] row(int index) {
    float[] row = new float[DIMENSION];
    copy(index, row);
    return row;
  }

  /// Copies one vector into an array of its length.
  void copy(int index, float[] target) {
    System.arraycopy(values, index * DIMENSION, target, 0, DIMENSION);
  }
}
