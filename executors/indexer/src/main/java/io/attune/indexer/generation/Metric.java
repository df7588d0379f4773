package io.attune.indexer.generation;

import io.attune.runtime.FlowException;
import java.util.Locale;
import org.apache.lucene.util.VectorUtil;

/// How far two vectors are apart, as docarray's `match` counts it: smaller is nearer.
public enum Metric {
  /// `1 - cos`, from 0 to 2, with docarray's jitter of 1e-7 in the quotient. A zero vector has no
  /// direction and is refused.
  COSINE,
  /// The square root of the summed squared differences.
  EUCLIDEAN,
  /// The negated inner product; vectors of any length.
  DOT;

  /// What docarray adds to both sides of the cosine's quotient.
  private static final double JITTER = 1e-7;

  /// The metric of a name as it is written in a Flow: `cosine`, `euclidean`, `dot`.
  public static Metric of(String name) {
    for (Metric metric : values()) {
      if (metric.label().equals(name)) {
        return metric;
      }
    }
    throw FlowException.invalid("metric: " + name + " (expected: cosine, euclidean, dot)");
  }

  /// The name, which is also the key of a match's score.
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// The distance of two vectors of one dimension.
  public float distance(float[] one, float[] other) {
    return switch (this) {
      case COSINE -> cosine(VectorUtil.dotProduct(one, other), norm(one), norm(other));
      case EUCLIDEAN -> euclidean(VectorUtil.squareDistance(one, other));
      case DOT -> dot(VectorUtil.dotProduct(one, other));
    };
  }

  /// The cosine distance of two vectors, given their inner product and lengths.
  public static float cosine(double product, double oneNorm, double otherNorm) {
    double cosine = (product + JITTER) / (oneNorm * otherNorm + JITTER);
    return (float) (1 - Math.clamp(cosine, -1.0, 1.0));
  }

  /// The Euclidean distance of two vectors, given their squared distance.
  public static float euclidean(double squared) {
    return (float) Math.sqrt(squared);
  }

  /// The dot distance of two vectors, given their inner product; never negative zero.
  public static float dot(float product) {
    return 0f - product;
  }

  /// A vector's Euclidean length.
  public static double norm(float[] vector) {
    double sum = 0;
    for (float value : vector) {
      sum += (double) value * value;
    }
    return Math.sqrt(sum);
  }
}
