package io.attune.onnx;

import io.attune.onnx.proto.SparseTensorProto;
import io.attune.onnx.proto.TensorProto;
import java.util.Arrays;

/// What a tensor of a file must satisfy: its data has exactly the length that type and dimensions
/// say. So nothing that is declared larger than the file is ever allocated.
final class TensorChecks {
  private TensorChecks() {}

  static void check(TensorProto tensor, String where, Limits limits) {
    if (tensor.getDimsCount() > limits.rank()) {
      throw refused(where, tensor.getDimsCount() + " dimensions", "at most " + limits.rank());
    }
    ElementType type = type(tensor.getDataType(), where);
    long elements = elements(tensor, where);
    if (tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL
        || tensor.getExternalDataCount() > 0) {
      throw refused(
          where, "its data lies in another file", "all data inside the model: import it first");
    }
    if (tensor.hasSegment()) {
      throw refused(where, "a segment of a tensor", "a whole tensor");
    }
    if (tensor.hasRawData()) {
      checkRaw(tensor, type, elements, where);
    } else {
      checkTyped(tensor, type, elements, where);
    }
  }

  private static void checkRaw(TensorProto tensor, ElementType type, long elements, String where) {
    if (type == ElementType.STRING) {
      throw refused(where, "strings in raw_data", "strings in string_data");
    }
    if (typedCount(tensor) > 0) {
      throw refused(where, "both raw_data and a typed field", "one of the two");
    }
    long expected = type.bytes(elements);
    if (tensor.getRawData().size() != expected) {
      throw refused(
          where,
          "%d bytes for %s%s"
              .formatted(tensor.getRawData().size(), type, Arrays.toString(dims(tensor))),
          expected + " bytes");
    }
  }

  private static void checkTyped(
      TensorProto tensor, ElementType type, long elements, String where) {
    long expected =
        switch (type) {
          case COMPLEX64, COMPLEX128 -> 2 * elements;
          case UINT4, INT4, FLOAT4E2M1 -> Math.ceilDiv(elements, 2L);
          case UINT2, INT2 -> Math.ceilDiv(elements, 4L);
          case FLOAT, UINT8, INT8, UINT16, INT16, INT32, INT64, STRING, BOOL, FLOAT16 -> elements;
          case DOUBLE, UINT32, UINT64, BFLOAT16, FLOAT8E4M3FN, FLOAT8E4M3FNUZ -> elements;
          case FLOAT8E5M2, FLOAT8E5M2FNUZ, FLOAT8E8M0 -> elements;
        };
    long own =
        switch (type) {
          case FLOAT, COMPLEX64 -> tensor.getFloatDataCount();
          case DOUBLE, COMPLEX128 -> tensor.getDoubleDataCount();
          case INT64 -> tensor.getInt64DataCount();
          case UINT32, UINT64 -> tensor.getUint64DataCount();
          case STRING -> tensor.getStringDataCount();
          case UINT8, INT8, UINT16, INT16, INT32, BOOL, FLOAT16, BFLOAT16 ->
              tensor.getInt32DataCount();
          case FLOAT8E4M3FN, FLOAT8E4M3FNUZ, FLOAT8E5M2, FLOAT8E5M2FNUZ, FLOAT8E8M0 ->
              tensor.getInt32DataCount();
          case UINT4, INT4, FLOAT4E2M1, UINT2, INT2 -> tensor.getInt32DataCount();
        };
    if (own != expected || typedCount(tensor) != own) {
      throw refused(
          where,
          "%d values for %s%s".formatted(typedCount(tensor), type, Arrays.toString(dims(tensor))),
          expected + " values in the field of its type");
    }
  }

  private static long typedCount(TensorProto tensor) {
    return (long) tensor.getFloatDataCount()
        + tensor.getInt32DataCount()
        + tensor.getStringDataCount()
        + tensor.getInt64DataCount()
        + tensor.getDoubleDataCount()
        + tensor.getUint64DataCount();
  }

  static void check(SparseTensorProto sparse, String where, Limits limits) {
    check(sparse.getValues(), where + " values", limits);
    check(sparse.getIndices(), where + " indices", limits);
    long[] dims = dims(sparse.getDimsList());
    long dense = product(dims, where);
    long[] values = dims(sparse.getValues());
    long[] indices = dims(sparse.getIndices());
    if (values.length != 1 || sparse.getIndices().getDataType() != ElementType.INT64.number()) {
      throw refused(where, "values or indices of another form", "values [n], indices int64");
    }
    boolean linear = indices.length == 1 && indices[0] == values[0];
    boolean tuples = indices.length == 2 && indices[0] == values[0] && indices[1] == dims.length;
    if (dims.length == 0 || !(linear || tuples)) {
      throw refused(where, "indices " + Arrays.toString(indices), "[n] or [n, rank] for n values");
    }
    long[] positions = new TensorData(sparse.getIndices(), where + " indices").toLongs();
    for (int i = 0; i < positions.length; i++) {
      long bound = linear ? dense : dims[i % dims.length];
      if (positions[i] < 0 || positions[i] >= bound) {
        throw refused(where, "index " + positions[i], "0.." + (bound - 1));
      }
    }
  }

  static ElementType type(int number, String where) {
    try {
      return ElementType.of(number);
    } catch (InvalidModelException e) {
      throw new InvalidModelException(where + ": " + e.getMessage(), e);
    }
  }

  static long elements(TensorProto tensor, String where) {
    return product(dims(tensor), where);
  }

  static long product(long[] dims, String where) {
    long product = 1;
    for (long dim : dims) {
      if (dim < 0) {
        throw refused(where, "dimension " + dim + " of " + Arrays.toString(dims), "0 or more");
      }
      long next = product * dim;
      if (Math.multiplyHigh(product, dim) != 0 || next < 0 || next > Long.MAX_VALUE / 128) {
        throw refused(where, "dimensions " + Arrays.toString(dims), "a product that fits 56 bits");
      }
      product = next;
    }
    return product;
  }

  static long[] dims(TensorProto tensor) {
    return dims(tensor.getDimsList());
  }

  private static long[] dims(java.util.List<Long> list) {
    long[] dims = new long[list.size()];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = list.get(i);
    }
    return dims;
  }

  private static InvalidModelException refused(String where, String actual, String expected) {
    return new InvalidModelException(where + ": " + actual + " (expected: " + expected + ")");
  }
}
