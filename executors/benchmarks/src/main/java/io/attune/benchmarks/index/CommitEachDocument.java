package io.attune.benchmarks.index;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.KnnFloatVectorField;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.Term;
import org.apache.lucene.index.VectorSimilarityFunction;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;

/// The rival of writing: Lucene without a log, which must commit a document before it may be
/// acknowledged.
final class CommitEachDocument implements AutoCloseable {
  static final String NAME = "Lucene, one commit per document, no server";

  private final Directory directory;
  private final IndexWriter writer;
  private final ClusteredVectors documents;
  private int next;

  CommitEachDocument(Path folder, ClusteredVectors documents) throws IOException {
    this.directory = FSDirectory.open(folder);
    this.writer = new IndexWriter(directory, new IndexWriterConfig());
    this.documents = documents;
  }

  /// Writes documents.
  ///
  /// @return documents per second
  double run(int count) throws IOException {
    long start = System.nanoTime();
    for (int i = 0; i < count; i++, next++) {
      String id = "d" + next;
      Document document = new Document();
      document.add(new StringField("id", id, Field.Store.NO));
      document.add(new StoredField("source", Load.text(next).getBytes(StandardCharsets.UTF_8)));
      float[] vector = documents.row(next % documents.count());
      document.add(new KnnFloatVectorField("vector", vector, VectorSimilarityFunction.DOT_PRODUCT));
      writer.updateDocument(new Term("id", id), document);
      writer.commit();
    }
    return count * 1e9 / (System.nanoTime() - start);
  }

  @Override
  public void close() throws IOException {
    try (directory;
        writer) {
      writer.rollback();
    }
  }
}
