package io.attune.trainer.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import io.attune.trainer.array.EngineArrays;

/// Formulas that several losses share.
final class Scalars {
  /// Stands for the logarithm of 0; finite, so that it has a gradient of 0 and not none.
  private static final float LOG_ZERO = -1e30f;

  private Scalars() {}

  /// 0, with a gradient of 0.
  static NDArray zero(NDArray embeddings) {
    return EngineArrays.times(embeddings, 0).sum();
  }

  /// The cross-entropy of each positive pair `(i, j)` against the negatives of `i`, `log(1 + Σₙ
  /// e^{s(i,n)} / e^{s(i,j)})`, reduced over the pairs.
  ///
  /// @param scores (items, items), the larger the nearer
  static NDArray contrast(NDArray scores, PairCounts pairs, Reducer reducer) {
    Shape square = new Shape(pairs.size(), pairs.size());
    float[] logCounts = new float[pairs.negative().length];
    for (int i = 0; i < logCounts.length; i++) {
      float count = pairs.negative()[i];
      logCounts[i] = count == 0 ? LOG_ZERO : (float) Math.log(count);
    }
    NDArray negatives = scores.add(EngineArrays.of(scores.getManager(), logCounts, square));
    NDArray greatest = negatives.stopGradient().max(new int[] {1}, true);
    NDArray sum = negatives.sub(greatest).exp().sum(new int[] {1}, true).log().add(greatest);
    NDArray losses = Activation.softPlus(sum.sub(scores));
    return reducer.reduce(losses, EngineArrays.of(scores.getManager(), pairs.positive(), square));
  }

  /// Some rows of an array, in some order. A product with a 0-1 matrix: it is exact, and unlike
  /// that of indexing its gradient is summed in a fixed order.
  static NDArray rows(NDArray array, int[] which) {
    int size = Math.toIntExact(array.getShape().get(0));
    float[] selection = new float[which.length * size];
    for (int i = 0; i < which.length; i++) {
      selection[i * size + which[i]] = 1;
    }
    return EngineArrays.of(array.getManager(), selection, new Shape(which.length, size))
        .matMul(array);
  }
}
