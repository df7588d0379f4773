/// ONNX operators as differentiable array operations, one bound operation to a node. Start at
/// [Operations][io.attune.trainer.graph.op.Operations], the registry, and
/// [Operation][io.attune.trainer.graph.op.Operation].
@NullMarked
package io.attune.trainer.graph.op;

import org.jspecify.annotations.NullMarked;
