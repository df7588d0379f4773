package io.attune.trainer.array;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import java.util.function.BinaryOperator;

/// Arrays made of Java's data, and arithmetic with Java's numbers, in memory that the engine owns.
///
/// DJL makes an array of Java's data by lending the engine the memory of a direct buffer, and of a
/// number likewise: `x.mul(2)` multiplies by an array that lies in four bytes of Java's. A backward
/// pass that needs such an operand reads it after DJL has let go of the buffer, and once the
/// garbage collector has freed it, gradients are wrong, by as much as they are large. So whatever
/// takes part in an operation that gradients flow through is made here; a test looks for other
/// ways.
public final class EngineArrays {
  private EngineArrays() {}

  /// A float32 array.
  public static NDArray of(NDManager manager, float[] values, Shape shape) {
    return owned(manager.create(values, shape));
  }

  /// A float64 array of rank 1.
  public static NDArray of(NDManager manager, double... values) {
    return owned(manager.create(values));
  }

  /// An int64 array.
  public static NDArray of(NDManager manager, long[] values, Shape shape) {
    return owned(manager.create(values, shape));
  }

  /// An int32 array of rank 1.
  public static NDArray of(NDManager manager, int... values) {
    return owned(manager.create(values));
  }

  /// An array of truth values.
  public static NDArray of(NDManager manager, boolean[] values, Shape shape) {
    return owned(manager.create(values, shape));
  }

  private static NDArray owned(NDArray lent) {
    try (lent) {
      return lent.duplicate();
    }
  }

  /// A number as an array of rank 0, of a type.
  public static NDArray number(NDManager manager, double value, DataType type) {
    return JniUtils.full(
        (PtNDManager) manager, new Shape(), value, type, manager.getDevice(), SparseFormat.DENSE);
  }

  /// Each element times a number.
  public static NDArray times(NDArray array, double factor) {
    return with(array, factor, NDArray::mul);
  }

  /// Each element divided by a number.
  public static NDArray divided(NDArray array, double divisor) {
    return with(array, divisor, NDArray::div);
  }

  /// Each element raised to a power.
  public static NDArray power(NDArray array, double exponent) {
    return with(array, exponent, NDArray::pow);
  }

  /// Each element, or a number where the element is less.
  public static NDArray atLeast(NDArray array, double least) {
    return with(array, least, NDArray::maximum);
  }

  private static NDArray with(NDArray array, double value, BinaryOperator<NDArray> operator) {
    try (NDArray number = number(array.getManager(), value, array.getDataType())) {
      return operator.apply(array, number);
    }
  }
}
