package io.attune.trainer.optimizer;

import java.util.List;

/// Weights that share a learning rate and a weight decay.
///
/// @param parameters the weights, in the order of the graph
/// @param learningRateScale what the run's learning rate is multiplied by
/// @param weightDecay the weight decay
public record ParameterGroup(
    List<Trainable> parameters, double learningRateScale, double weightDecay) {
  public ParameterGroup {
    parameters = List.copyOf(parameters);
  }
}
