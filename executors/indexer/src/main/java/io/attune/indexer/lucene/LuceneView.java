package io.attune.indexer.lucene;

import io.attune.document.Document;
import io.attune.indexer.generation.Content;
import io.attune.indexer.generation.GenerationSpec;
import io.attune.indexer.generation.Hit;
import io.attune.indexer.generation.SearchOptions;
import io.attune.indexer.generation.Unit;
import io.attune.indexer.generation.View;
import io.attune.proto.docarray.DocumentProto;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.NumericDocValues;
import org.apache.lucene.index.PostingsEnum;
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
  /// Up to so many vectors comparing with all is about as fast as walking the graph, and exact.
  static final int EXACT_UP_TO = 4_096;

  private final SearcherManager searchers;
  private final IndexSearcher searcher;
  private final GenerationSpec spec;
  private final RootDocuments roots;
  private boolean closed;

  LuceneView(SearcherManager searchers, GenerationSpec spec, RootDocuments roots)
      throws IOException {
    this.searchers = searchers;
    this.searcher = searchers.acquire();
    this.spec = spec;
    this.roots = roots;
  }

  private IndexReader reader() {
    return searcher.getIndexReader();
  }

  @Override
  public List<List<Hit>> search(List<float[]> queries, SearchOptions options) throws IOException {
    List<Segment> segments =
        new Acceptance(searcher, roots).segments(options.depths(), options.filter());
    List<List<Hit>> answers = new ArrayList<>(queries.size());
    for (float[] query : queries) {
      answers.add(hits(nearest(segments, query, options), options));
    }
    return answers;
  }

  private List<Candidate> nearest(List<Segment> segments, float[] vector, SearchOptions options)
      throws IOException {
    QueryVector query = QueryVector.of(spec.metric(), vector);
    long vectors = segments.stream().mapToLong(Segment::vectors).sum();
    int wanted = (int) Math.min(options.wanted(), Math.max(1, vectors));
    if (!options.exact() && vectors > EXACT_UP_TO) {
      GraphSearch search =
          new GraphSearch(segments, query, wanted, options.candidates(), spec.graph().quantized());
      List<Candidate> found = search.nearest();
      if (found.size() == wanted) {
        return found;
      }
    }
    // also where the graph led to fewer than there are
    return ExactSearch.nearest(segments, query, wanted);
  }

  private List<Hit> hits(List<Candidate> nearest, SearchOptions options) throws IOException {
    List<Hit> hits = new ArrayList<>();
    int end = Math.min(nearest.size(), options.wanted());
    for (int i = options.offset(); i < end; i++) {
      Candidate candidate = nearest.get(i);
      if (!(candidate.distance <= options.threshold())) {
        break;
      }
      LeafReaderContext leaf = candidate.segment.context();
      DocumentProto source = FilteredRoots.source(leaf.reader().storedFields(), candidate.root);
      hits.add(
          new Hit(
              candidate.id(),
              path(leaf, candidate.document),
              candidate.distance,
              source,
              options.includeEmbeddings() ? vector(candidate.segment, candidate.root) : null));
    }
    return hits;
  }

  private static String path(LeafReaderContext leaf, int document) throws IOException {
    SortedDocValues paths = leaf.reader().getSortedDocValues(LuceneFields.PATH);
    return paths != null && paths.advanceExact(document)
        ? paths.lookupOrd(paths.ordValue()).utf8ToString()
        : "";
  }

  private float @Nullable [] vector(Segment segment, int document) throws IOException {
    Segment.Vectors vectors = segment.open(spec.metric());
    return vectors != null && vectors.documents().advance(document) == document
        ? vectors.original()
        : null;
  }

  @Override
  public List<Content> filter(@Nullable Predicate<Document> filter, int offset, int limit)
      throws IOException {
    List<Candidate> accepted = new ArrayList<>();
    for (LeafReaderContext leaf : reader().leaves()) {
      Segment segment = new Segment(leaf, roots.of(leaf.reader()), null, 0);
      FixedBitSet documents = FilteredRoots.of(searcher, leaf, filter == null ? _ -> true : filter);
      for (int root = next(documents, 0); root >= 0; root = next(documents, root + 1)) {
        accepted.add(new Candidate(segment, root, root, 0));
      }
    }
    accepted.sort(null);
    List<Content> contents = new ArrayList<>();
    for (int i = offset; i < Math.min((long) offset + limit, accepted.size()); i++) {
      Candidate candidate = accepted.get(i);
      contents.add(content(candidate.segment.context(), candidate.root));
    }
    return contents;
  }

  private static int next(FixedBitSet documents, int from) {
    int next =
        from < documents.length() ? documents.nextSetBit(from) : DocIdSetIterator.NO_MORE_DOCS;
    return next == DocIdSetIterator.NO_MORE_DOCS ? -1 : next;
  }

  @Override
  public Optional<Content> find(String id) throws IOException {
    int root = RootLookup.root(reader(), id);
    if (root < 0) {
      return Optional.empty();
    }
    for (LeafReaderContext leaf : reader().leaves()) {
      if (root < leaf.docBase + leaf.reader().maxDoc()) {
        return Optional.of(content(leaf, root - leaf.docBase));
      }
    }
    throw new IllegalStateException("document " + root + " lies in no segment");
  }

  @Override
  public boolean contains(String id) throws IOException {
    return RootLookup.root(reader(), id) >= 0;
  }

  /// A root document's block: itself and the chunks between the root before and it.
  private Content content(LeafReaderContext leaf, int root) throws IOException {
    FixedBitSet before = null;
    Segment segment = new Segment(leaf, roots.of(leaf.reader()), before, 0);
    int first = root;
    if (segment.roots() != null) {
      first = root == 0 ? 0 : segment.roots().prevSetBit(root - 1) + 1;
    }
    List<Unit> units = new ArrayList<>();
    Segment.Vectors vectors = segment.open(spec.metric());
    if (vectors != null) {
      int document = vectors.documents().advance(first);
      while (document <= root) {
        Unit unit = new Unit(path(leaf, document), vectors.original());
        units.add(document == root ? 0 : units.size(), unit);
        document = vectors.documents().nextDoc();
      }
    }
    return new Content(FilteredRoots.source(leaf.reader().storedFields(), root), units);
  }

  @Override
  public long documents() {
    try {
      return (long) reader().numDocs()
          - searcher.count(kind(LuceneFields.CHUNK))
          - searcher.count(kind(LuceneFields.TOMBSTONE));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public long vectors() {
    try {
      return searcher.count(new FieldExistsQuery(LuceneFields.VECTOR));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static TermQuery kind(String kind) {
    return new TermQuery(new Term(LuceneFields.KIND, kind));
  }

  @Override
  public void forEach(Visitor visitor) throws IOException {
    for (LeafReaderContext leaf : reader().leaves()) {
      Bits live = leaf.reader().getLiveDocs();
      NumericDocValues sequences = leaf.reader().getNumericDocValues(LuceneFields.SEQUENCE);
      PostingsEnum documents =
          leaf.reader().postings(new Term(LuceneFields.KIND, LuceneFields.ROOT), PostingsEnum.NONE);
      while (documents != null && documents.nextDoc() != DocIdSetIterator.NO_MORE_DOCS) {
        int root = documents.docID();
        if (sequences != null && sequences.advanceExact(root) && (live == null || live.get(root))) {
          visitor.visit(sequences.longValue(), content(leaf, root));
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
