package io.attune.onnx;

import java.util.Locale;

/// The type of a tensor's elements, with ONNX's number for it and its width.
public enum ElementType {
  FLOAT(1, 32),
  UINT8(2, 8),
  INT8(3, 8),
  UINT16(4, 16),
  INT16(5, 16),
  INT32(6, 32),
  INT64(7, 64),
  STRING(8, 0),
  BOOL(9, 8),
  FLOAT16(10, 16),
  DOUBLE(11, 64),
  UINT32(12, 32),
  UINT64(13, 64),
  COMPLEX64(14, 64),
  COMPLEX128(15, 128),
  BFLOAT16(16, 16),
  FLOAT8E4M3FN(17, 8),
  FLOAT8E4M3FNUZ(18, 8),
  FLOAT8E5M2(19, 8),
  FLOAT8E5M2FNUZ(20, 8),
  UINT4(21, 4),
  INT4(22, 4),
  FLOAT4E2M1(23, 4),
  FLOAT8E8M0(24, 8),
  UINT2(25, 2),
  INT2(26, 2);

  private static final ElementType[] BY_NUMBER = new ElementType[27];

  static {
    for (ElementType type : values()) {
      BY_NUMBER[type.number] = type;
    }
  }

  private final int number;
  private final int bits;

  ElementType(int number, int bits) {
    this.number = number;
    this.bits = bits;
  }

  /// ONNX's number of the type (`TensorProto.DataType`).
  public int number() {
    return number;
  }

  /// The width of one element in bits; 0 for strings, which have none.
  public int bits() {
    return bits;
  }

  /// The bytes that `elements` elements take in `raw_data`.
  public long bytes(long elements) {
    return Math.ceilDiv(Math.multiplyExact(elements, (long) bits), 8L);
  }

  /// True for the types that hold real numbers (floating point of any width).
  public boolean floating() {
    return switch (this) {
      case FLOAT, FLOAT16, BFLOAT16, DOUBLE -> true;
      case FLOAT8E4M3FN, FLOAT8E4M3FNUZ, FLOAT8E5M2, FLOAT8E5M2FNUZ, FLOAT8E8M0, FLOAT4E2M1 -> true;
      case UINT8, INT8, UINT16, INT16, INT32, INT64, UINT32, UINT64 -> false;
      case UINT4, INT4, UINT2, INT2, BOOL, STRING, COMPLEX64, COMPLEX128 -> false;
    };
  }

  /// The type of an ONNX number.
  ///
  /// @throws InvalidModelException where ONNX has no such type
  public static ElementType of(int number) {
    if (number < 1 || number >= BY_NUMBER.length) {
      throw new InvalidModelException(
          "element type: " + number + " (expected: 1.." + (BY_NUMBER.length - 1) + ")");
    }
    return BY_NUMBER[number];
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
