package io.attune.trainer.graph.op;

import java.util.List;

/// A node's operation, bound to its attributes: it computes the node's outputs with differentiable
/// operations of the engine.
///
/// An operation closes nothing it was given. What it makes on the way and does not return, it
/// passes to [Arguments#temporary]. It may return an input as it is (`Identity`).
@FunctionalInterface
public interface Operation {
  /// The node's outputs, in order; outputs that no one reads may be left out at the end.
  List<Value> apply(Arguments arguments);
}
