/// An ONNX graph as differentiable operations: forward, gradients, and the weights back into the
/// same graph. Start at [DifferentiableGraph][io.attune.trainer.graph.DifferentiableGraph].
@NullMarked
package io.attune.trainer.graph;

import org.jspecify.annotations.NullMarked;
