package io.attune.trainer.graph.op;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import java.util.List;

/// What flows along an edge of a graph: an array of the engine, or whole numbers that stay in Java,
/// as shape arithmetic does.
public sealed interface Value {
  /// An array of the engine; the graph closes it after its last use.
  record Array(NDArray array) implements Value {}

  /// Whole numbers or truth values (0 and 1) of rank 0 or 1.
  ///
  /// @param vector whether the rank is 1
  /// @param values the numbers; exactly one where the rank is 0
  @SuppressWarnings("ArrayRecordComponent") // on the data path; never compared
  record Whole(boolean vector, long[] values) implements Value {
    public Whole {
      if (!vector && values.length != 1) {
        throw new IllegalArgumentException(
            "values: " + Arrays.toString(values) + " (expected: one, the rank is 0)");
      }
    }

    /// The dimensions: none, or the length.
    public long[] dims() {
      return vector ? new long[] {values.length} : new long[0];
    }
  }

  /// An array.
  static Value of(NDArray array) {
    return new Array(array);
  }

  /// A whole number of rank 0.
  static Value scalar(long value) {
    return new Whole(false, new long[] {value});
  }

  /// Whole numbers of rank 1.
  static Value vector(long... values) {
    return new Whole(true, values);
  }

  /// The one output of an operation.
  static List<Value> one(NDArray array) {
    return List.of(new Array(array));
  }
}
