package io.attune.trainer.data.sampler;

import io.attune.runtime.FlowException;

/// How batches are made.
///
/// @param batchSize `batch_size`: the most items in a batch, 2 or more; a scored pair is two items
/// @param itemsPerClass `num_items_per_class`: the most items of one class in a batch, 2 or more; 0
///   for `batch_size` over the number of classes, but at least 2. Only for class datasets
/// @param seed the run's seed
public record SamplerOptions(int batchSize, int itemsPerClass, long seed) {
  public SamplerOptions {
    require(batchSize >= 2, "batch_size", batchSize, "2 or more");
    require(
        itemsPerClass == 0 || (itemsPerClass >= 2 && itemsPerClass <= batchSize),
        "num_items_per_class",
        itemsPerClass,
        "2.." + batchSize + ", the batch size; or 0 for the default");
  }

  /// With the default items per class, and seed 0.
  public static SamplerOptions of(int batchSize) {
    return new SamplerOptions(batchSize, 0, 0);
  }

  public SamplerOptions withItemsPerClass(int itemsPerClass) {
    return new SamplerOptions(batchSize, itemsPerClass, seed);
  }

  public SamplerOptions withSeed(long seed) {
    return new SamplerOptions(batchSize, itemsPerClass, seed);
  }

  private static void require(boolean holds, String name, int value, String expected) {
    if (!holds) {
      throw FlowException.invalid(name + ": " + value + " (expected: " + expected + ")");
    }
  }
}
