package io.attune.onnx;

import com.google.protobuf.UnsafeByteOperations;
import io.attune.onnx.proto.TensorProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/// A constant tensor of a graph, over the file's message: an initialiser or an attribute's value.
public final class Tensor {
  private final TensorProto proto;

  Tensor(TensorProto proto) {
    this.proto = proto;
  }

  /// A float tensor; the values in row-major order.
  public static Tensor floats(String name, long[] dims, float... values) {
    ByteBuffer raw = littleEndian(requireCount(name, dims, values.length) * Float.BYTES);
    raw.asFloatBuffer().put(values);
    return raw(name, ElementType.FLOAT, dims, raw);
  }

  /// An int64 tensor; the values in row-major order.
  public static Tensor longs(String name, long[] dims, long... values) {
    ByteBuffer raw = littleEndian(requireCount(name, dims, values.length) * Long.BYTES);
    raw.asLongBuffer().put(values);
    return raw(name, ElementType.INT64, dims, raw);
  }

  /// A tensor of any fixed-width type from its little-endian bytes, which are not copied.
  ///
  /// @throws InvalidModelException where the bytes do not fit type and dimensions
  public static Tensor raw(String name, ElementType type, long[] dims, ByteBuffer data) {
    TensorProto.Builder proto = TensorProto.newBuilder().setName(name).setDataType(type.number());
    Arrays.stream(dims).forEach(proto::addDims);
    proto.setRawData(UnsafeByteOperations.unsafeWrap(data));
    Tensor tensor = new Tensor(proto.build());
    TensorChecks.check(tensor.proto, "tensor \"" + name + "\"", Limits.DEFAULT);
    return tensor;
  }

  /// The name; empty for the value of an attribute.
  public String name() {
    return proto.getName();
  }

  /// The element type.
  public ElementType type() {
    return ElementType.of(proto.getDataType());
  }

  /// The dimensions; empty for a scalar.
  public long[] dims() {
    long[] dims = new long[proto.getDimsCount()];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = proto.getDims(i);
    }
    return dims;
  }

  /// The number of elements.
  public long elements() {
    return TensorChecks.elements(proto, describe());
  }

  /// The values of a tensor of any floating or whole-number type as floats, in row-major order;
  /// wider types are rounded.
  ///
  /// @throws InvalidModelException for strings, complex numbers and floats of 8 bits or fewer
  public float[] toFloats() {
    return new TensorData(proto, describe()).toFloats();
  }

  /// The values of a whole-number or boolean tensor, in row-major order. Unsigned 64-bit values
  /// keep their bits.
  ///
  /// @throws InvalidModelException for every other type
  public long[] toLongs() {
    return new TensorData(proto, describe()).toLongs();
  }

  /// The little-endian bytes of a tensor of fixed width, as `raw_data` holds them: a read-only view
  /// where the file has them so, converted where it holds them in a typed field.
  public ByteBuffer toBytes() {
    return new TensorData(proto, describe()).toBytes();
  }

  /// The same tensor with other data of the same type and dimensions (a tuned weight).
  public Tensor withBytes(ByteBuffer data) {
    TensorProto changed =
        proto.toBuilder()
            .clearFloatData()
            .clearInt32Data()
            .clearInt64Data()
            .clearDoubleData()
            .clearUint64Data()
            .setRawData(UnsafeByteOperations.unsafeWrap(data))
            .build();
    TensorChecks.check(changed, describe(), Limits.DEFAULT);
    return new Tensor(changed);
  }

  /// The same float tensor with other values.
  public Tensor withFloats(float... values) {
    return withBytes(
        ByteBuffer.wrap(floats(name(), dims(), values).proto.getRawData().toByteArray()));
  }

  /// The same tensor under another name.
  public Tensor named(String name) {
    return new Tensor(proto.toBuilder().setName(name).build());
  }

  /// The file's message.
  public TensorProto proto() {
    return proto;
  }

  @Override
  public String toString() {
    return describe() + " " + type() + Arrays.toString(dims());
  }

  private String describe() {
    return "tensor \"" + name() + "\"";
  }

  private static int requireCount(String name, long[] dims, int count) {
    long elements = TensorChecks.product(dims, "tensor \"" + name + "\"");
    if (elements != count) {
      throw new InvalidModelException(
          "tensor \"%s\": %d values for dimensions %s (expected: %d)"
              .formatted(name, count, Arrays.toString(dims), elements));
    }
    return count;
  }

  static ByteBuffer littleEndian(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
