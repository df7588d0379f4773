package io.attune.indexer.lucene;

import java.io.IOException;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.NumericDocValues;
import org.apache.lucene.index.PostingsEnum;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.util.Bits;

/// Finds what a reader holds for an id.
final class RootLookup {
  private RootLookup() {}

  /// The rank held for an id, be it a document's or a tombstone's; 0 for none.
  static long rank(IndexReader reader, String id) throws IOException {
    for (LeafReaderContext leaf : reader.leaves()) {
      int last = lastLive(leaf.reader(), id);
      if (last >= 0) {
        NumericDocValues sequences = leaf.reader().getNumericDocValues(LuceneFields.SEQUENCE);
        if (sequences != null && sequences.advanceExact(last)) {
          return HeldSequences.rank(sequences.longValue(), isRoot(leaf.reader(), last));
        }
      }
    }
    return 0;
  }

  /// The reader-wide number of an id's root document; -1 where there is none.
  static int root(IndexReader reader, String id) throws IOException {
    for (LeafReaderContext leaf : reader.leaves()) {
      int last = lastLive(leaf.reader(), id);
      if (last >= 0) {
        return isRoot(leaf.reader(), last) ? leaf.docBase + last : -1;
      }
    }
    return -1;
  }

  private static int lastLive(LeafReader segment, String id) throws IOException {
    PostingsEnum postings = segment.postings(LuceneFields.id(id), PostingsEnum.NONE);
    Bits live = segment.getLiveDocs();
    int last = -1;
    while (postings != null && postings.nextDoc() != DocIdSetIterator.NO_MORE_DOCS) {
      if (live == null || live.get(postings.docID())) {
        last = postings.docID();
      }
    }
    return last;
  }

  private static boolean isRoot(LeafReader segment, int document) throws IOException {
    PostingsEnum roots =
        segment.postings(new Term(LuceneFields.KIND, LuceneFields.ROOT), PostingsEnum.NONE);
    return roots != null && roots.advance(document) == document;
  }
}
