package io.attune.benchmarks.index;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.lucene.util.VectorUtil;

/// The rival of searching: compares a query with every vector, in one thread, with Lucene's SIMD
/// kernels over one contiguous array.
///
/// The kernels take whole arrays, so each vector is copied to one that stays in the first cache;
/// that is faster than an array for each vector, which the scan would have to visit in the heap.
final class ExactScan {
  static final String NAME = "exact scan by Lucene's VectorUtil over one array, one thread";
  private static final double GIGA = 1e9;

  private final ClusteredVectors documents;

  ExactScan(ClusteredVectors documents) {
    this.documents = documents;
  }

  /// The nearest documents of each query, nearest first.
  ///
  /// @param first the first query, of which on as many are taken as asked for, starting over at the
  ///   end
  List<int[]> nearest(ClusteredVectors queries, int first, int count, int limit) {
    List<int[]> nearest = new ArrayList<>(count);
    for (int i = first; i < first + count; i++) {
      nearest.add(nearest(queries.row(i % queries.count()), limit));
    }
    return nearest;
  }

  private int[] nearest(float[] query, int limit) {
    int[] rows = new int[limit];
    float[] scores = new float[limit];
    Arrays.fill(scores, Float.NEGATIVE_INFINITY);
    float[] row = new float[ClusteredVectors.DIMENSION];
    for (int i = 0; i < documents.count(); i++) {
      documents.copy(i, row);
      float score = VectorUtil.dotProduct(query, row);
      if (score > scores[limit - 1]) {
        insert(scores, rows, score, i);
      }
    }
    return rows;
  }

  private static void insert(float[] scores, int[] rows, float score, int row) {
    int at = scores.length - 1;
    for (; at > 0 && scores[at - 1] < score; at--) {
      scores[at] = scores[at - 1];
      rows[at] = rows[at - 1];
    }
    scores[at] = score;
    rows[at] = row;
  }

  /// The bytes of vectors that a rate of queries reads, in GB/s.
  double gigabytesPerSecond(double queriesPerSecond) {
    return queriesPerSecond * documents.bytes() / GIGA;
  }
}
