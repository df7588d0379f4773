/// Embedding models that are made here, as ONNX graphs with freshly drawn weights, where nobody
/// brings a model. Start at [Architecture][io.attune.trainer.architecture.Architecture].
@NullMarked
package io.attune.trainer.architecture;

import org.jspecify.annotations.NullMarked;
