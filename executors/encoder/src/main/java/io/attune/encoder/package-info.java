/// ONNX Runtime behind a length-aware scheduler.
@NullMarked
package io.attune.encoder;

import org.jspecify.annotations.NullMarked;
