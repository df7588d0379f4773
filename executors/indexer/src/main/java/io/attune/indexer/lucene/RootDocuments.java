package io.attune.indexer.lucene;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.PostingsEnum;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.util.BitSet;
import org.apache.lucene.util.FixedBitSet;
import org.jspecify.annotations.Nullable;

/// Which Lucene documents are roots, by segment: the root of a chunk is the next one. Kept as long
/// as the segment is open. Segments without chunks need no such set.
final class RootDocuments {
  private final Map<IndexReader.CacheKey, BitSet> bySegment = new ConcurrentHashMap<>();

  /// The segment's roots; null where every document with a vector is one.
  @Nullable BitSet of(LeafReader segment) throws IOException {
    if (segment.docFreq(new Term(LuceneFields.KIND, LuceneFields.CHUNK)) == 0) {
      return null;
    }
    IndexReader.CacheHelper cache = segment.getCoreCacheHelper();
    if (cache == null) {
      return read(segment);
    }
    BitSet known = bySegment.get(cache.getKey());
    if (known == null) {
      known = read(segment);
      if (bySegment.putIfAbsent(cache.getKey(), known) == null) {
        cache.addClosedListener(bySegment::remove);
      }
    }
    return known;
  }

  private static BitSet read(LeafReader segment) throws IOException {
    FixedBitSet roots = new FixedBitSet(segment.maxDoc());
    PostingsEnum postings =
        segment.postings(new Term(LuceneFields.KIND, LuceneFields.ROOT), PostingsEnum.NONE);
    while (postings != null && postings.nextDoc() != DocIdSetIterator.NO_MORE_DOCS) {
      roots.set(postings.docID());
    }
    return roots;
  }
}
