package io.attune.models;

import io.attune.runtime.FlowException;

/// Another file of the same model in fewer bits.
///
/// @param name its name, such as `int8`
/// @param file the file beside `model.onnx`, such as `model.int8.onnx`
/// @param sha256 the file's hash
/// @param agreement the least cosine between its embeddings and the master's on the goldens, -1 to
///   1
/// @param space its own space where it agrees with the master below 0.999, else the master's
public record Variant(String name, String file, String sha256, double agreement, Space space) {
  /// Below this agreement a variant has a space of its own.
  public static final double SAME_SPACE = 0.999;

  /// How far a measured agreement may be from the one said.
  static final double TOLERANCE = 1e-3;

  public Variant {
    if (!Sha256.isHash(sha256)) {
      throw FlowException.invalid(
          "variants: sha256 \"" + sha256 + "\" (expected: 64 hexadecimal digits)");
    }
    if (!(agreement >= -1 && agreement <= 1)) {
      throw FlowException.invalid("variants: agreement " + agreement + " (expected: -1..1)");
    }
  }
}
