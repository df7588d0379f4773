/// Documents to embeddings: ONNX Runtime behind a length-aware queue, several model versions at
/// once. Start at [io.attune.encoder.Encoder].
@NullMarked
package io.attune.encoder;

import org.jspecify.annotations.NullMarked;
