package io.attune.trainer.data;

import java.util.Arrays;

/// Disjoint sets of the numbers below a growing bound, with path halving and union by size (Tarjan,
/// "Efficiency of a good but not linear set union algorithm", 1975).
public final class UnionFind {
  private int[] parent = new int[64];
  private int[] size = new int[64];
  private int bound;

  /// With the numbers below `bound`, each alone.
  public UnionFind(int bound) {
    grow(bound);
  }

  /// Makes room for more numbers, each alone.
  public void grow(int newBound) {
    if (newBound > parent.length) {
      parent = Arrays.copyOf(parent, Math.max(newBound, parent.length * 2));
      size = Arrays.copyOf(size, parent.length);
    }
    for (; bound < newBound; bound++) {
      parent[bound] = bound;
      size[bound] = 1;
    }
  }

  /// The number that stands for the set of a number.
  public int find(int number) {
    int at = number;
    while (parent[at] != at) {
      parent[at] = parent[parent[at]];
      at = parent[at];
    }
    return at;
  }

  /// Makes one set of two numbers' sets.
  public void union(int a, int b) {
    int first = find(a);
    int second = find(b);
    if (first == second) {
      return;
    }
    int large = size[first] >= size[second] ? first : second;
    int small = large == first ? second : first;
    parent[small] = large;
    size[large] += size[small];
  }
}
