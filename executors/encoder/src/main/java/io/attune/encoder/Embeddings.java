package io.attune.encoder;

/// Checks of vectors.
final class Embeddings {
  private Embeddings() {}

  /// The place of the first element that is NaN or infinite; -1 where all are finite.
  static int firstNotFinite(float[] values) {
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        return i;
      }
    }
    return -1;
  }
}
