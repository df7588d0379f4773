package io.attune.trainer.miner;

import io.attune.trainer.distance.Distance;
import io.attune.trainer.option.Catalog;

/// The miners there are.
public final class Miners {
  private Miners() {}

  /// All miners by name. Without one, a loss takes all pairs or triplets of the batch.
  public static Catalog<MinerChoice> catalog() {
    return Catalog.of(
        "miner",
        new MinerChoice(
            "TripletMarginMiner",
            "triplets by how much nearer the positive is than the negative (arXiv:1503.03832)",
            TripletMarginMiner.options(),
            TripletMarginMiner::of),
        new MinerChoice(
            "BatchHardMiner",
            "per anchor the farthest positive and the nearest negative (arXiv:1703.07737)",
            Distance.options(Distance.Metric.LP),
            options -> BatchEasyHardMiner.hard(Distance.of(options))),
        new MinerChoice(
            "BatchEasyHardMiner",
            "per anchor one positive and one negative, by a strategy each (arXiv:2104.01051)",
            BatchEasyHardMiner.options(),
            BatchEasyHardMiner::of));
  }
}
