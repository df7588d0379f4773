package io.attune.evaluator.metrics;

import java.util.BitSet;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/// What one query retrieved: which ranks hold a relevant document, and how many there are in all.
public final class Ranking {
  private final String query;
  private final BitSet relevance;
  private final int size;
  private final int relevant;

  private Ranking(String query, BitSet relevance, int size, int relevant) {
    if (relevant < 0 || relevance.cardinality() > relevant) {
      throw new IllegalArgumentException(
          "relevant documents of query %s: %d (expected: at least the %d that were retrieved)"
              .formatted(query, relevant, relevance.cardinality()));
    }
    this.query = query;
    this.relevance = relevance;
    this.size = size;
    this.relevant = relevant;
  }

  /// A ranking by relevance.
  ///
  /// @param query the query's id
  /// @param relevance whether the document at each rank is relevant, the nearest first
  /// @param relevant the number of relevant documents there are
  /// @throws IllegalArgumentException where fewer exist than were retrieved
  public static Ranking of(String query, boolean[] relevance, int relevant) {
    BitSet bits = new BitSet(relevance.length);
    for (int i = 0; i < relevance.length; i++) {
      bits.set(i, relevance[i]);
    }
    return new Ranking(query, bits, relevance.length, relevant);
  }

  /// A ranking by ids; one that comes again counts only once.
  ///
  /// @param query the query's id
  /// @param retrieved the ids of the matches, the nearest first
  /// @param truth the ids of all relevant documents
  public static Ranking ofIds(String query, Collection<String> retrieved, Set<String> truth) {
    BitSet bits = new BitSet(retrieved.size());
    Set<String> seen = new HashSet<>();
    int rank = 0;
    for (String id : retrieved) {
      bits.set(rank++, truth.contains(id) && seen.add(id));
    }
    int size = rank;
    int relevant = truth.size();
    return new Ranking(query, bits, size, relevant);
  }

  /// The query's id.
  public String query() {
    return query;
  }

  /// How many documents were retrieved.
  public int size() {
    return size;
  }

  /// How many relevant documents there are, retrieved or not.
  public int relevant() {
    return relevant;
  }

  /// Whether the document at a rank, from 0, is relevant.
  boolean relevantAt(int rank) {
    return relevance.get(rank);
  }

  /// How many of the first documents are relevant.
  int hits(int first) {
    return relevance.get(0, Math.min(first, size)).cardinality();
  }

  /// The rank, from 0, of the first relevant document; -1 where none was retrieved.
  int firstHit() {
    return relevance.nextSetBit(0);
  }
}
