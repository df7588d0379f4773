package io.attune.indexer.lucene;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.apache.lucene.search.AbstractKnnCollector;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.search.TotalHits;
import org.apache.lucene.search.knn.KnnSearchStrategy;

/// Collects the best vectors of the graph search, one for each root: a document with many chunks
/// takes one place of the k, not many.
final class RootCollector extends AbstractKnnCollector {
  private static final Comparator<ScoreDoc> WORST_FIRST =
      Comparator.<ScoreDoc>comparingDouble(hit -> hit.score).thenComparingInt(hit -> hit.doc);

  private final Segment segment;
  private final TreeSet<ScoreDoc> best = new TreeSet<>(WORST_FIRST);
  private final Map<Integer, ScoreDoc> byRoot = new HashMap<>();

  RootCollector(Segment segment, int k, long visitLimit) {
    super(k, visitLimit, KnnSearchStrategy.Hnsw.DEFAULT);
    this.segment = segment;
  }

  @Override
  public boolean collect(int document, float similarity) {
    int root = segment.root(document);
    ScoreDoc known = byRoot.get(root);
    if (known != null) {
      if (similarity <= known.score) {
        return false;
      }
      best.remove(known);
    } else if (best.size() >= k()) {
      if (similarity <= best.first().score) {
        return false;
      }
      byRoot.remove(segment.root(best.removeFirst().doc));
    }
    ScoreDoc hit = new ScoreDoc(document, similarity);
    byRoot.put(root, hit);
    best.add(hit);
    return true;
  }

  @Override
  public int numCollected() {
    return best.size();
  }

  @Override
  public float minCompetitiveSimilarity() {
    return best.size() < k() ? Float.NEGATIVE_INFINITY : best.first().score;
  }

  @Override
  public TopDocs topDocs() {
    List<ScoreDoc> hits = new ArrayList<>(best.reversed());
    TotalHits.Relation relation =
        earlyTerminated()
            ? TotalHits.Relation.GREATER_THAN_OR_EQUAL_TO
            : TotalHits.Relation.EQUAL_TO;
    return new TopDocs(new TotalHits(visitedCount(), relation), hits.toArray(new ScoreDoc[0]));
  }
}
