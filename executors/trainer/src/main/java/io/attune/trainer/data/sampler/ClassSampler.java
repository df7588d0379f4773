package io.attune.trainer.data.sampler;

import io.attune.document.Document;
import io.attune.runtime.FlowException;
import io.attune.trainer.data.Batch;
import io.attune.trainer.data.Dataset;
import io.attune.trainer.data.SplitMix;
import io.attune.trainer.data.Supervision;
import io.attune.trainer.data.TrainingData;
import io.attune.trainer.data.UnionFind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Batches of classes; see [Sampler].
final class ClassSampler implements Sampler {
  /// Part of a class: `size` of its items from `offset` on, in the epoch's order.
  private record Group(int label, int offset, int size) {}

  private final TrainingData data;
  private final long seed;
  private final int[] starts;
  private final int[] members;
  private final List<Group> groups;
  private final Dealer dealer;

  private ClassSampler(
      TrainingData data,
      long seed,
      int[] starts,
      int[] members,
      List<Group> groups,
      Dealer dealer) {
    this.data = data;
    this.seed = seed;
    this.starts = starts;
    this.members = members;
    this.groups = groups;
    this.dealer = dealer;
  }

  static ClassSampler of(TrainingData data, Dataset.Classes classes, SamplerOptions options) {
    int[] labels = classes.labels();
    int count = classes.count();
    UnionFind related = new UnionFind(count);
    int[] distinct = distinctItems(data, labels, related);
    int[] starts = starts(labels, distinct, count);
    int[] members = members(labels, distinct, starts);
    int perClass = perClass(options, starts);
    List<Group> groups = groups(starts, perClass);
    if (groups.isEmpty()) {
      throw FlowException.invalid(
          "training data: no class of two texts or more (expected: one, so that an anchor has a positive)");
    }
    Dealer dealer = Dealer.of(hands(groups, related), options.batchSize());
    return new ClassSampler(data, options.seed(), starts, members, groups, dealer);
  }

  /// The items with the first of each content in each class; classes that share a content become
  /// related.
  private static int[] distinctItems(TrainingData data, int[] labels, UnionFind related) {
    int[] order = byContent(data, labels);
    boolean[] keep = new boolean[labels.length];
    for (int i = 0; i < order.length; i++) {
      int item = order[i];
      boolean sameContent = i > 0 && data.content(order[i - 1]) == data.content(item);
      keep[item] = !sameContent || labels[order[i - 1]] != labels[item];
      if (sameContent) {
        related.union(labels[order[i - 1]], labels[item]);
      }
    }
    int[] kept = new int[labels.length];
    int size = 0;
    for (int item = 0; item < keep.length; item++) {
      if (keep[item]) {
        kept[size++] = item;
      }
    }
    return Arrays.copyOf(kept, size);
  }

  /// All items by content, those of one content by label, those of one label in their order.
  private static int[] byContent(TrainingData data, int[] labels) {
    int labelCount = Arrays.stream(labels).max().orElse(0) + 1;
    return sorted(
        sorted(identity(labels.length), labels, labelCount), contents(data), data.contentCount());
  }

  private static int[] contents(TrainingData data) {
    int[] contents = new int[data.size()];
    Arrays.setAll(contents, data::content);
    return contents;
  }

  /// A stable counting sort of items by a key.
  private static int[] sorted(int[] items, int[] keys, int keyCount) {
    int[] next = new int[keyCount + 1];
    for (int item : items) {
      next[keys[item] + 1]++;
    }
    for (int key = 0; key < keyCount; key++) {
      next[key + 1] += next[key];
    }
    int[] sorted = new int[items.length];
    for (int item : items) {
      sorted[next[keys[item]]++] = item;
    }
    return sorted;
  }

  private static int[] identity(int size) {
    int[] identity = new int[size];
    Arrays.setAll(identity, i -> i);
    return identity;
  }

  private static int[] starts(int[] labels, int[] items, int count) {
    int[] starts = new int[count + 1];
    for (int item : items) {
      starts[labels[item] + 1]++;
    }
    for (int label = 0; label < count; label++) {
      starts[label + 1] += starts[label];
    }
    return starts;
  }

  private static int[] members(int[] labels, int[] items, int[] starts) {
    int[] next = starts.clone();
    int[] members = new int[items.length];
    for (int item : items) {
      members[next[labels[item]]++] = item;
    }
    return members;
  }

  private static int perClass(SamplerOptions options, int[] starts) {
    if (options.itemsPerClass() > 0) {
      return options.itemsPerClass();
    }
    int classes = 0;
    for (int label = 0; label + 1 < starts.length; label++) {
      classes += starts[label + 1] - starts[label] >= 2 ? 1 : 0;
    }
    return Math.max(2, options.batchSize() / Math.max(2, classes));
  }

  private static List<Group> groups(int[] starts, int perClass) {
    List<Group> groups = new ArrayList<>();
    for (int label = 0; label + 1 < starts.length; label++) {
      int size = starts[label + 1] - starts[label];
      for (int offset = 0; size >= 2 && offset < size; offset += perClass) {
        int rest = Math.min(perClass, size - offset);
        // One alone is joined by the item before it, which so comes twice in the epoch.
        groups.add(rest == 1 ? new Group(label, offset - 1, 2) : new Group(label, offset, rest));
      }
    }
    return groups;
  }

  /// One hand for all groups of related classes.
  private static List<Dealer.Hand> hands(List<Group> groups, UnionFind related) {
    Map<Integer, List<Integer>> byRelation = new LinkedHashMap<>();
    for (int i = 0; i < groups.size(); i++) {
      byRelation
          .computeIfAbsent(related.find(groups.get(i).label()), _ -> new ArrayList<>())
          .add(i);
    }
    List<Dealer.Hand> hands = new ArrayList<>(byRelation.size());
    for (List<Integer> numbers : byRelation.values()) {
      numbers.sort((a, b) -> Integer.compare(groups.get(b).size(), groups.get(a).size()));
      hands.add(
          new Dealer.Hand(
              numbers.stream().mapToInt(number -> number).toArray(),
              numbers.stream().mapToInt(number -> groups.get(number).size()).toArray()));
    }
    return hands;
  }

  @Override
  public int batchesPerEpoch() {
    return dealer.batches();
  }

  @Override
  public List<String> notes() {
    return dealer.notes("groups of a class");
  }

  @Override
  public Epoch epoch(int number) {
    SplitMix random = SplitMix.of(seed, number);
    int[] order = members.clone();
    for (int label = 0; label + 1 < starts.length; label++) {
      random.shuffle(order, starts[label], starts[label + 1]);
    }
    int[][] batches = dealer.deal(random);
    return new Epoch(number, batches.length, step -> batch(batches[step], order));
  }

  private Batch batch(int[] chosen, int[] order) {
    int size = Arrays.stream(chosen).map(group -> groups.get(group).size()).sum();
    int[] items = new int[size];
    int[] labels = new int[size];
    List<Document> documents = new ArrayList<>(size);
    int at = 0;
    for (int number : chosen) {
      Group group = groups.get(number);
      for (int i = 0; i < group.size(); i++) {
        items[at] = order[starts[group.label()] + group.offset() + i];
        documents.add(data.document(items[at]));
        labels[at++] = group.label();
      }
    }
    return new Batch(documents, items, new Supervision.Labels(labels));
  }
}
