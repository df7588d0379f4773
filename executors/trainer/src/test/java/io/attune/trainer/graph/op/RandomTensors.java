package io.attune.trainer.graph.op;

import io.attune.onnx.ElementType;
import io.attune.onnx.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;

/// Seeded random tensors, shapes and choices.
final class RandomTensors {
  private final Random random;

  RandomTensors(long seed) {
    random = new Random(seed);
  }

  /// From `least` to `most`, both included.
  int between(int least, int most) {
    return least + random.nextInt(most - least + 1);
  }

  boolean coin() {
    return random.nextBoolean();
  }

  <T> T oneOf(List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }

  /// From 1 to 4, seldom 0.
  int size() {
    return between(0, 5) == 0 ? 0 : between(1, 4);
  }

  /// Of rank `least` to `most`, sizes 1 to 4, seldom 0.
  long[] shape(int least, int most) {
    long[] shape = fullShape(least, most);
    if (shape.length > 0 && between(0, 5) == 0) {
      shape[between(0, shape.length - 1)] = 0;
    }
    return shape;
  }

  /// Of rank `least` to `most`, sizes 1 to 4.
  long[] fullShape(int least, int most) {
    long[] shape = new long[between(least, most)];
    Arrays.setAll(shape, _ -> between(1, 4));
    return shape;
  }

  /// A shape that broadcasts with another: dimensions lost at the front, or of size 1.
  long[] broadcastable(long... shape) {
    long[] other = Arrays.copyOfRange(shape, between(0, shape.length), shape.length);
    for (int i = 0; i < other.length; i++) {
      other[i] = between(0, 2) == 0 ? 1 : other[i];
    }
    return other;
  }

  /// An axis of a shape, counted from either end.
  long axis(long... shape) {
    return between(-shape.length, shape.length - 1);
  }

  /// Normal numbers.
  Tensor floats(long... shape) {
    return floats(random::nextGaussian, shape);
  }

  /// From .2 to 3.
  Tensor positive(long... shape) {
    return floats(() -> .2 + 2.8 * random.nextDouble(), shape);
  }

  /// Normal numbers, infinities and what is no number.
  Tensor odd(long... shape) {
    List<Float> odd = List.of(Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, -0f);
    return floats(() -> coin() ? oneOf(odd) : random.nextGaussian(), shape);
  }

  private static Tensor floats(java.util.function.DoubleSupplier numbers, long... shape) {
    float[] values = new float[count(shape)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) numbers.getAsDouble();
    }
    return Tensor.floats("", shape, values);
  }

  /// From `least` to `most`, both included.
  Tensor longs(int least, int most, long... shape) {
    long[] values = new long[count(shape)];
    Arrays.setAll(values, _ -> between(least, most));
    return Tensor.longs("", shape, values);
  }

  /// Whole numbers but 0.
  Tensor divisors(long... shape) {
    long[] values = new long[count(shape)];
    Arrays.setAll(values, _ -> coin() ? between(1, 5) : -between(1, 5));
    return Tensor.longs("", shape, values);
  }

  Tensor bools(long... shape) {
    byte[] values = new byte[count(shape)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (byte) between(0, 1);
    }
    return Tensor.raw("", ElementType.BOOL, shape, ByteBuffer.wrap(values));
  }

  /// Floats or whole numbers.
  Tensor numbers(boolean whole, long... shape) {
    return whole ? longs(-5, 5, shape) : floats(shape);
  }

  /// The axes of a tensor in any order.
  long[] permutation(int rank) {
    List<Long> order = new ArrayList<>(LongStream.range(0, rank).boxed().toList());
    Collections.shuffle(order, random);
    return order.stream().mapToLong(Long::longValue).toArray();
  }

  static Tensor vector(long... values) {
    return Tensor.longs("", new long[] {values.length}, values);
  }

  static Tensor scalar(long value) {
    return Tensor.longs("", new long[0], value);
  }

  static int count(long... shape) {
    return (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
  }
}
