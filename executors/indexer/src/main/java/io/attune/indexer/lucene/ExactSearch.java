package io.attune.indexer.lucene;

import java.io.IOException;
import java.util.List;
import org.apache.lucene.index.KnnVectorValues.DocIndexIterator;
import org.apache.lucene.search.DocIdSetIterator;

/// Compares a query with every vector that may be found.
final class ExactSearch {
  private ExactSearch() {}

  static List<Candidate> nearest(List<Segment> segments, QueryVector query, int wanted)
      throws IOException {
    NearestHeap heap = new NearestHeap(wanted);
    for (Segment segment : segments) {
      if (segment.vectors() > 0) {
        scan(segment, query, heap);
      }
    }
    return heap.sorted();
  }

  /// A root's vectors lie next to each other, so the best of them is known when the root changes.
  private static void scan(Segment segment, QueryVector query, NearestHeap heap)
      throws IOException {
    Segment.Vectors vectors = segment.open(query.metric());
    if (vectors == null) {
      return;
    }
    DocIndexIterator documents = vectors.documents();
    int bestDocument = -1;
    int bestRoot = -1;
    float best = 0;
    int document;
    while ((document = documents.nextDoc()) != DocIdSetIterator.NO_MORE_DOCS) {
      if (!segment.accepts(document)) {
        continue;
      }
      float distance = vectors.distance(query);
      int root = segment.root(document);
      if (root != bestRoot) {
        offer(segment, bestDocument, bestRoot, best, heap);
      } else if (distance >= best) {
        continue;
      }
      bestRoot = root;
      bestDocument = document;
      best = distance;
    }
    offer(segment, bestDocument, bestRoot, best, heap);
  }

  private static void offer(
      Segment segment, int document, int root, float distance, NearestHeap heap) {
    if (document >= 0 && heap.mayTake(distance)) {
      heap.offer(new Candidate(segment, document, root, distance));
    }
  }
}
