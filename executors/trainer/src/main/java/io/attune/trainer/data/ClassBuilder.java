package io.attune.trainer.data;

import io.attune.document.Document;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A class dataset while it is read: each item has a label.
final class ClassBuilder implements DatasetBuilder {
  private final Items items;
  private final IntList labels = new IntList();
  private final Map<String, Integer> numbers = new HashMap<>();
  private final List<String> names = new ArrayList<>();

  ClassBuilder(Items items) {
    this.items = items;
  }

  void add(Document document, String label) {
    int item = items.add(document);
    Integer number = numbers.putIfAbsent(label, names.size());
    if (number == null) {
      number = names.size();
      names.add(label);
    }
    labels.add(number);
    String exactly = label + '\0' + Items.exactly(document);
    items.row(exactly, number + " " + items.content(item));
  }

  @Override
  public Dataset finish() {
    return new Dataset.Classes(labels.toArray(), names);
  }

  @Override
  public Items.Checks checks() {
    int[] firstItem = new int[items.contentCount()];
    boolean[] conflicting = new boolean[items.contentCount()];
    HashIndex pairs = new HashIndex();
    int[] distinct = new int[names.size()];
    List<String> examples = new ArrayList<>();
    int conflicts = 0;
    for (int item = 0; item < labels.size(); item++) {
      int content = items.content(item);
      int known = pairs.size();
      if (pairs.add(labels.get(item), content) == known) {
        distinct[labels.get(item)]++;
      }
      int first = firstItem[content] - 1;
      if (first < 0) {
        firstItem[content] = item + 1;
      } else if (labels.get(first) != labels.get(item) && !conflicting[content]) {
        conflicting[content] = true;
        conflicts++;
        if (Items.Checks.wants(examples)) {
          examples.add(
              "conflict: %s has labels %s and %s"
                  .formatted(
                      items.quoted(item),
                      names.get(labels.get(first)),
                      names.get(labels.get(item))));
        }
      }
    }
    int alone = 0;
    for (int item = 0; item < labels.size(); item++) {
      alone += distinct[labels.get(item)] < 2 ? 1 : 0;
    }
    return new Items.Checks(names.size(), conflicts, alone, examples);
  }
}
