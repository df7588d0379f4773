package io.attune.indexer.lucene;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.lucene.index.KnnVectorValues.DocIndexIterator;
import org.apache.lucene.search.AbstractKnnCollector;
import org.apache.lucene.search.AcceptDocs;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TopKnnCollector;

/// Walks the segments' HNSW graphs.
///
/// Each segment is first asked for its share of the candidates and a margin; a segment whose share
/// was full and all of it good enough is asked again for as many as there could be. The candidates'
/// distances are then computed from the kept floats, which corrects the order that quantised
/// vectors give, and for the documents that remain those of all their vectors that may be found:
/// the walk may have met another chunk than the nearest.
final class GraphSearch {
  /// Candidates beyond those wanted whose order is corrected where the graph holds floats.
  private static final int MARGIN = 32;

  private final List<Segment> segments;
  private final QueryVector query;
  private final int wanted;
  private final int candidates;
  private final boolean quantized;
  private final long vectors;
  private final ScoreDoc[][] found;
  private long visited;

  GraphSearch(
      List<Segment> segments, QueryVector query, int wanted, int candidates, boolean quantized) {
    this.segments = segments;
    this.query = query;
    this.wanted = wanted;
    this.candidates = Math.max(candidates, wanted);
    this.quantized = quantized;
    this.vectors = segments.stream().mapToLong(Segment::vectors).sum();
    this.found = new ScoreDoc[segments.size()][];
  }

  /// How many vectors were compared.
  long visited() {
    return visited;
  }

  /// The nearest roots that the graphs led to, nearest first.
  List<Candidate> nearest() throws IOException {
    int[] shares = new int[segments.size()];
    for (int i = 0; i < shares.length; i++) {
      shares[i] = share(segments.get(i).vectors());
      found[i] = search(segments.get(i), shares[i]);
    }
    float bar = bar();
    for (int i = 0; i < shares.length; i++) {
      boolean wasFull = found[i].length == shares[i] && shares[i] < candidates;
      if (wasFull && found[i][shares[i] - 1].score >= bar) {
        found[i] = search(segments.get(i), candidates);
      }
    }
    return rescored();
  }

  /// The candidates to expect of a segment, with a margin of a few standard deviations.
  private int share(int size) {
    if (segments.size() == 1 || vectors == 0) {
      return candidates;
    }
    double part = (double) size / vectors;
    double margin = 4 * Math.sqrt(candidates * part * (1 - part));
    return Math.clamp((long) Math.ceil(candidates * part + margin), 1, candidates);
  }

  private ScoreDoc[] search(Segment segment, int k) throws IOException {
    if (segment.vectors() == 0) {
      return new ScoreDoc[0];
    }
    AbstractKnnCollector collector =
        segment.roots() == null
            ? new TopKnnCollector(k, Integer.MAX_VALUE)
            : new RootCollector(segment, k, Integer.MAX_VALUE);
    AcceptDocs accepted = AcceptDocs.fromLiveDocs(segment.accepted(), segment.reader().maxDoc());
    segment.reader().searchNearestVectors(LuceneFields.VECTOR, query.target(), collector, accepted);
    visited += collector.visitedCount();
    return collector.topDocs().scoreDocs;
  }

  /// The score of the last candidate that counts over all segments.
  private float bar() {
    float[] scores = new float[Arrays.stream(found).mapToInt(hits -> hits.length).sum()];
    int next = 0;
    for (ScoreDoc[] hits : found) {
      for (ScoreDoc hit : hits) {
        scores[next++] = hit.score;
      }
    }
    Arrays.sort(scores);
    return scores.length < candidates
        ? Float.NEGATIVE_INFINITY
        : scores[scores.length - candidates];
  }

  private List<Candidate> rescored() throws IOException {
    int kept = quantized ? candidates : Math.min(candidates, wanted + MARGIN);
    List<Candidate> all = new ArrayList<>();
    for (int i = 0; i < found.length; i++) {
      ScoreDoc[] hits = Arrays.copyOf(found[i], Math.min(kept, found[i].length));
      Arrays.sort(hits, Comparator.comparingInt(hit -> hit.doc));
      rescore(segments.get(i), hits, all);
    }
    all.sort(null);
    List<Candidate> nearest = new ArrayList<>();
    for (Candidate candidate : distinct(all)) {
      nearest.add(candidate.segment.roots() == null ? candidate : best(candidate));
    }
    nearest.sort(null);
    return nearest;
  }

  /// The nearest vector of a candidate's root; a root's vectors lie before it.
  private Candidate best(Candidate candidate) throws IOException {
    Segment segment = candidate.segment;
    Segment.Vectors values = segment.open(query.metric());
    if (values == null) {
      return candidate;
    }
    Candidate best = candidate;
    float least = Float.POSITIVE_INFINITY;
    int document = values.documents().advance(segment.first(candidate.root));
    for (; document <= candidate.root; document = values.documents().nextDoc()) {
      if (segment.accepts(document)) {
        float distance = values.distance(query);
        if (distance < least) {
          least = distance;
          best = new Candidate(segment, document, candidate.root, distance);
        }
      }
    }
    return best;
  }

  private void rescore(Segment segment, ScoreDoc[] hits, List<Candidate> into) throws IOException {
    Segment.Vectors values = hits.length == 0 ? null : segment.open(query.metric());
    if (values == null) {
      return;
    }
    DocIndexIterator documents = values.documents();
    for (ScoreDoc hit : hits) {
      if (documents.advance(hit.doc) != hit.doc) {
        throw new IllegalStateException("document " + hit.doc + " has no vector");
      }
      into.add(new Candidate(segment, hit.doc, segment.root(hit.doc), values.distance(query)));
    }
  }

  private List<Candidate> distinct(List<Candidate> sorted) {
    record Root(int segment, int document) {}
    Set<Root> seen = new HashSet<>();
    List<Candidate> distinct = new ArrayList<>();
    for (Candidate candidate : sorted) {
      if (distinct.size() == wanted) {
        break;
      }
      if (seen.add(new Root(candidate.segment.context().ord, candidate.root))) {
        distinct.add(candidate);
      }
    }
    return distinct;
  }
}
