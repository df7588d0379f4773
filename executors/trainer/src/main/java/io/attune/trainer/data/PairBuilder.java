package io.attune.trainer.data;

import java.util.List;

/// A class dataset of pairs while it is read: texts are joined by rows, and what is connected over
/// any rows is one class. Finetuner looks at the left column only, and moves a text to another
/// class where a later row has it on the right; here groups are transitive over both columns.
final class PairBuilder implements DatasetBuilder {
  private final Items items;
  private final UnionFind groups = new UnionFind(0);
  private int identical;
  private int classes;

  PairBuilder(Items items) {
    this.items = items;
  }

  void add(String left, String right) {
    int first = items.shared(left);
    int second = items.shared(right);
    groups.grow(items.size());
    groups.union(first, second);
    identical += first == second ? 1 : 0;
    int low = Math.min(first, second);
    items.row(left + '\0' + right, low + " " + (first + second - low));
  }

  @Override
  public Dataset finish() {
    int[] labels = new int[items.size()];
    int[] number = new int[items.size()];
    classes = 0;
    for (int item = 0; item < labels.length; item++) {
      int root = groups.find(item);
      if (number[root] == 0) {
        number[root] = ++classes;
      }
      labels[item] = number[root] - 1;
    }
    return new Dataset.Classes(labels, List.of());
  }

  @Override
  public Items.Checks checks() {
    int[] sizes = new int[items.size()];
    int alone = 0;
    for (int item = 0; item < sizes.length; item++) {
      sizes[groups.find(item)]++;
    }
    for (int item = 0; item < sizes.length; item++) {
      alone += sizes[groups.find(item)] < 2 ? 1 : 0;
    }
    return new Items.Checks(
        classes,
        0,
        alone,
        identical == 0 ? List.of() : List.of(identical + " pairs of a text with itself"));
  }
}
