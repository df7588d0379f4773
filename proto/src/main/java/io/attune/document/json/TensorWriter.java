package io.attune.document.json;

import io.attune.document.DType;
import io.attune.document.NdArray;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import tools.jackson.core.JsonGenerator;

/// Writes a tensor as nested lists.
///
/// A 16- or 32-bit float is written with the fewest digits that give it back (0.1, where Python
/// writes 0.10000000149011612).
final class TensorWriter {
  private final JsonGenerator out;
  private final DType dtype;
  private final int[] shape;
  private final ByteBuffer memory;
  private int at;

  private TensorWriter(JsonGenerator out, NdArray tensor) {
    this.out = out;
    this.dtype = tensor.dtype();
    this.shape = tensor.shape();
    this.memory = tensor.buffer();
  }

  static void write(JsonGenerator out, NdArray tensor) {
    new TensorWriter(out, tensor).dimension(0);
  }

  private void dimension(int depth) {
    if (depth == shape.length) {
      element(at++ * dtype.bytes());
      return;
    }
    out.writeStartArray();
    for (int i = 0; i < shape[depth]; i++) {
      dimension(depth + 1);
    }
    out.writeEndArray();
  }

  private void element(int offset) {
    switch (dtype) {
      case FLOAT32 -> out.writeNumber(memory.getFloat(offset));
      case FLOAT64 -> out.writeNumber(memory.getDouble(offset));
      case FLOAT16 -> out.writeNumber(Float.float16ToFloat(memory.getShort(offset)));
      case INT8 -> out.writeNumber(memory.get(offset));
      case INT16 -> out.writeNumber(memory.getShort(offset));
      case INT32 -> out.writeNumber(memory.getInt(offset));
      case INT64 -> out.writeNumber(memory.getLong(offset));
      case UINT8 -> out.writeNumber(memory.get(offset) & 0xFF);
      case UINT16 -> out.writeNumber(memory.getShort(offset) & 0xFFFF);
      case UINT32 -> out.writeNumber(memory.getInt(offset) & 0xFFFF_FFFFL);
      case UINT64 -> out.writeNumber(new BigInteger(Long.toUnsignedString(memory.getLong(offset))));
      case BOOL -> out.writeBoolean(memory.get(offset) != 0);
    }
  }
}
