package io.attune.trainer.optimizer;

import ai.djl.ndarray.NDArray;
import io.attune.trainer.graph.Parameter;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;

/// Weights that an optimiser changes in place.
///
/// @param name their public name
/// @param layer the layer they are in, where their name tells one
/// @param weights contiguous float32 on the CPU; they outlive the optimiser
/// @param gradient their gradient as the backward passes left it, contiguous and of the same shape;
///   empty where none reached them
public record Trainable(
    String name, OptionalInt layer, NDArray weights, Supplier<Optional<NDArray>> gradient) {

  /// The parameters of a graph that are trainable now, in its order.
  public static List<Trainable> of(List<Parameter> parameters) {
    return parameters.stream().filter(Parameter::isTrainable).map(Trainable::of).toList();
  }

  private static Trainable of(Parameter parameter) {
    return new Trainable(
        parameter.name(), parameter.layer(), parameter.array(), parameter::gradient);
  }
}
