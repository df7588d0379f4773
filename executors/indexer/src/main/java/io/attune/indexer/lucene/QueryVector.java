package io.attune.indexer.lucene;

import io.attune.indexer.generation.Metric;
import org.apache.lucene.util.VectorUtil;

/// A query vector, prepared for a metric.
///
/// @param metric the metric
/// @param target what is compared with the kept vectors: of unit length under cosine
/// @param norm the query's true length
@SuppressWarnings("ArrayRecordComponent") // vectors are compared by value nowhere
record QueryVector(Metric metric, float[] target, double norm) {
  static QueryVector of(Metric metric, float[] vector) {
    double norm = Metric.norm(vector);
    float[] target = metric == Metric.COSINE ? LuceneFields.unit(vector, norm) : vector;
    return new QueryVector(metric, target, norm);
  }

  /// The distance to a vector as it is kept.
  ///
  /// @param kept the kept vector
  /// @param keptNorm its true length, under cosine
  float distance(float[] kept, double keptNorm) {
    return switch (metric) {
      case COSINE -> {
        double scale =
            (LuceneFields.isUnit(norm) ? 1 : norm) * (LuceneFields.isUnit(keptNorm) ? 1 : keptNorm);
        yield Metric.cosine(VectorUtil.dotProduct(target, kept) * scale, norm, keptNorm);
      }
      case EUCLIDEAN -> Metric.euclidean(VectorUtil.squareDistance(target, kept));
      case DOT -> Metric.dot(VectorUtil.dotProduct(target, kept));
    };
  }
}
