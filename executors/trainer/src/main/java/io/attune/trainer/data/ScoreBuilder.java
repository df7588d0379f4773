package io.attune.trainer.data;

import io.attune.document.Document;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A dataset of scored pairs while it is read.
final class ScoreBuilder implements DatasetBuilder {
  private final Items items;
  private final IntList left = new IntList();
  private final IntList right = new IntList();
  private final HashIndex pairs = new HashIndex();
  private final IntList firstRow = new IntList();
  private final List<String> examples = new ArrayList<>();
  private float[] scores = new float[64];
  private int conflicts;

  ScoreBuilder(Items items) {
    this.items = items;
  }

  void add(String first, String second, double score, String place) {
    add(items.shared(first), items.shared(second), score, place, first + '\0' + second);
  }

  void add(Document first, Document second, double score, String place) {
    String exactly = Items.exactly(first) + '\0' + Items.exactly(second);
    add(items.add(first), items.add(second), score, place, exactly);
  }

  private void add(int first, int second, double score, String place, String exactly) {
    int pair = left.size();
    left.add(first);
    right.add(second);
    if (pair == scores.length) {
      scores = Arrays.copyOf(scores, Math.multiplyExact(pair, 2));
    }
    scores[pair] = (float) score;
    int low = Math.min(items.content(first), items.content(second));
    int high = items.content(first) + items.content(second) - low;
    check(pair, pairs.add(low, high), place);
    items.row(exactly + '\0' + score, low + " " + high + " " + score);
  }

  private void check(int pair, int number, String place) {
    if (number == firstRow.size()) {
      firstRow.add(pair);
    } else if (scores[firstRow.get(number)] != scores[pair]) {
      conflicts++;
      if (Items.Checks.wants(examples)) {
        examples.add(
            "conflict: %s: score %s, and %s in an earlier row"
                .formatted(place, scores[pair], scores[firstRow.get(number)]));
      }
    }
  }

  @Override
  public Dataset finish() {
    return new Dataset.ScoredPairs(
        left.toArray(), right.toArray(), Arrays.copyOf(scores, left.size()));
  }

  @Override
  public Items.Checks checks() {
    return new Items.Checks(left.size(), conflicts, 0, examples);
  }
}
