package io.attune.indexer.lucene;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.lucene.index.FloatVectorValues;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.PostingsEnum;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.util.BitSet;
import org.apache.lucene.util.BitSetIterator;
import org.apache.lucene.util.Bits;
import org.apache.lucene.util.FixedBitSet;
import org.jspecify.annotations.Nullable;

/// Decides for a search which vectors may be found: those of live documents, at the depths asked
/// for, whose root the filter accepts. Decided once for all queries of a request.
final class Acceptance {
  private final IndexReader reader;
  private final RootDocuments roots;

  Acceptance(IndexReader reader, RootDocuments roots) {
    this.reader = reader;
    this.roots = roots;
  }

  /// The segments with what may be found in each.
  List<Segment> segments(Set<Integer> depths, @Nullable RootFilter filter) throws IOException {
    List<Segment> segments = new ArrayList<>();
    for (LeafReaderContext leaf : reader.leaves()) {
      FloatVectorValues values = leaf.reader().getFloatVectorValues(LuceneFields.VECTOR);
      if (values == null || values.size() == 0) {
        continue;
      }
      BitSet leafRoots = roots.of(leaf.reader());
      Bits live = leaf.reader().getLiveDocs();
      boolean anyDepth = depths.isEmpty() || (leafRoots == null && depths.contains(0));
      if (filter == null && anyDepth) {
        segments.add(new Segment(leaf, leafRoots, live, values.size()));
      } else {
        FixedBitSet accepted = withVectors(values, live, leaf.reader().maxDoc());
        if (!anyDepth) {
          accepted.and(atDepths(leaf.reader(), leafRoots, depths));
        }
        if (filter != null) {
          retain(accepted, leafRoots, filter.accepted(leaf));
        }
        segments.add(new Segment(leaf, leafRoots, accepted, accepted.cardinality()));
      }
    }
    return segments;
  }

  private static FixedBitSet withVectors(FloatVectorValues values, @Nullable Bits live, int maxDoc)
      throws IOException {
    FixedBitSet documents = new FixedBitSet(maxDoc);
    if (values.size() == maxDoc) {
      documents.set(0, maxDoc);
    } else {
      documents.or(values.iterator());
    }
    if (live != null) {
      live.applyMask(documents, 0);
    }
    return documents;
  }

  private static FixedBitSet atDepths(
      LeafReader segment, @Nullable BitSet roots, Set<Integer> depths) throws IOException {
    FixedBitSet documents = new FixedBitSet(segment.maxDoc());
    for (int depth : depths) {
      PostingsEnum postings =
          segment.postings(new Term(LuceneFields.DEPTH, String.valueOf(depth)), PostingsEnum.NONE);
      while (postings != null && postings.nextDoc() != DocIdSetIterator.NO_MORE_DOCS) {
        documents.set(postings.docID());
      }
    }
    if (depths.contains(0)) {
      if (roots == null) {
        documents.set(0, segment.maxDoc());
      } else {
        documents.or(new BitSetIterator(roots, segment.maxDoc()));
      }
    }
    return documents;
  }

  private static void retain(FixedBitSet accepted, @Nullable BitSet roots, FixedBitSet kept) {
    if (roots == null) {
      accepted.and(kept);
      return;
    }
    for (int document = accepted.nextSetBit(0); document != DocIdSetIterator.NO_MORE_DOCS; ) {
      if (!kept.get(roots.nextSetBit(document))) {
        accepted.clear(document);
      }
      document =
          document + 1 < accepted.length()
              ? accepted.nextSetBit(document + 1)
              : DocIdSetIterator.NO_MORE_DOCS;
    }
  }
}
