package io.attune.onnx;

import io.attune.onnx.proto.TensorProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Decodes a tensor's values from `raw_data` or from the field of its type.
final class TensorData {
  private final TensorProto proto;
  private final String where;
  private final ElementType type;
  private final int elements;

  TensorData(TensorProto proto, String where) {
    TensorChecks.check(proto, where, Limits.DEFAULT);
    this.proto = proto;
    this.where = where;
    type = ElementType.of(proto.getDataType());
    long count = TensorChecks.elements(proto, where);
    if (count > Limits.MAX_BYTES) {
      throw new InvalidModelException(
          where + ": " + count + " elements (expected: at most " + Limits.MAX_BYTES + ")");
    }
    elements = (int) count;
  }

  float[] toFloats() {
    ByteBuffer bytes = toBytes();
    float[] values = new float[elements];
    switch (type) {
      case FLOAT -> bytes.asFloatBuffer().get(values);
      case FLOAT16 -> {
        for (int i = 0; i < elements; i++) {
          values[i] = Float.float16ToFloat(bytes.getShort(2 * i));
        }
      }
      case BFLOAT16 -> {
        for (int i = 0; i < elements; i++) {
          values[i] = Float.intBitsToFloat(bytes.getShort(2 * i) << 16);
        }
      }
      case DOUBLE -> {
        for (int i = 0; i < elements; i++) {
          values[i] = (float) bytes.getDouble(8 * i);
        }
      }
      case UINT8, INT8, UINT16, INT16, INT32, INT64, UINT32, UINT64 -> wholeToFloats(values);
      case BOOL, UINT4, INT4, UINT2, INT2 -> wholeToFloats(values);
      case STRING, COMPLEX64, COMPLEX128, FLOAT4E2M1 -> throw wrong("numbers");
      case FLOAT8E4M3FN, FLOAT8E4M3FNUZ, FLOAT8E5M2, FLOAT8E5M2FNUZ, FLOAT8E8M0 ->
          throw wrong("numbers of 16 bits or more");
    }
    return values;
  }

  private void wholeToFloats(float[] values) {
    long[] whole = toLongs();
    for (int i = 0; i < elements; i++) {
      values[i] = whole[i];
    }
  }

  long[] toLongs() {
    ByteBuffer bytes = toBytes();
    long[] values = new long[elements];
    for (int i = 0; i < elements; i++) {
      values[i] =
          switch (type) {
            case UINT8, BOOL -> bytes.get(i) & 0xFFL;
            case INT8 -> bytes.get(i);
            case UINT16 -> bytes.getShort(2 * i) & 0xFFFFL;
            case INT16 -> bytes.getShort(2 * i);
            case INT32 -> bytes.getInt(4 * i);
            case UINT32 -> bytes.getInt(4 * i) & 0xFFFF_FFFFL;
            case INT64, UINT64 -> bytes.getLong(8 * i);
            case UINT4 -> (bytes.get(i / 2) >> (4 * (i % 2))) & 0xFL;
            case INT4 -> (byte) (bytes.get(i / 2) << (4 - 4 * (i % 2))) >> 4;
            case UINT2 -> (bytes.get(i / 4) >> (2 * (i % 4))) & 0x3L;
            case INT2 -> (byte) (bytes.get(i / 4) << (6 - 2 * (i % 4))) >> 6;
            case FLOAT, FLOAT16, BFLOAT16, DOUBLE, STRING, COMPLEX64, COMPLEX128 ->
                throw wrong("whole numbers");
            case FLOAT8E4M3FN, FLOAT8E4M3FNUZ, FLOAT8E5M2, FLOAT8E5M2FNUZ, FLOAT8E8M0, FLOAT4E2M1 ->
                throw wrong("whole numbers");
          };
    }
    return values;
  }

  ByteBuffer toBytes() {
    if (type == ElementType.STRING) {
      throw wrong("a type of fixed width");
    }
    if (proto.hasRawData()) {
      return proto.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }
    long size = type.bytes(elements);
    if (size > Limits.MAX_BYTES) {
      throw new InvalidModelException(
          where + ": " + size + " bytes (expected: at most " + Limits.MAX_BYTES + ")");
    }
    ByteBuffer bytes = Tensor.littleEndian((int) size);
    for (float value : proto.getFloatDataList()) {
      bytes.putFloat(value);
    }
    for (double value : proto.getDoubleDataList()) {
      bytes.putDouble(value);
    }
    for (long value : proto.getInt64DataList()) {
      bytes.putLong(value);
    }
    for (long value : proto.getUint64DataList()) {
      put(bytes, value, type == ElementType.UINT32 ? 32 : 64);
    }
    for (int value : proto.getInt32DataList()) {
      put(bytes, value, Math.max(8, type.bits()));
    }
    return bytes.flip();
  }

  private static void put(ByteBuffer bytes, long value, int bits) {
    switch (bits) {
      case 8 -> bytes.put((byte) value);
      case 16 -> bytes.putShort((short) value);
      case 32 -> bytes.putInt((int) value);
      default -> bytes.putLong(value);
    }
  }

  private InvalidModelException wrong(String expected) {
    return new InvalidModelException(where + ": " + type + " (expected: " + expected + ")");
  }
}
