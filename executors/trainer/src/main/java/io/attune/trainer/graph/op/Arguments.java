package io.attune.trainer.graph.op;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.attune.runtime.FlowException;
import io.attune.trainer.array.EngineArrays;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The inputs of one operation in one pass through the graph, and what it needs beside them.
public final class Arguments {
  private final @Nullable Value[] inputs;
  private final NDManager manager;
  private final boolean training;
  private final boolean followsStatistics;
  private final List<NDArray> temporaries = new ArrayList<>(2);

  /// @param inputs the values, null where an optional one is left out
  /// @param manager owns what the operation makes
  /// @param training whether dropout is active
  public Arguments(@Nullable Value[] inputs, NDManager manager, boolean training) {
    this(inputs, manager, training, false);
  }

  /// @param inputs the values, null where an optional one is left out
  /// @param manager owns what the operation makes
  /// @param training whether dropout is active
  /// @param followsStatistics whether training moves the running statistics of batch normalisation
  public Arguments(
      @Nullable Value[] inputs, NDManager manager, boolean training, boolean followsStatistics) {
    this.inputs = inputs;
    this.manager = manager;
    this.training = training;
    this.followsStatistics = followsStatistics;
  }

  /// How many inputs the node names, left-out ones between them included.
  public int count() {
    return inputs.length;
  }

  /// Whether an input is there.
  public boolean has(int position) {
    return position < inputs.length && inputs[position] != null;
  }

  /// An input as it is.
  public Value value(int position) {
    @Nullable Value value = position < inputs.length ? inputs[position] : null;
    if (value == null) {
      throw FlowException.invalid("input %d: left out (expected: a value)".formatted(position));
    }
    return value;
  }

  /// An input as an array; whole numbers become int64.
  public NDArray array(int position) {
    return switch (value(position)) {
      case Value.Array(NDArray array) -> array;
      case Value.Whole whole ->
          temporary(EngineArrays.of(manager, whole.values(), new Shape(whole.dims())));
    };
  }

  /// An input as whole numbers in row-major order; an array is read back.
  public long[] longs(int position) {
    return switch (value(position)) {
      case Value.Whole whole -> whole.values();
      case Value.Array(NDArray array) ->
          temporary(array.toType(DataType.INT64, false)).toLongArray();
    };
  }

  /// An input that is one number, as a double; an array is read back.
  public double number(int position) {
    return switch (value(position)) {
      case Value.Whole whole -> whole.values()[0];
      case Value.Array(NDArray array) ->
          temporary(array.toType(DataType.FLOAT64, false)).toDoubleArray()[0];
    };
  }

  /// The dimensions of an input.
  public long[] dims(int position) {
    return switch (value(position)) {
      case Value.Whole whole -> whole.dims();
      case Value.Array(NDArray array) -> array.getShape().getShape();
    };
  }

  /// Whether all inputs that are there are whole numbers in Java.
  public boolean allWhole() {
    for (@Nullable Value value : inputs) {
      if (value instanceof Value.Array) {
        return false;
      }
    }
    return true;
  }

  /// Marks an array to be closed once the operation is done, unless it is one of its outputs or
  /// inputs.
  ///
  /// @return the array
  public NDArray temporary(NDArray array) {
    temporaries.add(array);
    return array;
  }

  /// The arrays marked so far.
  public List<NDArray> temporaries() {
    return temporaries;
  }

  /// Owns what the operation makes.
  public NDManager manager() {
    return manager;
  }

  /// Whether dropout is active.
  public boolean training() {
    return training;
  }

  /// Whether training moves the running statistics of batch normalisation.
  public boolean followsStatistics() {
    return followsStatistics;
  }
}
