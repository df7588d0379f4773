package io.attune.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.attune.onnx.proto.TensorProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TensorTest {
  @Test
  void keepsFloatsAndLongs() {
    Tensor floats = Tensor.floats("f", new long[] {2, 2}, 1, -2, Float.NaN, 4);
    assertThat(floats.toFloats()).containsExactly(1, -2, Float.NaN, 4);
    assertThat(floats.elements()).isEqualTo(4);
    assertThat(floats).hasToString("tensor \"f\" float[2, 2]");
    Tensor longs = Tensor.longs("l", new long[] {2}, Long.MIN_VALUE, 5);
    assertThat(longs.toLongs()).containsExactly(Long.MIN_VALUE, 5);
    assertThat(longs.toFloats()).containsExactly(-0x1p63f, 5);
  }

  @ParameterizedTest
  @CsvSource({
    "UINT8, ff00, 255 0",
    "INT8, ff7f, -1 127",
    "UINT16, ffff0100, 65535 1",
    "INT16, ffff0100, -1 1",
    "INT32, ffffffff01000000, -1 1",
    "UINT32, ffffffff01000000, 4294967295 1",
    "BOOL, 0100, 1 0",
    "UINT4, 1f, 15 1",
    "INT4, 1f, -1 1",
  })
  void readsWholeNumbersOfEveryWidth(ElementType type, String hex, String expected) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    Tensor tensor = Tensor.raw("t", type, new long[] {2}, ByteBuffer.wrap(bytes));
    assertThat(tensor.toLongs()[0] + " " + tensor.toLongs()[1]).isEqualTo(expected);
  }

  @Test
  void readsFloatsOfEveryWidth() {
    assertThat(raw(ElementType.FLOAT16, "003c00c0")).containsExactly(1, -2);
    assertThat(raw(ElementType.BFLOAT16, "803f00c0")).containsExactly(1, -2);
    assertThat(raw(ElementType.DOUBLE, "000000000000f03f00000000000000c0")).containsExactly(1, -2);
  }

  private static float[] raw(ElementType type, String hex) {
    return Tensor.raw("t", type, new long[] {2}, ByteBuffer.wrap(HexFormat.of().parseHex(hex)))
        .toFloats();
  }

  @Test
  void readsTypedFields() {
    assertThat(
            read(Fixtures.tensor("t", ElementType.FLOAT16, 2)
                    .addInt32Data(0x3c00)
                    .addInt32Data(0xc000))
                .toFloats())
        .containsExactly(1, -2);
    assertThat(
            read(Fixtures.tensor("t", ElementType.FLOAT, 2).addFloatData(1).addFloatData(-2))
                .toFloats())
        .containsExactly(1, -2);
    assertThat(
            read(Fixtures.tensor("t", ElementType.INT8, 2).addInt32Data(-3).addInt32Data(4))
                .toLongs())
        .containsExactly(-3, 4);
    assertThat(read(Fixtures.tensor("t", ElementType.UINT64, 1).addUint64Data(5)).toLongs())
        .containsExactly(5);
    assertThat(read(Fixtures.tensor("t", ElementType.UINT32, 1).addUint64Data(5)).toLongs())
        .containsExactly(5);
    assertThat(
            read(Fixtures.tensor("t", ElementType.INT4, 3).addInt32Data(0xf1).addInt32Data(2))
                .toLongs())
        .containsExactly(1, -1, 2);
    assertThat(read(Fixtures.tensor("t", ElementType.DOUBLE, 1).addDoubleData(.5)).toFloats())
        .containsExactly(.5f);
  }

  private static Tensor read(TensorProto.Builder tensor) {
    return new Tensor(tensor.build());
  }

  @Test
  void refusesWhatDoesNotFit() {
    assertThatThrownBy(() -> Tensor.floats("f", new long[] {3}, 1, 2))
        .isInstanceOf(InvalidModelException.class)
        .hasMessage("tensor \"f\": 2 values for dimensions [3] (expected: 3)");
    assertThatThrownBy(() -> Tensor.floats("f", new long[] {2}, 1, 2).toLongs())
        .isInstanceOf(InvalidModelException.class)
        .hasMessage("tensor \"f\": float (expected: whole numbers)");
    Tensor strings =
        read(
            Fixtures.tensor("s", ElementType.STRING, 1)
                .addStringData(ByteString.copyFromUtf8("text")));
    assertThatThrownBy(strings::toFloats).isInstanceOf(InvalidModelException.class);
    assertThatThrownBy(strings::toBytes).isInstanceOf(InvalidModelException.class);
  }

  @Test
  void givesItsBytesWithoutCopying() {
    Tensor tensor = Tensor.floats("f", new long[] {2}, 1, 2);
    ByteBuffer bytes = tensor.toBytes();
    assertThat(bytes.isReadOnly()).isTrue();
    assertThat(bytes.order()).isEqualTo(ByteOrder.LITTLE_ENDIAN);
    assertThat(bytes.getFloat(4)).isEqualTo(2);
  }
}
