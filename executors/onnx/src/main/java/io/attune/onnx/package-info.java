/// The ONNX graph as data: read, check, edit, write.
@NullMarked
package io.attune.onnx;

import org.jspecify.annotations.NullMarked;
