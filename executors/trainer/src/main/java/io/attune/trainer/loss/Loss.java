package io.attune.trainer.loss;

import ai.djl.ndarray.NDArray;
import io.attune.trainer.data.Supervision;

/// A differentiable objective over the embeddings of one batch.
public interface Loss {
  /// The loss of a batch.
  ///
  /// @param embeddings float32, (items, dimension), as the model gives them
  /// @param supervision how the items relate
  /// @param seed what this step's random choices are drawn from; most losses make none
  /// @return a scalar that carries the gradient, in the manager of the embeddings; 0 where the
  ///   batch holds nothing to learn
  /// @throws io.attune.runtime.FlowException where this loss cannot use such supervision
  NDArray of(NDArray embeddings, Supervision supervision, long seed);
}
