package io.attune.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.attune.onnx.proto.GraphProto;
import io.attune.onnx.proto.ModelProto;
import io.attune.onnx.proto.NodeProto;
import io.attune.onnx.proto.TensorProto;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OnnxModelTest {
  private final byte[] file = Fixtures.linear().build().toByteArray();

  @Test
  void readsWhatAGraphIs() {
    OnnxModel model = OnnxModel.parse(file).check();
    assertThat(model.opset()).isEqualTo(17);
    assertThat(model.opsets()).isEqualTo(Map.of("", 17L));
    assertThat(model.irVersion()).isEqualTo(8);
    Graph graph = model.graph();
    assertThat(graph.inputs()).hasToString("[x float[batch, 2]]");
    assertThat(graph.outputs()).hasToString("[y float[batch, 3]]");
    assertThat(graph.nodes()).hasSize(3);
    assertThat(graph.producer("sum").orElseThrow().opType()).isEqualTo("Add");
    assertThat(graph.producer("x")).isEmpty();
    assertThat(graph.consumers("product")).hasSize(1);
    assertThat(graph.consumers("y")).isEmpty();
    assertThat(graph.constant("w").orElseThrow().toFloats()).containsExactly(1, 2, 3, 4, 5, 6);
    assertThat(graph.constant("sum")).isEmpty();
  }

  @Test
  void readsAttributesByType() {
    Node node =
        Node.op("Some")
            .attribute("axis", 3)
            .attribute("epsilon", .5f)
            .attribute("axes", new long[] {1, 2})
            .attribute("value", Tensor.longs("", new long[0], 7))
            .build();
    assertThat(node.longAttribute("axis", 0)).isEqualTo(3);
    assertThat(node.longAttribute("absent", -1)).isEqualTo(-1);
    assertThat(node.floatAttribute("epsilon", 0)).isEqualTo(.5f);
    assertThat(node.longsAttribute("axes").orElseThrow()).containsExactly(1, 2);
    assertThat(node.tensorAttribute("value").orElseThrow().toLongs()).containsExactly(7);
    assertThat(node.attributes()).containsExactly("axis", "epsilon", "axes", "value");
    assertThatThrownBy(() -> node.longAttribute("epsilon", 0))
        .isInstanceOf(InvalidModelException.class)
        .hasMessage("node #-1 (Some): attribute epsilon is FLOAT (expected: INT)");
  }

  @Test
  void editsLeaveTheRestByteForByte() {
    OnnxModel model = OnnxModel.parse(file);
    ModelEdit edit = model.edit();
    edit.append(Node.op("Identity").name("last").inputs("y").outputs("z").build())
        .addInitializer(Tensor.floats("extra", new long[] {1}, 1))
        .outputs(ValueInfo.tensor("z", ElementType.FLOAT));
    OnnxModel edited = OnnxModel.parse(edit.build().bytes()).check();
    assertThat(edit.edits())
        .containsExactly(
            "append Identity -> z",
            "add initializer tensor \"extra\" float[1]",
            "outputs [z float[]]");
    assertThat(edited.graph().outputs()).hasToString("[z float[]]");
    assertThat(edited.proto().getGraph().getNodeList().subList(0, 3))
        .isEqualTo(model.proto().getGraph().getNodeList());
    for (NodeProto node : model.proto().getGraph().getNodeList()) {
      assertThat(edited.bytes()).contains(node.toByteArray());
    }
    for (TensorProto tensor : model.proto().getGraph().getInitializerList()) {
      assertThat(edited.bytes()).contains(tensor.toByteArray());
    }
    assertThat(model.bytes()).isEqualTo(file);
  }

  @Test
  void writesEqualModelsAsEqualBytes() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    OnnxModel.parse(file).write(out);
    assertThat(out.toByteArray()).isEqualTo(file);
  }

  @Test
  void keepsFieldsItDoesNotKnow() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(file);
    CodedOutputStream coded = CodedOutputStream.newInstance(out);
    coded.writeString(99, "unknown");
    coded.flush();
    assertThat(OnnxModel.parse(out.toByteArray()).edit().build().bytes())
        .isEqualTo(out.toByteArray());
  }

  @Test
  void renamesAValueEverywhere() {
    OnnxModel renamed = OnnxModel.parse(file).edit().renameValue("y", "result").build().check();
    assertThat(renamed.graph().outputs()).hasToString("[result float[batch, 3]]");
    assertThat(renamed.graph().producer("result")).isPresent();
    assertThatThrownBy(() -> OnnxModel.parse(file).edit().renameValue("y", "sum"))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("\"sum\" exists");
  }

  @Test
  void replacesAnInitializer() {
    OnnxModel model = OnnxModel.parse(file);
    Tensor w = model.graph().initializer("w");
    OnnxModel tuned =
        model.edit().replaceInitializer(w.withFloats(6, 5, 4, 3, 2, 1)).build().check();
    assertThat(tuned.graph().initializer("w").toFloats()).containsExactly(6, 5, 4, 3, 2, 1);
    assertThatThrownBy(() -> w.withFloats(1, 2)).isInstanceOf(InvalidModelException.class);
    assertThatThrownBy(() -> model.edit().replaceInitializer(w.named("none")))
        .isInstanceOf(InvalidModelException.class);
    assertThatThrownBy(() -> model.edit().addInitializer(w))
        .isInstanceOf(InvalidModelException.class);
  }

  @Test
  void findsNamesNotYetTaken() {
    ModelEdit edit = OnnxModel.parse(file).edit();
    assertThat(List.of(edit.freshName("new"), edit.freshName("sum"), edit.freshName("new")))
        .containsExactly("new", "sum_2", "new_2");
  }

  @Test
  void refusesWhatIsNoModel() {
    for (String text :
        List.of("", "hello", "{\"json\": 1}", "PK\u0003\u0004 zip", "<html></html>")) {
      assertThatThrownBy(() -> OnnxModel.parse(text.getBytes(StandardCharsets.UTF_8)))
          .as(text)
          .isInstanceOf(InvalidModelException.class)
          .hasMessageContaining("(expected: ");
    }
  }

  @Test
  void refusesEveryTruncation() {
    for (int length = 0; length < file.length; length++) {
      byte[] cut = Arrays.copyOf(file, length);
      assertThatThrownBy(() -> OnnxModel.parse(cut).check())
          .as("cut to %d bytes", length)
          .isInstanceOf(InvalidModelException.class);
    }
  }

  @Test
  void flippedBytesAreReadOrRefusedButNothingElse() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    byte[] large = Fixtures.nested(6).build().toByteArray();
    for (int round = 0; round < 5_000; round++) {
      byte[] damaged = large.clone();
      for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }
      try {
        OnnxModel.parse(damaged).check();
      } catch (InvalidModelException _) {
        // refused, as it should be
      } catch (RuntimeException | StackOverflowError e) {
        throw new AssertionError("seed " + seed + ", round " + round, e);
      }
    }
  }

  @Test
  void refusesMoreMessagesThanTheLimit() throws IOException {
    Limits limits = new Limits(Limits.MAX_BYTES, 100, 1000, 10, 8, 32);
    assertThatThrownBy(() -> OnnxModel.parse(emptyNodes(200), limits))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("messages: more than 100");
  }

  /// Two bytes to an empty node: the file is small, the objects it stands for are not.
  private static byte[] emptyNodes(int count) throws IOException {
    ByteArrayOutputStream nodes = new ByteArrayOutputStream();
    CodedOutputStream coded = CodedOutputStream.newInstance(nodes);
    for (int i = 0; i < count; i++) {
      coded.writeTag(GraphProto.NODE_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
      coded.writeUInt32NoTag(0);
    }
    coded.flush();
    ByteArrayOutputStream model = new ByteArrayOutputStream();
    CodedOutputStream outer = CodedOutputStream.newInstance(model);
    outer.writeByteArray(ModelProto.GRAPH_FIELD_NUMBER, nodes.toByteArray());
    outer.flush();
    return model.toByteArray();
  }

  @Test
  void refusesMoreNumbersThanTheLimit() {
    Limits limits = new Limits(Limits.MAX_BYTES, 1000, 100, 10, 8, 32);
    ModelProto.Builder model = Fixtures.linear();
    TensorProto.Builder tensor = Fixtures.tensor("many", ElementType.INT64, 200);
    for (int i = 0; i < 200; i++) {
      tensor.addInt64Data(i);
    }
    model.getGraphBuilder().addInitializer(tensor);
    assertThatThrownBy(() -> OnnxModel.parse(model.build().toByteArray(), limits))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("values outside raw_data: more than 100");
  }

  @Test
  void refusesMoreBytesThanTheLimit() {
    Limits limits = new Limits(100, 1000, 1000, 10, 8, 32);
    assertThatThrownBy(() -> OnnxModel.parse(file, limits))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("at most 100");
  }

  @Test
  void refusesAFieldLongerThanTheFile() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    CodedOutputStream coded = CodedOutputStream.newInstance(out);
    coded.writeTag(ModelProto.GRAPH_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
    coded.writeUInt32NoTag(Integer.MAX_VALUE);
    coded.flush();
    assertThatThrownBy(() -> OnnxModel.parse(out.toByteArray()))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("not an ONNX file, or truncated");
  }

  @Test
  void refusesGroups() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    CodedOutputStream coded = CodedOutputStream.newInstance(out);
    for (int i = 0; i < 100_000; i++) {
      coded.writeTag(50, WireFormat.WIRETYPE_START_GROUP);
    }
    coded.flush();
    assertThatThrownBy(() -> OnnxModel.parse(out.toByteArray()))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("group");
  }
}
