package io.attune.trainer.distance;

import ai.djl.ndarray.NDArray;
import io.attune.runtime.FlowException;
import io.attune.trainer.option.Option;
import io.attune.trainer.option.OptionType;
import io.attune.trainer.option.Options;
import java.util.List;

/// How far apart, or how similar, two embeddings are; pytorch-metric-learning's `distances`.
///
/// @param metric the measure
/// @param normalizeEmbeddings whether embeddings are first brought to length 1
/// @param power what the measure is raised to
public record Distance(Metric metric, boolean normalizeEmbeddings, double power) {
  /// Euclidean distance on the unit sphere: the default of most losses and of all miners.
  public static final Distance EUCLIDEAN = new Distance(Metric.LP, true, 1);

  /// Cosine similarity.
  public static final Distance COSINE = new Distance(Metric.COSINE, true, 1);

  /// A measure between two vectors.
  public enum Metric {
    /// Euclidean distance: `LpDistance` at its default `p=2`.
    LP("LpDistance"),
    /// Cosine similarity.
    COSINE("CosineSimilarity"),
    /// Dot product.
    DOT("DotProductSimilarity");

    private final String name;

    Metric(String name) {
      this.name = name;
    }

    static Metric named(String name) {
      for (Metric metric : values()) {
        if (metric.name.equals(name)) {
          return metric;
        }
      }
      throw new IllegalArgumentException(name);
    }
  }

  public Distance {
    if (metric == Metric.COSINE && !normalizeEmbeddings) {
      throw FlowException.invalid(
          "normalize_embeddings: false (expected: true with distance CosineSimilarity, "
              + "or distance DotProductSimilarity)");
    }
  }

  /// The options that a loss or miner offers for its distance.
  ///
  /// @param metric the one it has by default
  public static List<Option> options(Metric metric) {
    return List.of(
        Option.oneOf(
            "distance",
            metric.name,
            List.of(Metric.LP.name, Metric.COSINE.name, Metric.DOT.name),
            "the measure between two embeddings; LpDistance is Euclidean"),
        Option.flag(
            "normalize_embeddings", true, "whether embeddings are first brought to length 1"),
        new Option(
            "power",
            new OptionType.Real(1, 16),
            1.0,
            "what the measure is raised to; 2 makes LpDistance the squared distance"));
  }

  /// The distance that checked options say.
  public static Distance of(Options options) {
    return new Distance(
        Metric.named(options.text("distance")),
        options.flag("normalize_embeddings"),
        options.real("power"));
  }

  /// Whether a larger value means nearer.
  public boolean inverted() {
    return metric != Metric.LP;
  }

  /// How much farther `x` is than `y`: positive when `x` is farther.
  public float margin(float x, float y) {
    return inverted() ? y - x : x - y;
  }

  /// All measures within a batch.
  ///
  /// @param embeddings float32, (items, dimension)
  public DistanceMatrix within(NDArray embeddings) {
    return DistanceMatrix.of(this, embeddings);
  }
}
