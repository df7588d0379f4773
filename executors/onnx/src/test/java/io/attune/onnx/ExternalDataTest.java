package io.attune.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.onnx.proto.AttributeProto.AttributeType;
import io.attune.onnx.proto.ModelProto;
import io.attune.onnx.proto.NodeProto;
import io.attune.onnx.proto.StringStringEntryProto;
import io.attune.onnx.proto.TensorProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExternalDataTest {
  @TempDir Path temp;
  private Path folder;

  @BeforeEach
  void write() throws IOException {
    folder = Files.createDirectories(temp.resolve("model"));
    ByteBuffer data = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < 8; i++) {
      data.putFloat(i);
    }
    Files.write(folder.resolve("model.onnx.data"), data.array());
    Files.write(temp.resolve("secret"), data.array());
  }

  private static TensorProto external(Map<String, String> keys, long... dims) {
    TensorProto.Builder tensor =
        Fixtures.tensor("w", ElementType.FLOAT, dims)
            .setDataLocation(TensorProto.DataLocation.EXTERNAL);
    new TreeMap<>(keys)
        .forEach((key, value) ->
            tensor.addExternalData(
                StringStringEntryProto.newBuilder().setKey(key).setValue(value)));
    return tensor.build();
  }

  private static OnnxModel model(Map<String, String> keys, long... dims) {
    ModelProto.Builder model = Fixtures.linear();
    model.getGraphBuilder().setInitializer(0, external(keys, dims));
    return OnnxModel.of(model.build());
  }

  private void assertRefused(Map<String, String> keys, String part) {
    assertThatThrownBy(() -> ExternalData.inline(model(keys, 2, 3), folder))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("initializer \"w\"")
        .hasMessageContaining(part)
        .hasMessageContaining("(expected: ");
  }

  @Test
  void takesTensorsIn() throws IOException {
    OnnxModel model =
        model(Map.of("location", "model.onnx.data", "offset", "4", "length", "24"), 2, 3);
    assertThat(ExternalData.used(model)).isTrue();
    OnnxModel inlined = ExternalData.inline(model, folder).check();
    assertThat(ExternalData.used(inlined)).isFalse();
    assertThat(inlined.graph().initializer("w").toFloats()).containsExactly(1, 2, 3, 4, 5, 6);
    assertThat(inlined.graph().nodes()).hasSize(3);
  }

  @Test
  void takesTheLengthFromTheDimensionsWhereItIsNotSaid() throws IOException {
    OnnxModel inlined =
        ExternalData.inline(model(Map.of("location", "model.onnx.data"), 2, 3), folder);
    assertThat(inlined.graph().initializer("w").toFloats()).containsExactly(0, 1, 2, 3, 4, 5);
  }

  @Test
  void takesTensorsOfAttributesIn() throws IOException {
    ModelProto.Builder model = Fixtures.linear();
    NodeProto.Builder node = NodeProto.newBuilder().setOpType("Constant").addOutput("c");
    node.addAttributeBuilder()
        .setName("value")
        .setType(AttributeType.TENSOR)
        .setT(external(Map.of("location", "model.onnx.data"), 2));
    model.getGraphBuilder().addNode(node);
    OnnxModel inlined = ExternalData.inline(OnnxModel.of(model.build()), folder).check();
    assertThat(inlined.graph().constant("c").orElseThrow().toFloats()).containsExactly(0, 1);
  }

  @Test
  void leavesAModelWithoutAlone() throws IOException {
    OnnxModel model = OnnxModel.of(Fixtures.linear().build());
    assertThat(ExternalData.inline(model, folder)).isSameAs(model);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "..",
        "../secret",
        "./model.onnx.data",
        "sub/../../secret",
        "sub/../model.onnx.data",
        "/etc/passwd",
        "//etc/passwd",
        "C:\\secret",
        "C:secret",
        "..\\secret",
        "\\\\host\\share",
        "file:///etc/passwd",
        "model.onnx.data\u0000.txt",
        "*/_ORT_MEM_ADDR_/*",
        "absent",
        "model.onnx.data/",
        "model.onnx.data:stream",
      })
  void refusesLocationsThatAreNoPlainFileInTheFolder(String location) {
    assertRefused(Map.of("location", location), "external data");
  }

  @Test
  void refusesAMissingLocation() {
    assertRefused(Map.of("offset", "0"), "external data location");
  }

  @Test
  void refusesAFolder() throws IOException {
    Files.createDirectories(folder.resolve("sub"));
    assertRefused(Map.of("location", "sub"), "is missing or no file");
  }

  @Test
  void refusesASymbolicLink() throws IOException {
    Files.createSymbolicLink(folder.resolve("link"), temp.resolve("secret"));
    assertRefused(Map.of("location", "link"), "symbolic link");
  }

  @Test
  void refusesASymbolicLinkInsideTheFolder() throws IOException {
    Files.createSymbolicLink(folder.resolve("link"), folder.resolve("model.onnx.data"));
    assertRefused(Map.of("location", "link"), "symbolic link");
  }

  @Test
  void refusesAFileThroughALinkedFolder() throws IOException {
    Files.createSymbolicLink(folder.resolve("sub"), temp);
    assertRefused(Map.of("location", "sub/secret"), "symbolic link");
  }

  @Test
  void refusesAHardLink() throws IOException {
    Files.createLink(folder.resolve("hard"), temp.resolve("secret"));
    assertRefused(Map.of("location", "hard"), "link");
  }

  @Test
  void acceptsAFolderReachedThroughALink() throws IOException {
    Path link = Files.createSymbolicLink(temp.resolve("model-link"), folder);
    assertThat(
            ExternalData.used(
                ExternalData.inline(model(Map.of("location", "model.onnx.data"), 2, 3), link)))
        .isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "9", "33", "9223372036854775807", "99999999999999999999", "x", ""})
  void refusesOffsetsOutsideTheFile(String offset) {
    assertRefused(Map.of("location", "model.onnx.data", "offset", offset), "offset");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "0", "23", "25", "9223372036854775807", "x"})
  void refusesLengthsThatAreNotTheTensors(String length) {
    assertRefused(Map.of("location", "model.onnx.data", "length", length), "length");
  }

  @Test
  void refusesUnknownAndDoubleKeys() {
    assertRefused(Map.of("location", "model.onnx.data", "basepath", "/"), "basepath");
    assertRefused(Map.of("location", "model.onnx.data", "more", "1"), "\"more\"");
    TensorProto twice =
        external(Map.of("location", "model.onnx.data"), 2, 3).toBuilder()
            .addExternalData(
                StringStringEntryProto.newBuilder().setKey("location").setValue("other"))
            .build();
    ModelProto.Builder model = Fixtures.linear();
    model.getGraphBuilder().setInitializer(0, twice);
    assertThatThrownBy(() -> ExternalData.inline(OnnxModel.of(model.build()), folder))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("twice");
  }

  @Test
  void countsBytesBeforeReadingAny() {
    assertThat(ExternalData.bytes(model(Map.of("location", "nowhere"), 2, 3))).isEqualTo(24);
    OnnxModel large = model(Map.of("location", "nowhere"), 1 << 15, 1 << 14);
    assertThatThrownBy(() -> ExternalData.bytes(large))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("2147483648 bytes of tensors")
        .hasMessageContaining("protobuf's limit of 2 GiB");
  }

  @Test
  void refusesMoreThanProtobufCanHold() {
    assertThatThrownBy(() ->
            ExternalData.inline(
                model(Map.of("location", "model.onnx.data"), 1 << 16, 1 << 14), folder))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("protobuf's limit of 2 GiB");
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 1L << 33})
  void refusesHostileDimensions(long dim) {
    assertThatThrownBy(() ->
            ExternalData.inline(
                model(Map.of("location", "model.onnx.data"), dim, 1L << 33), folder))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("initializer \"w\"");
  }
}
