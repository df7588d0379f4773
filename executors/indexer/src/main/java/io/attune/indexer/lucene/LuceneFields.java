package io.attune.indexer.lucene;

import io.attune.indexer.filter.FilterFields;
import io.attune.indexer.generation.Change;
import io.attune.indexer.generation.Content;
import io.attune.indexer.generation.Metric;
import io.attune.indexer.generation.Unit;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.KnnFloatVectorField;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.document.SortedDocValuesField;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.NumericDocValues;
import org.apache.lucene.index.Term;
import org.apache.lucene.index.VectorSimilarityFunction;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.util.BytesRef;

/// How a document lies in Lucene: a block of Lucene documents, one for each chunk vector and last
/// the root, which carries the source, the sequence, its own vector and what filters look at.
///
/// All of a block share the term `id`, so that replacing or deleting by that term takes them all.
/// Under cosine the vectors are of unit length, because inner products are cheaper than cosines;
/// their true lengths lie beside them.
final class LuceneFields {
  /// The root document's id: a term and a sorted value of every Lucene document.
  static final String ID = "id";

  /// [#ROOT], [#CHUNK] or [#TOMBSTONE].
  static final String KIND = "kind";

  static final String ROOT = "root";
  static final String CHUNK = "chunk";
  static final String TOMBSTONE = "tombstone";

  /// The sequence, of roots and tombstones.
  static final String SEQUENCE = "sequence";

  /// The document without embeddings, of roots.
  static final String SOURCE = "source";

  static final String VECTOR = "vector";

  /// The bits of the vector's length as a double, under cosine.
  static final String NORM = "norm";

  /// The path of a chunk's vector.
  static final String PATH = "path";

  /// The depth of a chunk's vector as a term.
  static final String DEPTH = "depth";

  /// A vector whose length differs from 1 by less is kept as it came.
  private static final double UNIT_TOLERANCE = 1e-5;

  private LuceneFields() {}

  static VectorSimilarityFunction similarity(Metric metric) {
    return switch (metric) {
      case COSINE -> VectorSimilarityFunction.DOT_PRODUCT;
      case EUCLIDEAN -> VectorSimilarityFunction.EUCLIDEAN;
      case DOT -> VectorSimilarityFunction.MAXIMUM_INNER_PRODUCT;
    };
  }

  static Term id(String id) {
    return new Term(ID, id);
  }

  /// The block of a document, root last.
  static List<Document> block(Change change, Content content, Metric metric) {
    List<Document> block = new ArrayList<>();
    Document root = document(change.id(), ROOT);
    for (Unit unit : content.units()) {
      if (unit.path().isEmpty()) {
        addVector(root, unit.vector(), metric);
      } else {
        block.add(chunk(change.id(), unit, metric));
      }
    }
    root.add(new NumericDocValuesField(SEQUENCE, change.sequence()));
    FilterFields.add(content.source(), root);
    root.add(new StoredField(SOURCE, content.source().toByteArray()));
    block.add(root);
    return block;
  }

  static Document tombstone(String id, long sequence) {
    Document tombstone = document(id, TOMBSTONE);
    tombstone.add(new NumericDocValuesField(SEQUENCE, sequence));
    return tombstone;
  }

  /// The greatest sequence of a segment; 0 where it has none.
  static long greatestSequence(LeafReader segment) throws IOException {
    NumericDocValues sequences = segment.getNumericDocValues(SEQUENCE);
    long greatest = 0;
    while (sequences != null && sequences.nextDoc() != DocIdSetIterator.NO_MORE_DOCS) {
      greatest = Math.max(greatest, sequences.longValue());
    }
    return greatest;
  }

  private static Document chunk(String id, Unit unit, Metric metric) {
    Document chunk = document(id, CHUNK);
    chunk.add(new SortedDocValuesField(PATH, new BytesRef(unit.path())));
    chunk.add(new StringField(DEPTH, String.valueOf(unit.depth()), Field.Store.NO));
    addVector(chunk, unit.vector(), metric);
    return chunk;
  }

  private static Document document(String id, String kind) {
    Document document = new Document();
    document.add(new StringField(ID, id, Field.Store.NO));
    document.add(new SortedDocValuesField(ID, new BytesRef(id)));
    document.add(new StringField(KIND, kind, Field.Store.NO));
    return document;
  }

  private static void addVector(Document document, float[] vector, Metric metric) {
    float[] kept = vector;
    if (metric == Metric.COSINE) {
      double norm = Metric.norm(vector);
      document.add(new NumericDocValuesField(NORM, Double.doubleToRawLongBits(norm)));
      kept = unit(vector, norm);
    }
    document.add(new KnnFloatVectorField(VECTOR, kept, similarity(metric)));
  }

  /// The vector at unit length; the vector itself where it is as good as that already.
  static float[] unit(float[] vector, double norm) {
    return isUnit(norm) ? vector : scaled(vector, 1 / norm);
  }

  /// The vector that [#unit] was made of.
  static float[] restored(float[] unit, double norm) {
    return isUnit(norm) ? unit : scaled(unit, norm);
  }

  /// Whether vectors of a length are kept as they came.
  static boolean isUnit(double norm) {
    return Math.abs(norm - 1) < UNIT_TOLERANCE;
  }

  private static float[] scaled(float[] vector, double factor) {
    float[] scaled = new float[vector.length];
    for (int i = 0; i < vector.length; i++) {
      scaled[i] = (float) (vector[i] * factor);
    }
    return scaled;
  }
}
