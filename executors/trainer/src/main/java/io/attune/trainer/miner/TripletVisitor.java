package io.attune.trainer.miner;

/// Sees triplets one by one, so that they need not lie in memory.
@FunctionalInterface
public interface TripletVisitor {
  /// One triplet, by item.
  void visit(int anchor, int positive, int negative);

  /// Calls back with each triplet that relations give, in row order.
  static void all(Relations relations, TripletVisitor visitor) {
    int size = relations.size();
    for (int a = 0; a < size; a++) {
      for (int p = 0; p < size; p++) {
        for (int n = 0; n < size && relations.positive(a, p); n++) {
          if (relations.negative(a, n)) {
            visitor.visit(a, p, n);
          }
        }
      }
    }
  }
}
