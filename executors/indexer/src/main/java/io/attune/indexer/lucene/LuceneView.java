package io.attune.indexer.lucene;

import io.attune.document.query.Query;
import io.attune.indexer.filter.FilterQuery;
import io.attune.indexer.generation.AnswerSize;
import io.attune.indexer.generation.Content;
import io.attune.indexer.generation.GenerationSpec;
import io.attune.indexer.generation.Hit;
import io.attune.indexer.generation.SearchAnswer;
import io.attune.indexer.generation.SearchOptions;
import io.attune.indexer.generation.View;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.NumericDocValues;
import org.apache.lucene.index.PostingsEnum;
import org.apache.lucene.index.ReaderUtil;
import org.apache.lucene.index.SortedDocValues;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.FieldExistsQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.SearcherManager;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.util.Bits;
import org.apache.lucene.util.FixedBitSet;
import org.jspecify.annotations.Nullable;

/// A Lucene reader at one moment.
final class LuceneView implements View {
  private final SearcherManager searchers;
  private final IndexSearcher searcher;
  private final GenerationSpec spec;
  private final RootDocuments roots;
  private final ScanRule scanRule;
  private final Contents contents;
  private boolean closed;

  LuceneView(SearcherManager searchers, GenerationSpec spec, RootDocuments roots, ScanRule scanRule)
      throws IOException {
    this.searchers = searchers;
    this.searcher = searchers.acquire();
    this.spec = spec;
    this.roots = roots;
    this.scanRule = scanRule;
    this.contents = new Contents(spec, roots);
  }

  private IndexReader reader() {
    return searcher.getIndexReader();
  }

  private @Nullable RootFilter filter(@Nullable Query filter, Runnable ensureWanted)
      throws IOException {
    return filter == null || filter.equals(FilterQuery.EVERYTHING)
        ? null
        : new RootFilter(searcher, contents, filter, ensureWanted);
  }

  @Override
  public SearchAnswer search(List<float[]> queries, SearchOptions options, Runnable ensureWanted)
      throws IOException {
    List<Segment> segments =
        new Acceptance(reader(), roots)
            .segments(options.depths(), filter(options.filter(), ensureWanted));
    List<List<Hit>> answers = new ArrayList<>(queries.size());
    AnswerSize size = new AnswerSize();
    long visited = 0;
    for (float[] query : queries) {
      ensureWanted.run();
      Nearest nearest = nearest(segments, QueryVector.of(spec.metric(), query), options);
      answers.add(hits(nearest.candidates(), options, size));
      visited += nearest.visited();
    }
    return new SearchAnswer(answers, visited);
  }

  /// What was found, and with how many vectors the query was compared.
  private record Nearest(List<Candidate> candidates, long visited) {}

  private Nearest nearest(List<Segment> segments, QueryVector query, SearchOptions options)
      throws IOException {
    long vectors = segments.stream().mapToLong(Segment::vectors).sum();
    int wanted = (int) Math.min(options.wanted(), Math.max(1, vectors));
    long visited = 0;
    if (!options.exact() && !scanRule.scans(vectors, Math.max(options.candidates(), wanted))) {
      GraphSearch search =
          new GraphSearch(segments, query, wanted, options.candidates(), spec.graph().quantized());
      List<Candidate> found = search.nearest();
      visited = search.visited();
      if (found.size() == wanted) {
        return new Nearest(found, visited);
      }
    }
    // also where the walk led to fewer than there may be
    return new Nearest(ExactSearch.nearest(segments, query, wanted), visited + vectors);
  }

  private List<Hit> hits(List<Candidate> nearest, SearchOptions options, AnswerSize size)
      throws IOException {
    List<Hit> hits = new ArrayList<>();
    int end = Math.min(nearest.size(), options.wanted());
    for (int i = options.offset(); i < end; i++) {
      Candidate candidate = nearest.get(i);
      if (!(candidate.distance <= options.threshold())) {
        break;
      }
      LeafReaderContext leaf = candidate.segment.context();
      hits.add(
          new Hit(
              candidate.id(),
              Contents.path(leaf, candidate.document),
              candidate.distance,
              size.add(content(leaf, candidate.root, options.includeEmbeddings()))));
    }
    return hits;
  }

  private Content content(LeafReaderContext leaf, int root, boolean withVectors)
      throws IOException {
    return withVectors
        ? contents.content(leaf, root)
        : new Content(contents.source(leaf, root), List.of());
  }

  @Override
  public List<Content> filter(@Nullable Query filter, int offset, int limit, Runnable ensureWanted)
      throws IOException {
    Query accepted = filter == null ? FilterQuery.EVERYTHING : filter;
    RootFilter rootFilter = new RootFilter(searcher, contents, accepted, ensureWanted);
    NearestHeap first = new NearestHeap((int) Math.min((long) offset + limit, Integer.MAX_VALUE));
    for (LeafReaderContext leaf : reader().leaves()) {
      Segment segment = new Segment(leaf, roots.of(leaf.reader()), null, 0);
      FixedBitSet documents = rootFilter.accepted(leaf);
      for (int root = RootFilter.next(documents, 0);
          root >= 0;
          root = RootFilter.next(documents, root + 1)) {
        first.offer(new Candidate(segment, root, root, 0));
      }
    }
    List<Candidate> sorted = first.sorted();
    List<Content> page = new ArrayList<>();
    AnswerSize size = new AnswerSize();
    for (Candidate candidate : sorted.subList(Math.min(offset, sorted.size()), sorted.size())) {
      page.add(size.add(contents.content(candidate.segment.context(), candidate.root)));
    }
    return page;
  }

  @Override
  public Optional<Content> find(String id) throws IOException {
    int root = RootLookup.root(reader(), id);
    if (root < 0) {
      return Optional.empty();
    }
    LeafReaderContext leaf = reader().leaves().get(ReaderUtil.subIndex(root, reader().leaves()));
    return Optional.of(contents.content(leaf, root - leaf.docBase));
  }

  @Override
  public boolean contains(String id) throws IOException {
    return RootLookup.root(reader(), id) >= 0;
  }

  @Override
  public long documents() throws IOException {
    return (long) reader().numDocs()
        - searcher.count(kind(LuceneFields.CHUNK))
        - searcher.count(kind(LuceneFields.TOMBSTONE));
  }

  @Override
  public long vectors() throws IOException {
    return searcher.count(new FieldExistsQuery(LuceneFields.VECTOR));
  }

  private static TermQuery kind(String kind) {
    return new TermQuery(new Term(LuceneFields.KIND, kind));
  }

  @Override
  public void forEach(Wanted wanted, Visitor visitor) throws IOException {
    for (LeafReaderContext leaf : reader().leaves()) {
      Bits live = leaf.reader().getLiveDocs();
      NumericDocValues sequences = leaf.reader().getNumericDocValues(LuceneFields.SEQUENCE);
      SortedDocValues ids = leaf.reader().getSortedDocValues(LuceneFields.ID);
      PostingsEnum documents =
          leaf.reader().postings(new Term(LuceneFields.KIND, LuceneFields.ROOT), PostingsEnum.NONE);
      while (documents != null && documents.nextDoc() != DocIdSetIterator.NO_MORE_DOCS) {
        int root = documents.docID();
        if ((live == null || live.get(root))
            && sequences != null
            && ids != null
            && sequences.advanceExact(root)
            && ids.advanceExact(root)
            && wanted.wants(ids.lookupOrd(ids.ordValue()).utf8ToString(), sequences.longValue())) {
          visitor.visit(sequences.longValue(), contents.content(leaf, root));
        }
      }
    }
  }

  @Override
  public void close() throws IOException {
    if (!closed) {
      closed = true;
      searchers.release(searcher);
    }
  }
}
