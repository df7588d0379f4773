package io.attune.trainer.callback;

import io.attune.evaluator.metrics.Ranking;
import io.attune.runtime.FlowException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/// Exact search of an index by the embeddings of queries.
///
/// Scores are computed for one query and a block of documents at a time, dimension by dimension
/// over a transposed block, which the compiler turns into SIMD without changing the order of any
/// sum: results are the same on every machine. Ties go to the document that comes first.
final class Retrieval {
  private static final int BLOCK = 1024;
  private static final int NONE = -1;

  private final String distance;
  private final int dimension;
  private final int documents;
  private final List<float[]> blocks = new ArrayList<>();
  private final float[] squares;

  /// @param distance `cosine`, `euclidean` or `dot`
  /// @param index a row each document; not kept
  Retrieval(String distance, float[][] index) {
    this.distance = distance;
    this.documents = index.length;
    this.dimension = index.length == 0 ? 0 : index[0].length;
    this.squares = new float[index.length];
    for (int from = 0; from < documents; from += BLOCK) {
      blocks.add(block(index, from, Math.min(BLOCK, documents - from)));
    }
  }

  private float[] block(float[][] index, int from, int count) {
    float[] transposed = new float[dimension * count];
    for (int i = 0; i < count; i++) {
      float[] row = row(index[from + i], "document " + (from + i));
      double square = 0;
      for (int d = 0; d < dimension; d++) {
        transposed[d * count + i] = row[d];
        square += (double) row[d] * row[d];
      }
      squares[from + i] = (float) square;
    }
    return transposed;
  }

  /// A row as it is compared: of length 1 where only its direction counts.
  private float[] row(float[] row, String what) {
    double square = 0;
    for (float value : row) {
      square += (double) value * value;
    }
    if (row.length != dimension || !Double.isFinite(square)) {
      throw FlowException.invalid(
          "embedding of %s: %d dimensions, squared length %s (expected: %d finite numbers)"
              .formatted(what, row.length, square, dimension));
    }
    if (!distance.equals("cosine") || square == 0) {
      return row;
    }
    float[] unit = new float[dimension];
    double length = Math.sqrt(square);
    for (int i = 0; i < dimension; i++) {
      unit[i] = (float) (row[i] / length);
    }
    return unit;
  }

  /// The documents nearest to a query, the nearest first.
  ///
  /// @param self the position of a document that is left out; -1 for none
  int[] nearest(float[] query, int limit, int self) {
    float[] row = row(query, "a query");
    float[] scores = new float[BLOCK];
    int most = Math.min(limit, documents - (self == NONE ? 0 : 1));
    Nearest nearest = new Nearest(most);
    for (int b = 0; b < blocks.size(); b++) {
      int count = Math.min(BLOCK, documents - b * BLOCK);
      dot(row, blocks.get(b), scores, count);
      for (int i = 0; i < count; i++) {
        int document = b * BLOCK + i;
        if (document != self) {
          float score = scores[i];
          nearest.add(
              distance.equals("euclidean") ? score - squares[document] / 2 : score, document);
        }
      }
    }
    return nearest.documents();
  }

  /// How near the nearest of some documents is to a query: larger is nearer, comparable for one
  /// query only.
  ///
  /// @param among their positions, one or more
  float similarity(float[] query, BitSet among) {
    float[] row = row(query, "a query");
    float best = Float.NEGATIVE_INFINITY;
    for (int document = among.nextSetBit(0);
        document >= 0;
        document = among.nextSetBit(document + 1)) {
      int block = document / BLOCK;
      int count = Math.min(BLOCK, documents - block * BLOCK);
      float score = 0;
      for (int d = 0; d < dimension; d++) {
        score += row[d] * blocks.get(block)[d * count + document % BLOCK];
      }
      best = Math.max(best, distance.equals("euclidean") ? score - squares[document] / 2 : score);
    }
    return best;
  }

  /// `scores[i] = Σ_d row[d] · block[d][i]`.
  private void dot(float[] row, float[] block, float[] scores, int count) {
    Arrays.fill(scores, 0, count, 0f);
    for (int d = 0; d < dimension; d++) {
      float value = row[d];
      int at = d * count;
      for (int i = 0; i < count; i++) {
        scores[i] += value * block[at + i];
      }
    }
  }

  /// The ranking of a query.
  ///
  /// @param relevant the positions of the documents that belong to it
  Ranking ranking(String id, float[] query, int limit, int self, BitSet relevant) {
    int[] found = nearest(query, limit, self);
    boolean[] hits = new boolean[found.length];
    for (int i = 0; i < found.length; i++) {
      hits[i] = relevant.get(found[i]);
    }
    boolean own = self != NONE && relevant.get(self);
    return Ranking.of(id, hits, relevant.cardinality() - (own ? 1 : 0));
  }

  /// The best few, kept sorted: what is found early stays, so insertion is rare and short.
  private static final class Nearest {
    private final float[] scores;
    private final int[] documents;
    private int size;

    Nearest(int most) {
      this.scores = new float[most];
      this.documents = new int[most];
    }

    void add(float score, int document) {
      if (size == scores.length && (size == 0 || score <= scores[size - 1])) {
        return;
      }
      int at = size < scores.length ? size++ : size - 1;
      while (at > 0 && scores[at - 1] < score) {
        scores[at] = scores[at - 1];
        documents[at] = documents[at - 1];
        at--;
      }
      scores[at] = score;
      documents[at] = document;
    }

    int[] documents() {
      return Arrays.copyOf(documents, size);
    }
  }
}
