package io.attune.trainer.loss;

import ai.djl.ndarray.NDArray;
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

/// `−log( e^{s(a,p)/τ} / (e^{s(a,p)/τ} + Σₙ e^{s(a,n)/τ}) )`, one term per positive pair; an
/// anchor's other positives are not in its denominator. pytorch-metric-learning's `NTXentLoss`, but
/// for its ceiling of 87.3, the negative logarithm of the smallest float, where it has no gradient.
record NTXentLoss(Mining mining, Reducer reducer, double temperature) implements Loss {

  static List<Option> options() {
    List<Option> options = new ArrayList<>();
    options.add(Option.positive("temperature", 0.07, "what similarities are divided by"));
    options.addAll(Distance.options(Distance.Metric.COSINE));
    options.add(Reducer.option(Reducer.MEAN));
    options.add(Mining.option(Negatives.BATCH));
    return options;
  }

  static Loss of(Options options, @Nullable Miner miner) {
    return new NTXentLoss(
        Mining.of(options, miner), Reducer.of(options), options.real("temperature"));
  }

  @Override
  public NDArray of(NDArray embeddings, Supervision supervision, long seed) {
    Mining.Selection selection = mining.select(embeddings, supervision);
    DistanceMatrix matrix = selection.matrix();
    PairCounts pairs = PairCounts.of(selection.pairs(), matrix.size());
    if (pairs.tooFew() || pairs.positives() == 0 || pairs.negatives() == 0) {
      return Scalars.zero(embeddings);
    }
    double sign = matrix.distance().inverted() ? 1 : -1;
    NDArray scores = EngineArrays.times(matrix.array(), sign / temperature);
    return Scalars.contrast(scores, pairs, reducer);
  }
}
