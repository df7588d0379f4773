package io.attune.trainer.optimizer;

import ai.djl.ndarray.NDArray;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// Trained weights that share a learning rate and a weight decay.
///
/// @param parameters the weights by public name, in the order of the graph
/// @param learningRateScale what the run's learning rate is multiplied by
/// @param weightDecay the weight decay
public record ParameterGroup(
    SequencedMap<String, NDArray> parameters, double learningRateScale, double weightDecay) {
  public ParameterGroup {
    parameters = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(parameters));
  }
}
