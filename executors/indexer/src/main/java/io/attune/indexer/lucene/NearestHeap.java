package io.attune.indexer.lucene;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/// The nearest candidates so far, at most one for a root.
final class NearestHeap {
  private final int size;
  private final PriorityQueue<Candidate> farthestFirst;

  NearestHeap(int size) {
    this.size = size;
    this.farthestFirst = new PriorityQueue<>(Comparator.reverseOrder());
  }

  /// Whether a distance may still get in.
  boolean mayTake(float distance) {
    return farthestFirst.size() < size || distance <= farthestFirst.element().distance;
  }

  /// Offers a candidate of a root that was not offered before.
  void offer(Candidate candidate) {
    if (farthestFirst.size() < size) {
      farthestFirst.add(candidate);
    } else if (candidate.compareTo(farthestFirst.element()) < 0) {
      farthestFirst.remove();
      farthestFirst.add(candidate);
    }
  }

  /// The candidates, nearest first.
  List<Candidate> sorted() {
    List<Candidate> candidates = new ArrayList<>(farthestFirst);
    candidates.sort(null);
    return candidates;
  }
}
