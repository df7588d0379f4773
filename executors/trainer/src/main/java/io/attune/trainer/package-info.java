/// Fine-tuning of the ONNX graph that is served: the graph as differentiable operations, data,
/// losses, optimisers, callbacks and runs.
@NullMarked
package io.attune.trainer;

import org.jspecify.annotations.NullMarked;
