package io.attune.indexer.lucene;

import io.attune.document.Document;
import io.attune.proto.docarray.DocumentProto;
import java.io.IOException;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.PostingsEnum;
import org.apache.lucene.index.StoredFields;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.util.Bits;
import org.apache.lucene.util.BytesRef;
import org.apache.lucene.util.FixedBitSet;

/// The live root documents of a segment that a filter accepts.
final class FilteredRoots {
  private FilteredRoots() {}

  static FixedBitSet of(IndexSearcher searcher, LeafReaderContext leaf, Predicate<Document> filter)
      throws IOException {
    FixedBitSet accepted = new FixedBitSet(leaf.reader().maxDoc());
    Bits live = leaf.reader().getLiveDocs();
    StoredFields stored = leaf.reader().storedFields();
    PostingsEnum roots =
        leaf.reader().postings(new Term(LuceneFields.KIND, LuceneFields.ROOT), PostingsEnum.NONE);
    while (roots != null && roots.nextDoc() != DocIdSetIterator.NO_MORE_DOCS) {
      int root = roots.docID();
      if ((live == null || live.get(root)) && filter.test(Document.from(source(stored, root)))) {
        accepted.set(root);
      }
    }
    return accepted;
  }

  /// The source of a root document.
  static DocumentProto source(StoredFields stored, int root) throws IOException {
    BytesRef bytes =
        stored.document(root, Set.of(LuceneFields.SOURCE)).getBinaryValue(LuceneFields.SOURCE);
    return DocumentProto.parser().parseFrom(bytes.bytes, bytes.offset, bytes.length);
  }
}
