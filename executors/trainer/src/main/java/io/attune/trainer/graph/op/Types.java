package io.attune.trainer.graph.op;

import ai.djl.ndarray.types.DataType;
import io.attune.onnx.ElementType;
import io.attune.onnx.Node;
import io.attune.runtime.FlowException;

/// The engine's type for an ONNX type. Floats of 16 bits train as float32; whole numbers that the
/// engine does not compute with take the next wider type.
final class Types {
  private Types() {}

  static DataType of(Node node, ElementType type) {
    return switch (type) {
      case FLOAT, FLOAT16, BFLOAT16 -> DataType.FLOAT32;
      case DOUBLE -> DataType.FLOAT64;
      case INT64, UINT32, UINT64 -> DataType.INT64;
      case INT32, INT16, INT8, UINT16 -> DataType.INT32;
      case UINT8 -> DataType.UINT8;
      case BOOL -> DataType.BOOLEAN;
      default ->
          throw FlowException.invalid(
              "%s: %s (expected: a float, a whole number or bool)".formatted(node, type));
    };
  }
}
