package io.attune.trainer.data;

/// Which rows `size` and `sampling_rate` leave: the first so many of a seeded sample.
final class RowSample {
  private final DataOptions options;
  private final SplitMix random;
  private int taken;

  RowSample(DataOptions options) {
    this.options = options;
    this.random = new SplitMix(options.seed());
  }

  /// Whether a further row could be taken.
  boolean wantsMore() {
    return options.size() == 0 || taken < options.size();
  }

  /// Whether the next row is taken; asked once for each, in their order.
  boolean takes() {
    if (options.samplingRate() < 1 && random.nextDouble() >= options.samplingRate()) {
      return false;
    }
    taken++;
    return true;
  }

  /// How many rows were taken.
  int taken() {
    return taken;
  }
}
