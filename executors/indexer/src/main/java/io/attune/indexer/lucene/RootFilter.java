package io.attune.indexer.lucene;

import io.attune.document.Document;
import io.attune.document.query.Query;
import io.attune.document.query.QueryException;
import io.attune.indexer.filter.FilterQuery;
import io.attune.runtime.FlowException;
import java.io.IOException;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.ScoreMode;
import org.apache.lucene.search.Scorer;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.Weight;
import org.apache.lucene.util.Bits;
import org.apache.lucene.util.FixedBitSet;

/// Finds the live root documents that a filter accepts: by Lucene what can be looked up, and the
/// rest by reading what Lucene found.
final class RootFilter {
  private final Contents contents;
  private final FilterQuery filter;
  private final Weight weight;
  private final Runnable ensureWanted;

  RootFilter(IndexSearcher searcher, Contents contents, Query filter, Runnable ensureWanted)
      throws IOException {
    this.contents = contents;
    this.ensureWanted = ensureWanted;
    this.filter = FilterQuery.of(filter, LuceneFields.ID);
    BooleanQuery roots =
        new BooleanQuery.Builder()
            .add(new TermQuery(new Term(LuceneFields.KIND, LuceneFields.ROOT)), Occur.FILTER)
            .add(this.filter.lucene(), Occur.FILTER)
            .build();
    this.weight = searcher.createWeight(searcher.rewrite(roots), ScoreMode.COMPLETE_NO_SCORES, 1f);
  }

  FixedBitSet accepted(LeafReaderContext leaf) throws IOException {
    FixedBitSet accepted = new FixedBitSet(leaf.reader().maxDoc());
    Scorer scorer = weight.scorer(leaf);
    if (scorer == null) {
      return accepted;
    }
    accepted.or(scorer.iterator());
    Bits live = leaf.reader().getLiveDocs();
    if (live != null) {
      live.applyMask(accepted, 0);
    }
    if (filter.hasRest()) {
      check(leaf, accepted);
    }
    return accepted;
  }

  private void check(LeafReaderContext leaf, FixedBitSet candidates) throws IOException {
    boolean withEmbeddings = filter.looksAtEmbeddings();
    try {
      for (int root = next(candidates, 0); root >= 0; root = next(candidates, root + 1)) {
        ensureWanted.run();
        Document document =
            withEmbeddings
                ? contents.document(leaf, root)
                : Document.from(contents.source(leaf, root));
        if (!filter.accepts(document)) {
          candidates.clear(root);
        }
      }
    } catch (QueryException e) {
      throw FlowException.invalid("filter: " + e.getMessage());
    }
  }

  /// The next set bit from an index on; -1 for none.
  static int next(FixedBitSet documents, int from) {
    int next =
        from < documents.length() ? documents.nextSetBit(from) : DocIdSetIterator.NO_MORE_DOCS;
    return next == DocIdSetIterator.NO_MORE_DOCS ? -1 : next;
  }
}
