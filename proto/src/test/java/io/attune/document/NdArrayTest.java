package io.attune.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.Value;
import io.attune.proto.docarray.DenseNdArrayProto;
import io.attune.proto.docarray.NdArrayProto;
import io.attune.proto.docarray.SparseNdArrayProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class NdArrayTest {
  static Stream<String> tensors() {
    return Golden.array("tensors.bin").stream().map(Document::id);
  }

  private static Document golden(String name) {
    return Golden.array("tensors.bin").find(name).orElseThrow();
  }

  private static NdArrayProto dense(String dtype, int bytes, int... shape) {
    DenseNdArrayProto.Builder dense =
        DenseNdArrayProto.newBuilder()
            .setDtype(dtype)
            .setBuffer(ByteString.copyFrom(new byte[bytes]));
    for (int size : shape) {
      dense.addShape(size);
    }
    return NdArrayProto.newBuilder().setDense(dense).setClsName("numpy").build();
  }

  @ParameterizedTest
  @MethodSource("tensors")
  void readsWhatDocarrayWrote(String name) {
    Document document = golden(name);
    NdArray tensor = document.tensor().orElseThrow();

    assertThat(tensor.doubles()).containsExactly(numbers(document, "values"));
    double[] shape = numbers(document, "shape");
    assertThat(tensor.shape()).hasSize(shape.length);
    for (int i = 0; i < shape.length; i++) {
      assertThat(tensor.shape()[i]).isEqualTo((int) shape[i]);
    }
    assertThat(document.tensorShape()).contains(tensor.shape());
  }

  private static double[] numbers(Document document, String tag) {
    List<Value> values = document.tag(tag).orElseThrow().getListValue().getValuesList();
    return values.stream().mapToDouble(Value::getNumberValue).toArray();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1", "scalar", "fortran",
        "strided"
      })
  void writesTheBytesThatDocarrayWrites(String name) {
    NdArrayProto message = golden(name).toProto().getTensor();

    assertThat(NdArray.from(message).toProto().toByteArray()).isEqualTo(message.toByteArray());
  }

  @Test
  void arraysOfJavaAreWrittenAsDocarrayWritesThem() {
    assertThat(NdArray.of(new float[] {0.1f, -2.5f, 3e38f, Float.MIN_VALUE, -0f, 7}, 2, 3))
        .isEqualTo(golden("f4").tensor().orElseThrow());
    assertThat(NdArray.of(new double[] {0.1, -1e300, Double.MIN_VALUE}))
        .isEqualTo(golden("f8").tensor().orElseThrow());
    assertThat(NdArray.of(new int[] {Integer.MIN_VALUE, Integer.MAX_VALUE}))
        .isEqualTo(golden("i4").tensor().orElseThrow());
    assertThat(NdArray.of(new long[] {Long.MIN_VALUE, 1L << 53}))
        .isEqualTo(golden("i8").tensor().orElseThrow());
    assertThat(NdArray.of(new boolean[] {true, false}, 2, 1))
        .isEqualTo(golden("b1").tensor().orElseThrow());
    ByteBuffer halves = ByteBuffer.allocate(10).order(ByteOrder.LITTLE_ENDIAN).position(2);
    for (float value : new float[] {0.1f, -65504, 6e-8f, Float.POSITIVE_INFINITY}) {
      halves.putShort(Float.floatToFloat16(value));
    }
    assertThat(NdArray.of(DType.FLOAT16, halves.position(2), 4))
        .isEqualTo(golden("f2").tensor().orElseThrow());
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void everyTypeBecomesEveryArrayOfJava(DType dtype) {
    ByteBuffer memory = ByteBuffer.allocate(2 * dtype.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    switch (dtype) {
      case FLOAT16 -> memory.putShort(2, Float.floatToFloat16(1));
      case FLOAT32 -> memory.putFloat(4, 1);
      case FLOAT64 -> memory.putDouble(8, 1);
      default -> memory.put(dtype.bytes(), (byte) 1);
    }
    NdArray array = NdArray.from(NdArray.of(dtype, memory, 2).toProto());

    assertThat(array.dtype()).isEqualTo(dtype);
    assertThat(array.floats()).containsExactly(0, 1);
    assertThat(array.doubles()).containsExactly(0, 1);
    assertThat(array.ints()).containsExactly(0, 1);
    assertThat(array.longs()).containsExactly(0, 1);
    assertThat(array.buffer()).isEqualTo(memory.clear());
  }

  @Test
  void unsignedNumbersKeepTheirValue() {
    assertThat(golden("u1").tensor().orElseThrow().ints()).containsExactly(0, 255);
    assertThat(golden("u2").tensor().orElseThrow().ints()).containsExactly(0, 65535);
    assertThat(golden("u4").tensor().orElseThrow().longs()).containsExactly(0, 4294967295L);
    assertThat(golden("u8").tensor().orElseThrow().floats()[1]).isEqualTo(0x1p63f);
  }

  @Test
  void theMemoryCannotBeChangedFromOutside() {
    float[] values = {1, 2};
    int[] shape = {2};
    NdArray array = NdArray.of(values, shape);
    values[0] = 5;
    shape[0] = 7;
    array.shape()[0] = 9;
    array.floats()[0] = 5;

    assertThat(array).isEqualTo(NdArray.of(new float[] {1, 2}));
    assertThat(array.buffer().isReadOnly()).isTrue();
  }

  @Test
  void reshapesWhatFits() {
    NdArray array = NdArray.of(new float[] {1, 2, 3, 4, 5, 6}).reshape(2, 3);

    assertThat(array.shape()).containsExactly(2, 3);
    assertThat(array.floats()).containsExactly(1, 2, 3, 4, 5, 6);
    assertThatThrownBy(() -> array.reshape(2, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("buffer: 24 bytes (expected: 16 for shape [2, 2] of <f4)");
    assertThatThrownBy(() -> NdArray.of(new float[] {1}, -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("shape: [4294967295] (expected: at most 2147483647 elements)");
  }

  @Test
  void nanIsKept() {
    float[] values = {Float.NaN, Float.intBitsToFloat(0x7FC00001), Float.NEGATIVE_INFINITY};
    float[] read = NdArray.from(NdArray.of(values).toProto()).floats();

    assertThat(read).hasSize(3);
    assertThat(Float.floatToRawIntBits(read[1])).isEqualTo(0x7FC00001);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "<f4 ~ 15 ~ 4 ~ buffer: 15 bytes (expected: 16 for shape [4] of <f4)",
        "<f4 ~ 17 ~ 4 ~ buffer: 17 bytes (expected: 16 for shape [4] of <f4)",
        "<f8 ~ 16 ~ 4 ~ buffer: 16 bytes (expected: 32 for shape [4] of <f8)",
        "<f4 ~ 4 ~ 0 ~ buffer: 4 bytes (expected: 0 for shape [0] of <f4)",
        "<f4 ~ 4 ~ 1073741824 ~ buffer: 4 bytes (expected: 4294967296 for shape [1073741824] of <f4)",
        "<f4 ~ 4 ~ -1 ~ shape: [4294967295] (expected: at most 2147483647 elements)",
        "<f4 ~ 4 ~ 65536 65536 ~ shape: [65536, 65536] (expected: at most 2147483647 elements)",
        "<f4 ~ 4 ~ 65536 65536 65536 65536 ~ shape: [65536, 65536, 65536, 65536] (expected: at most 2147483647 elements)",
        "<f4 ~ 0 ~ 65537 ~ shape: [65537] without a buffer (expected: at most 65536 elements)",
        "<f4 ~ 0 ~ 65537 0 ~ shape: [65537, 0] without a buffer (expected: at most 65536 elements)",
        "<f4 ~ 0 ~ 0 2147483647 2 ~ shape: [0, 2147483647, 2] without a buffer (expected: at most 65536 elements)",
        "<U4 ~ 16 ~ 1 ~ dtype: U4 (expected: <f2, <f4, <f8, |i1, <i2, <i4, <i8, |u1, <u2, <u4, <u8, |b1)",
        "<c8 ~ 8 ~ 1 ~ dtype: c8 (expected: <f2, <f4, <f8, |i1, <i2, <i4, <i8, |u1, <u2, <u4, <u8, |b1)",
        "|O ~ 8 ~ 1 ~ dtype: O (expected: <f2, <f4, <f8, |i1, <i2, <i4, <i8, |u1, <u2, <u4, <u8, |b1)",
        "'' ~ 8 ~ 1 ~ dtype:  (expected: <f2, <f4, <f8, |i1, <i2, <i4, <i8, |u1, <u2, <u4, <u8, |b1)",
      })
  void refusesWhatDoesNotFit(String dtype, int bytes, String sizes, String message) {
    int[] shape = Stream.of(sizes.split(" ")).mapToInt(Integer::parseInt).toArray();

    assertThatThrownBy(() -> NdArray.from(dense(dtype, bytes, shape)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void refusesTooManyDimensions() {
    assertThat(NdArray.from(dense("<f4", 4, ones(32))).size()).isEqualTo(1);
    assertThatThrownBy(() -> NdArray.from(dense("<f4", 4, ones(100_000))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("shape: 100000 dimensions (expected: at most 32)");
  }

  private static int[] ones(int count) {
    int[] shape = new int[count];
    Arrays.fill(shape, 1);
    return shape;
  }

  @Test
  void messagesDoNotEchoLongNames() {
    String name = "x".repeat(100_000);
    NdArrayProto.Builder message = dense(name, 4, 1).toBuilder();

    assertThatThrownBy(() -> NdArray.from(message.build())).message().hasSizeLessThan(200);
    assertThatThrownBy(() -> NdArray.from(message.setClsName(name).build()))
        .message()
        .hasSizeLessThan(200);
  }

  @Test
  void refusesSparseArraysThatDoNotFit() {
    NdArrayProto coo = golden("coo").toProto().getTensor();
    SparseNdArrayProto sparse = coo.getSparse();

    assertThatThrownBy(() -> NdArray.from(coo.toBuilder().setClsName("torch").build()))
        .hasMessage("tensor: sparse of torch (expected: dense, or sparse of scipy)");
    assertRefused(
        coo,
        sparse.toBuilder().addShape(1),
        "shape: 3 dimensions (expected: two, of a sparse matrix)");
    assertRefused(
        coo, sparse.toBuilder().setShape(0, 1), "index: [1, 0] (expected: within [1, 3])");
    assertRefused(
        coo,
        sparse.toBuilder().setShape(0, 1 << 30).setShape(1, 1),
        "shape: [1073741824, 1] without a buffer (expected: at most 1048576 elements)");
    assertRefused(
        coo,
        sparse.toBuilder().setValues(NdArray.of(new double[] {1}).toProto().getDense()),
        "indices: shape [3, 2] (expected: [1, 2])");
    assertRefused(
        coo,
        sparse.toBuilder()
            .setIndices(NdArray.of(new long[] {0, 1, -1, 0, 1, 0}, 3, 2).toProto().getDense()),
        "index: [-1, 0] (expected: within [2, 3])");
  }

  private static void assertRefused(
      NdArrayProto tensor, SparseNdArrayProto.Builder sparse, String message) {
    assertThatThrownBy(() -> NdArray.from(tensor.toBuilder().setSparse(sparse).build()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void equalArraysAreEqual() {
    NdArray array = NdArray.of(new float[] {1, 2});

    assertThat(array).isEqualTo(NdArray.of(new float[] {1, 2}));
    assertThat(array.hashCode()).isEqualTo(NdArray.of(new float[] {1, 2}).hashCode());
    assertThat(array).isNotEqualTo(array.reshape(1, 2));
    assertThat(array).isNotEqualTo(NdArray.of(new int[] {1, 2}));
    assertThat(array).hasToString("NdArray(<f4, [2])");
  }
}
