package io.attune.trainer.data.collation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.attune.onnx.ElementType;
import io.attune.trainer.array.EngineArrays;

/// The values of one of the graph's inputs, in the JVM's memory.
public sealed interface EncodedInput {
  /// The input's name.
  String name();

  /// Rows first.
  long[] shape();

  /// The array, owned by the manager.
  NDArray toArray(NDManager manager);

  /// Whole numbers.
  ///
  /// @param type int64 or int32, what the graph reads
  @SuppressWarnings("ArrayRecordComponent") // on the data path; never compared
  record Whole(String name, long[] values, long[] shape, ElementType type) implements EncodedInput {
    @Override
    public NDArray toArray(NDManager manager) {
      NDArray array = EngineArrays.of(manager, values, new Shape(shape));
      if (type == ElementType.INT64) {
        return array;
      }
      try (array) {
        return array.toType(DataType.INT32, true);
      }
    }
  }

  /// Numbers with fractions, float32.
  @SuppressWarnings("ArrayRecordComponent") // on the data path; never compared
  record Real(String name, float[] values, long[] shape) implements EncodedInput {
    @Override
    public NDArray toArray(NDManager manager) {
      return EngineArrays.of(manager, values, new Shape(shape));
    }
  }
}
