package io.attune.trainer.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import io.attune.trainer.array.EngineArrays;
import io.attune.trainer.data.Supervision;
import io.attune.trainer.distance.Distance;
import io.attune.trainer.distance.DistanceMatrix;
import io.attune.trainer.miner.Miner;
import io.attune.trainer.miner.Relations;
import io.attune.trainer.miner.Relations.Negatives;
import io.attune.trainer.option.Option;
import io.attune.trainer.option.Options;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `½ (y d² + (1−y) [margin − d]₊²)` over pairs, `y` 1 for those that belong together and 0 for
/// those that do not, or the score between: sentence-transformers' `ContrastiveLoss` (Hadsell,
/// Chopra, LeCun 2006). It has its own name because pytorch-metric-learning's of that name, which
/// Finetuner offers, is another formula with other options.
///
/// Where two points coincide the Euclidean distance has a gradient of 0; torch's
/// `pairwise_distance` adds 1e-6 to each coordinate's difference instead.
record SiameseContrastiveLoss(
    Distance distance, double margin, boolean sizeAverage, Negatives negatives) implements Loss {

  static List<Option> options() {
    return List.of(
        Option.oneOf(
            "distance_metric",
            "COSINE_DISTANCE",
            List.of("COSINE_DISTANCE", "EUCLIDEAN"),
            "1 - cosine, or Euclidean distance of embeddings as they are"),
        Option.atLeast("margin", 0.5, 0, "what negative pairs should be apart"),
        Option.flag("size_average", true, "the mean over pairs, not their sum"),
        Mining.option(Negatives.SESSION));
  }

  static Loss of(Options options, @Nullable Miner miner) {
    boolean cosine = options.text("distance_metric").equals("COSINE_DISTANCE");
    return new SiameseContrastiveLoss(
        cosine ? Distance.COSINE : new Distance(Distance.Metric.LP, false, 1),
        options.real("margin"),
        options.flag("size_average"),
        options.text("negatives").equals("batch") ? Negatives.BATCH : Negatives.SESSION);
  }

  @Override
  public NDArray of(NDArray embeddings, Supervision supervision, long seed) {
    int size = Math.toIntExact(embeddings.getShape().get(0));
    PairCounts pairs =
        supervision instanceof Supervision.Scores scores
            ? scored(scores, size)
            : related(Relations.of(supervision, negatives));
    if (pairs.positives() == 0) {
      return Scalars.zero(embeddings);
    }
    DistanceMatrix matrix = distance.within(embeddings);
    NDArray apart = distance.inverted() ? matrix.array().neg().add(1) : matrix.array();
    NDArray near = apart.square().mul(matrix.constant(pairs.positive()));
    NDArray far =
        Activation.relu(apart.neg().add(margin)).square().mul(matrix.constant(pairs.negative()));
    return EngineArrays.divided(near.add(far).sum(), sizeAverage ? 2 * pairs.positives() : 2);
  }

  /// Each pair weighs by its score as a positive, by the rest as a negative.
  private static PairCounts scored(Supervision.Scores scores, int size) {
    float[] positive = new float[size * size];
    float[] negative = new float[size * size];
    for (int i = 0; i < scores.scores().length; i++) {
      int cell = scores.left()[i] * size + scores.right()[i];
      positive[cell] += scores.scores()[i];
      negative[cell] += 1 - scores.scores()[i];
    }
    return new PairCounts(size, positive, negative, scores.scores().length, 0);
  }

  private static PairCounts related(Relations relations) {
    int size = relations.size();
    float[] positive = new float[size * size];
    float[] negative = new float[size * size];
    int pairs = 0;
    for (int i = 0; i < size; i++) {
      for (int j = 0; j < size; j++) {
        boolean seen = j < i && known(relations, j, i);
        if (known(relations, i, j) && !seen) {
          (relations.positive(i, j) ? positive : negative)[i * size + j] = 1;
          pairs++;
        }
      }
    }
    return new PairCounts(size, positive, negative, pairs, 0);
  }

  private static boolean known(Relations relations, int i, int j) {
    return relations.positive(i, j) || relations.negative(i, j);
  }
}
