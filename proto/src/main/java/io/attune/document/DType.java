package io.attune.document;

import java.util.Arrays;
import java.util.stream.Collectors;

/// The element type of a tensor, named as numpy's array-protocol strings without the byte order.
public enum DType {
  FLOAT16("f2", 2),
  FLOAT32("f4", 4),
  FLOAT64("f8", 8),
  INT8("i1", 1),
  INT16("i2", 2),
  INT32("i4", 4),
  INT64("i8", 8),
  UINT8("u1", 1),
  UINT16("u2", 2),
  UINT32("u4", 4),
  UINT64("u8", 8),
  BOOL("b1", 1);

  private final String code;
  private final int bytes;

  DType(String code, int bytes) {
    this.code = code;
    this.bytes = bytes;
  }

  /// The size of one element in bytes.
  public int bytes() {
    return bytes;
  }

  /// numpy's name with the byte-order mark that little-endian numpy writes: `<f4`, `|u1`.
  public String numpyName() {
    return (bytes == 1 ? "|" : "<") + code;
  }

  /// The type of a numpy name without its byte-order mark.
  ///
  /// @throws IllegalArgumentException for a name that is not a known type
  static DType ofCode(String code) {
    for (DType type : values()) {
      if (type.code.equals(code)) {
        return type;
      }
    }
    throw new IllegalArgumentException(
        "dtype: "
            + NdArray.shown(code)
            + " (expected: "
            + Arrays.stream(values()).map(DType::numpyName).collect(Collectors.joining(", "))
            + ")");
  }
}
