package io.attune.indexer.lucene;

import io.attune.document.Document;
import io.attune.indexer.generation.Content;
import io.attune.indexer.generation.GenerationSpec;
import io.attune.indexer.generation.Unit;
import io.attune.proto.docarray.DocumentProto;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.SortedDocValues;
import org.apache.lucene.util.BytesRef;

/// Reads documents back out of their blocks.
final class Contents {
  private static final Set<String> SOURCE = Set.of(LuceneFields.SOURCE);

  private final GenerationSpec spec;
  private final RootDocuments roots;

  Contents(GenerationSpec spec, RootDocuments roots) {
    this.spec = spec;
    this.roots = roots;
  }

  /// A root document without its embeddings.
  DocumentProto source(LeafReaderContext leaf, int root) throws IOException {
    BytesRef bytes =
        leaf.reader().storedFields().document(root, SOURCE).getBinaryValue(LuceneFields.SOURCE);
    return DocumentProto.parser().parseFrom(bytes.bytes, bytes.offset, bytes.length);
  }

  /// A root document with its embeddings.
  Document document(LeafReaderContext leaf, int root) throws IOException {
    return content(leaf, root).toDocument(spec.space());
  }

  /// A root document's block: itself and the chunks between the root before and it.
  Content content(LeafReaderContext leaf, int root) throws IOException {
    Segment segment = new Segment(leaf, roots.of(leaf.reader()), null, 0);
    List<Unit> units = new ArrayList<>();
    Segment.Vectors vectors = segment.open(spec.metric());
    if (vectors != null) {
      int document = vectors.documents().advance(segment.first(root));
      while (document <= root) {
        Unit unit = new Unit(path(leaf, document), vectors.original());
        units.add(document == root ? 0 : units.size(), unit);
        document = vectors.documents().nextDoc();
      }
    }
    return new Content(source(leaf, root), units);
  }

  /// The path of a document's vector.
  static String path(LeafReaderContext leaf, int document) throws IOException {
    SortedDocValues paths = leaf.reader().getSortedDocValues(LuceneFields.PATH);
    return paths != null && paths.advanceExact(document)
        ? paths.lookupOrd(paths.ordValue()).utf8ToString()
        : "";
  }
}
