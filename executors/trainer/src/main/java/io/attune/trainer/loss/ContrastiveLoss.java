package io.attune.trainer.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import io.attune.trainer.array.EngineArrays;
import io.attune.trainer.data.Supervision;
import io.attune.trainer.distance.Distance;
import io.attune.trainer.distance.DistanceMatrix;
import io.attune.trainer.miner.Miner;
import io.attune.trainer.miner.Relations.Negatives;
import io.attune.trainer.option.Option;
import io.attune.trainer.option.Options;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `[d − pos_margin]₊` over positive pairs plus `[neg_margin − d]₊` over negative ones, each
/// reduced for itself: pytorch-metric-learning's `ContrastiveLoss`. With a similarity the signs
/// flip.
record ContrastiveLoss(Mining mining, Reducer reducer, double posMargin, double negMargin)
    implements Loss {

  static List<Option> options() {
    List<Option> options = new ArrayList<>();
    options.add(Option.real("pos_margin", 0, "what positive pairs may be apart"));
    options.add(Option.real("neg_margin", 1, "what negative pairs should be apart"));
    options.addAll(Distance.options(Distance.Metric.LP));
    options.add(Reducer.option(Reducer.AVG_NON_ZERO));
    options.add(Mining.option(Negatives.SESSION));
    return options;
  }

  static Loss of(Options options, @Nullable Miner miner) {
    return new ContrastiveLoss(
        Mining.of(options, miner),
        Reducer.of(options),
        options.real("pos_margin"),
        options.real("neg_margin"));
  }

  @Override
  public NDArray of(NDArray embeddings, Supervision supervision, long seed) {
    Mining.Selection selection = mining.select(embeddings, supervision);
    DistanceMatrix matrix = selection.matrix();
    PairCounts pairs = PairCounts.of(selection.pairs(), matrix.size());
    if (pairs.tooFew()) {
      return Scalars.zero(embeddings);
    }
    NDArray measures = matrix.array();
    int sign = matrix.distance().inverted() ? -1 : 1;
    NDArray positive = Activation.relu(EngineArrays.times(measures.sub(posMargin), sign));
    NDArray negative = Activation.relu(EngineArrays.times(measures.sub(negMargin), -sign));
    return reducer
        .reduce(positive, matrix.constant(pairs.positive()))
        .add(reducer.reduce(negative, matrix.constant(pairs.negative())));
  }
}
