package io.attune.trainer.graph;

import java.util.List;

/// A graph as people look at it: its modules that hold learned tensors, in the order of their use.
///
/// @param layers the modules
public record GraphSummary(List<Layer> layers) {
  public GraphSummary {
    layers = List.copyOf(layers);
  }

  /// A module.
  ///
  /// @param name the part of its tensors' names that they share, such as
  ///   `encoder.layer.0.attention.self.query`: what freezes all of them
  /// @param kind the operator, or the fused pattern, that reads the last of them
  /// @param outputShape what that gives: numbers, and `batch` and `length` where a dimension
  ///   follows from the input
  /// @param parameters how many numbers they hold
  /// @param trainable how many of those are trained
  public record Layer(
      String name, String kind, List<String> outputShape, long parameters, long trainable) {
    public Layer {
      outputShape = List.copyOf(outputShape);
    }
  }

  /// How many numbers all of them hold.
  public long parameters() {
    return layers.stream().mapToLong(Layer::parameters).sum();
  }

  /// How many of those are trained.
  public long trainable() {
    return layers.stream().mapToLong(Layer::trainable).sum();
  }
}
