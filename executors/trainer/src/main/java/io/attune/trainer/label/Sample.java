package io.attune.trainer.label;

import io.attune.document.Document;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/// Some of many documents that go by, each with the same chance: reservoir sampling (Vitter 1985,
/// algorithm R).
final class Sample {
  private final int size;
  private final RandomGenerator random;
  private final List<Document> drawn = new ArrayList<>();
  private long seen;

  Sample(int size, RandomGenerator random) {
    this.size = size;
    this.random = random;
  }

  void offer(Document document) {
    seen++;
    if (drawn.size() < size) {
      drawn.add(document);
    } else {
      long place = random.nextLong(seen);
      if (place < size) {
        drawn.set((int) place, document);
      }
    }
  }

  List<Document> drawn() {
    return List.copyOf(drawn);
  }
}
