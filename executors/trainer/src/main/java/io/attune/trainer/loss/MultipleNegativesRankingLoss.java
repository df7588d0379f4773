package io.attune.trainer.loss;

import ai.djl.ndarray.NDArray;
import io.attune.trainer.array.EngineArrays;
import io.attune.trainer.data.Supervision;
import io.attune.trainer.distance.Distance;
import io.attune.trainer.miner.Miner;
import io.attune.trainer.option.Option;
import io.attune.trainer.option.Options;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Softmax cross-entropy of `scale · s(anchor, candidate)`, the target being the anchor's positive:
/// sentence-transformers' `MultipleNegativesRankingLoss`, and with `symmetric` its
/// `MultipleNegativesSymmetricRankingLoss`, the mean of that and of the way back, from each
/// positive to its anchor among all anchors. [RankingRows] says what anchors and candidates are.
record MultipleNegativesRankingLoss(Distance similarity, double scale, boolean symmetric)
    implements Loss {

  static List<Option> options() {
    return List.of(
        Option.positive("scale", 20, "what similarities are multiplied by; 1 / temperature"),
        Option.oneOf(
            "similarity_fct",
            "cos_sim",
            List.of("cos_sim", "dot_score"),
            "cosine, or dot product of embeddings as they are"),
        Option.flag("symmetric", false, "also rank the anchors for each positive"));
  }

  static Loss of(Options options, @Nullable Miner miner) {
    boolean cosine = options.text("similarity_fct").equals("cos_sim");
    return new MultipleNegativesRankingLoss(
        cosine ? Distance.COSINE : new Distance(Distance.Metric.DOT, false, 1),
        options.real("scale"),
        options.flag("symmetric"));
  }

  @Override
  public NDArray of(NDArray embeddings, Supervision supervision, long seed) {
    RankingRows rows = RankingRows.of(supervision);
    PairCounts forward = rows.forward();
    if (forward.positives() == 0) {
      return Scalars.zero(embeddings);
    }
    NDArray scores = EngineArrays.times(similarity.within(embeddings).array(), scale);
    NDArray there = Scalars.contrast(scores, forward, Reducer.MEAN);
    return symmetric
        ? EngineArrays.divided(
            there.add(Scalars.contrast(scores, rows.backward(), Reducer.MEAN)), 2)
        : there;
  }
}
