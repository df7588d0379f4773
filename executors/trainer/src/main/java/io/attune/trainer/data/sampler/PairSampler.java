package io.attune.trainer.data.sampler;

import io.attune.document.Document;
import io.attune.runtime.FlowException;
import io.attune.trainer.data.Batch;
import io.attune.trainer.data.Dataset;
import io.attune.trainer.data.SplitMix;
import io.attune.trainer.data.Supervision;
import io.attune.trainer.data.TrainingData;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Batches of scored pairs; see [Sampler].
final class PairSampler implements Sampler {
  private final TrainingData data;
  private final Dataset.ScoredPairs pairs;
  private final long seed;
  private final int batches;

  private PairSampler(TrainingData data, Dataset.ScoredPairs pairs, long seed, int batches) {
    this.data = data;
    this.pairs = pairs;
    this.seed = seed;
    this.batches = batches;
  }

  static PairSampler of(TrainingData data, Dataset.ScoredPairs pairs, SamplerOptions options) {
    if (options.itemsPerClass() != 0) {
      throw FlowException.invalid(
          "num_items_per_class: %d for scored pairs (expected: none, they have no classes)"
              .formatted(options.itemsPerClass()));
    }
    if (pairs.count() == 0) {
      throw FlowException.invalid("training data: no scored pair (expected: one or more)");
    }
    int perBatch = options.batchSize() / 2;
    int batches = (pairs.count() + perBatch - 1) / perBatch;
    return new PairSampler(data, pairs, options.seed(), batches);
  }

  @Override
  public int batchesPerEpoch() {
    return batches;
  }

  @Override
  public Epoch epoch(int number) {
    int[] order = new int[pairs.count()];
    Arrays.setAll(order, i -> i);
    SplitMix.of(seed, number).shuffle(order, 0, order.length);
    return new Epoch(number, batches, step -> batch(order, bound(step), bound(step + 1)));
  }

  private int bound(int step) {
    return (int) ((long) pairs.count() * step / batches);
  }

  private Batch batch(int[] order, int from, int to) {
    Map<Integer, Integer> rows = new HashMap<>();
    List<Document> documents = new ArrayList<>();
    int[] items = new int[2 * (to - from)];
    int[] left = new int[to - from];
    int[] right = new int[to - from];
    float[] scores = new float[to - from];
    for (int i = 0; i < left.length; i++) {
      int pair = order[from + i];
      left[i] = row(pairs.left()[pair], rows, items, documents);
      right[i] = row(pairs.right()[pair], rows, items, documents);
      scores[i] = pairs.scores()[pair];
    }
    return new Batch(
        documents,
        Arrays.copyOf(items, documents.size()),
        new Supervision.Scores(left, right, scores));
  }

  private int row(int item, Map<Integer, Integer> rows, int[] items, List<Document> documents) {
    Integer known = rows.putIfAbsent(item, documents.size());
    if (known != null) {
      return known;
    }
    items[documents.size()] = item;
    documents.add(data.document(item));
    return documents.size() - 1;
  }
}
