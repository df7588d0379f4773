/// The ONNX graph as data: read, check, edit, write. Start at [io.attune.onnx.OnnxModel].
@NullMarked
package io.attune.onnx;

import org.jspecify.annotations.NullMarked;
