package io.attune.indexer.lucene;

import io.attune.indexer.generation.Metric;
import java.io.IOException;
import org.apache.lucene.index.FloatVectorValues;
import org.apache.lucene.index.KnnVectorValues.DocIndexIterator;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.NumericDocValues;
import org.apache.lucene.util.BitSet;
import org.apache.lucene.util.Bits;
import org.jspecify.annotations.Nullable;

/// One segment as a search sees it.
///
/// @param context the segment's place in the reader
/// @param roots which documents are roots; null where all with a vector are
/// @param accepted which documents with a vector may be found; null for all
/// @param vectors how many vectors may be found, deleted ones perhaps counted
record Segment(
    LeafReaderContext context, @Nullable BitSet roots, @Nullable Bits accepted, int vectors) {
  LeafReader reader() {
    return context.reader();
  }

  /// The root of a document with a vector.
  int root(int document) {
    return roots == null ? document : roots.nextSetBit(document);
  }

  /// The first document of a root's block.
  int first(int root) {
    return roots == null || root == 0 ? root : roots.prevSetBit(root - 1) + 1;
  }

  boolean accepts(int document) {
    return accepted == null || accepted.get(document);
  }

  /// A cursor over the segment's vectors; null where it has none.
  @Nullable Vectors open(Metric metric) throws IOException {
    FloatVectorValues values = reader().getFloatVectorValues(LuceneFields.VECTOR);
    return values == null
        ? null
        : new Vectors(
            values,
            values.iterator(),
            metric == Metric.COSINE ? reader().getNumericDocValues(LuceneFields.NORM) : null);
  }

  /// Vectors with their lengths, read forwards.
  ///
  /// @param values the vectors
  /// @param documents the documents that have one
  /// @param norms the bits of the true lengths, where the vectors are kept at unit length
  record Vectors(
      FloatVectorValues values, DocIndexIterator documents, @Nullable NumericDocValues norms) {
    /// The distance of the query to the vector of the current document.
    float distance(QueryVector query) throws IOException {
      return query.distance(values.vectorValue(documents.index()), norm());
    }

    /// The current document's vector as it was indexed; the caller's own.
    float[] original() throws IOException {
      float[] vector = values.vectorValue(documents.index()).clone();
      return norms == null ? vector : LuceneFields.restored(vector, norm());
    }

    private double norm() throws IOException {
      return norms != null && norms.advanceExact(documents.docID())
          ? Double.longBitsToDouble(norms.longValue())
          : 1;
    }
  }
}
