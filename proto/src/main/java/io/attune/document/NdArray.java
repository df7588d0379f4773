package io.attune.document;

import com.google.protobuf.ByteString;
import com.google.protobuf.Value;
import io.attune.proto.docarray.DenseNdArrayProto;
import io.attune.proto.docarray.NdArrayProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// A dense n-dimensional array in C order: an immutable shape, element type and memory.
///
/// Reading converts: `floats()` works on every element type. Writing keeps the type it was made of.
/// Longer than the aim, for it has one short method for each of the types that Java has.
public final class NdArray {
  static final int MAX_DIMENSIONS = 32;
  static final int MAX_IMPLIED_ELEMENTS = 1 << 16;
  static final int MAX_SPARSE_ELEMENTS = 1 << 20;

  private static final Set<String> DENSE_CLASSES =
      Set.of("", "numpy", "torch", "paddle", "tensorflow", "list");

  private final DType dtype;
  private final int[] shape;
  private final ByteBuffer memory;

  private NdArray(DType dtype, int[] shape, ByteBuffer memory) {
    long expected = (long) elements(shape) * dtype.bytes();
    if (memory.remaining() != expected) {
      throw new IllegalArgumentException(
          "buffer: %d bytes (expected: %d for shape %s of %s)"
              .formatted(memory.remaining(), expected, Arrays.toString(shape), dtype.numpyName()));
    }
    this.dtype = dtype;
    this.shape = shape;
    this.memory = memory;
  }

  /// A vector, or an array of the given shape, of 32-bit floats; the values are copied.
  public static NdArray of(float[] values, int... shape) {
    ByteBuffer memory = allocate(values.length, DType.FLOAT32);
    memory.asFloatBuffer().put(values);
    return new NdArray(DType.FLOAT32, shapeOr(shape, values.length), memory);
  }

  /// A vector, or an array of the given shape, of 64-bit floats; the values are copied.
  public static NdArray of(double[] values, int... shape) {
    ByteBuffer memory = allocate(values.length, DType.FLOAT64);
    memory.asDoubleBuffer().put(values);
    return new NdArray(DType.FLOAT64, shapeOr(shape, values.length), memory);
  }

  /// A vector, or an array of the given shape, of 32-bit integers; the values are copied.
  public static NdArray of(int[] values, int... shape) {
    ByteBuffer memory = allocate(values.length, DType.INT32);
    memory.asIntBuffer().put(values);
    return new NdArray(DType.INT32, shapeOr(shape, values.length), memory);
  }

  /// A vector, or an array of the given shape, of 64-bit integers; the values are copied.
  public static NdArray of(long[] values, int... shape) {
    ByteBuffer memory = allocate(values.length, DType.INT64);
    memory.asLongBuffer().put(values);
    return new NdArray(DType.INT64, shapeOr(shape, values.length), memory);
  }

  /// An array over little-endian memory, which is not copied and must not change afterwards.
  public static NdArray of(DType dtype, ByteBuffer memory, int... shape) {
    return new NdArray(
        dtype, shape.clone(), memory.slice().asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN));
  }

  /// A vector, or an array of the given shape, of booleans; the values are copied.
  public static NdArray of(boolean[] values, int... shape) {
    ByteBuffer memory = allocate(values.length, DType.BOOL);
    for (int i = 0; i < values.length; i++) {
      memory.put(i, (byte) (values[i] ? 1 : 0));
    }
    return new NdArray(DType.BOOL, shapeOr(shape, values.length), memory);
  }

  /// The array of a message: a dense one, or a sparse one of scipy, which becomes dense. An empty
  /// buffer with a shape is zeros of 64-bit floats, as in docarray.
  ///
  /// @throws IllegalArgumentException for another sparse array, an unknown type, a buffer that does
  ///   not fit the shape, or more than 32 dimensions
  public static NdArray from(NdArrayProto message) {
    if (message.hasSparse()) {
      return SparseArrays.toDense(message);
    }
    if (!DENSE_CLASSES.contains(message.getClsName())) {
      throw new IllegalArgumentException(
          "cls_name: "
              + shown(message.getClsName())
              + " (expected: numpy, torch, paddle, tensorflow or list)");
    }
    return from(message.getDense());
  }

  static NdArray from(DenseNdArrayProto dense) {
    int[] shape = new int[dense.getShapeCount()];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = dense.getShape(i);
    }
    ByteBuffer memory = dense.getBuffer().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    if (memory.remaining() == 0 && shape.length > 0) {
      return zeros(shape, MAX_IMPLIED_ELEMENTS);
    }
    String name = dense.getDtype();
    boolean marked = !name.isEmpty() && "<>|=".indexOf(name.charAt(0)) >= 0;
    DType dtype = DType.ofCode(marked ? name.substring(1) : name);
    boolean bigEndian = marked && name.charAt(0) == '>' && dtype.bytes() > 1;
    return new NdArray(dtype, shape, bigEndian ? swapped(memory, dtype.bytes()) : memory);
  }

  /// Zeros that a few bytes of message ask for; so few that they cannot fill the memory, nor a text
  /// of empty lists, for which a size of 0 counts as 1.
  static NdArray zeros(int[] shape, int maxElements) {
    int elements = elements(shape);
    long lists = 1;
    for (int size : shape) {
      lists = Math.min(lists * Math.max(size, 1), Integer.MAX_VALUE);
    }
    if (lists > maxElements) {
      throw new IllegalArgumentException(
          "shape: %s without a buffer (expected: at most %d elements)"
              .formatted(Arrays.toString(shape), maxElements));
    }
    return new NdArray(DType.FLOAT64, shape, allocate(elements, DType.FLOAT64));
  }

  /// Whether a message holds no array at all, which is the same as no message.
  static boolean isNothing(NdArrayProto message) {
    return switch (message.getContentCase()) {
      case CONTENT_NOT_SET -> true;
      case DENSE ->
          message.getDense().getBuffer().isEmpty() && message.getDense().getShapeCount() == 0;
      case SPARSE -> false;
    };
  }

  /// The name of the Python type that a message becomes; `NoneType` for one that docarray drops.
  static String pythonType(NdArrayProto message) {
    boolean sparse = message.hasSparse();
    return switch (message.getClsName()) {
      case "numpy" -> sparse ? "NoneType" : "ndarray";
      case "list" -> sparse ? "NoneType" : "list";
      case "torch" -> "Tensor";
      case "paddle" -> sparse ? "NoneType" : "Tensor";
      case "tensorflow" -> sparse ? "SparseTensor" : "EagerTensor";
      case "scipy" ->
          sparse
              ? message
                      .getParameters()
                      .getFieldsOrDefault("sparse_format", Value.getDefaultInstance())
                      .getStringValue()
                  + "_matrix"
              : "NoneType";
      default -> "NoneType";
    };
  }

  /// The sizes that a message states, sparse or dense; unchecked.
  static int[] shapeOf(NdArrayProto message) {
    List<Integer> shape =
        message.hasSparse()
            ? message.getSparse().getShapeList()
            : message.getDense().getShapeList();
    return shape.stream().mapToInt(Integer::intValue).toArray();
  }

  /// The message, with `cls_name` numpy, which a Python receiver needs.
  public NdArrayProto toProto() {
    DenseNdArrayProto.Builder dense =
        DenseNdArrayProto.newBuilder()
            .setBuffer(ByteString.copyFrom(memory.duplicate()))
            .setDtype(dtype.numpyName());
    for (int size : shape) {
      dense.addShape(size);
    }
    return NdArrayProto.newBuilder().setDense(dense).setClsName("numpy").build();
  }

  /// The same elements in another shape; without sizes, a scalar.
  public NdArray reshape(int... shape) {
    return new NdArray(dtype, shape.clone(), memory);
  }

  /// The element type.
  public DType dtype() {
    return dtype;
  }

  /// The sizes of the dimensions; empty for a scalar.
  public int[] shape() {
    return shape.clone();
  }

  /// The number of elements.
  public int size() {
    return elements(shape);
  }

  /// The memory, read-only and little-endian.
  public ByteBuffer buffer() {
    return memory.asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }

  /// The elements as floats, in C order.
  public float[] floats() {
    float[] values = new float[size()];
    if (dtype == DType.FLOAT32) {
      memory.asFloatBuffer().get(values);
      return values;
    }
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) element(i);
    }
    return values;
  }

  /// The elements as doubles, in C order.
  public double[] doubles() {
    double[] values = new double[size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = element(i);
    }
    return values;
  }

  /// The elements as ints, in C order; fractions are cut.
  public int[] ints() {
    int[] values = new int[size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (int) integer(i);
    }
    return values;
  }

  /// The elements as longs, in C order; fractions are cut.
  public long[] longs() {
    long[] values = new long[size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = integer(i);
    }
    return values;
  }

  private double element(int i) {
    return switch (dtype) {
      case FLOAT16 -> Float.float16ToFloat(memory.getShort(i * 2));
      case FLOAT32 -> memory.getFloat(i * 4);
      case FLOAT64 -> memory.getDouble(i * 8);
      case UINT64 -> unsigned(memory.getLong(i * 8));
      default -> integer(i);
    };
  }

  private long integer(int i) {
    return switch (dtype) {
      case FLOAT16, FLOAT32, FLOAT64 -> (long) element(i);
      case INT8 -> memory.get(i);
      case UINT8 -> memory.get(i) & 0xFF;
      case BOOL -> memory.get(i) == 0 ? 0 : 1;
      case INT16 -> memory.getShort(i * 2);
      case UINT16 -> memory.getShort(i * 2) & 0xFFFF;
      case INT32 -> memory.getInt(i * 4);
      case UINT32 -> memory.getInt(i * 4) & 0xFFFF_FFFFL;
      case INT64, UINT64 -> memory.getLong(i * 8);
    };
  }

  private static double unsigned(long bits) {
    double low = bits & Long.MAX_VALUE;
    return bits < 0 ? low + 0x1p63 : low;
  }

  private static int[] shapeOr(int[] shape, int length) {
    return shape.length == 0 ? new int[] {length} : shape.clone();
  }

  private static int elements(int[] shape) {
    if (shape.length > MAX_DIMENSIONS) {
      throw new IllegalArgumentException(
          "shape: %d dimensions (expected: at most %d)".formatted(shape.length, MAX_DIMENSIONS));
    }
    long elements = 1;
    for (int size : shape) {
      elements *= Integer.toUnsignedLong(size); // below 2^31 * 2^32 at any time
      if (elements > Integer.MAX_VALUE) {
        throw new IllegalArgumentException(
            "shape: "
                + Arrays.stream(shape)
                    .mapToObj(Integer::toUnsignedString)
                    .collect(Collectors.joining(", ", "[", "]"))
                + " (expected: at most 2147483647 elements)");
      }
    }
    return (int) elements;
  }

  private static ByteBuffer allocate(int elements, DType dtype) {
    return ByteBuffer.allocate(Math.multiplyExact(elements, dtype.bytes()))
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  /// A name that may be of any length, for a message.
  static String shown(String name) {
    return name.length() <= 32 ? name : name.substring(0, 32) + "…";
  }

  private static ByteBuffer swapped(ByteBuffer memory, int width) {
    ByteBuffer swapped = ByteBuffer.allocate(memory.remaining()).order(ByteOrder.LITTLE_ENDIAN);
    for (int start = 0; start < memory.remaining(); start += width) {
      for (int i = 0; i < width; i++) {
        swapped.put(start + i, memory.get(start + width - 1 - i));
      }
    }
    return swapped;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof NdArray that
        && dtype == that.dtype
        && Arrays.equals(shape, that.shape)
        && memory.equals(that.memory);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * dtype.hashCode() + Arrays.hashCode(shape)) + memory.hashCode();
  }

  @Override
  public String toString() {
    return "NdArray(" + dtype.numpyName() + ", " + Arrays.toString(shape) + ")";
  }
}
