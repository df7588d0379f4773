package io.attune.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.attune.onnx.proto.AttributeProto.AttributeType;
import io.attune.onnx.proto.FunctionProto;
import io.attune.onnx.proto.GraphProto;
import io.attune.onnx.proto.ModelProto;
import io.attune.onnx.proto.NodeProto;
import io.attune.onnx.proto.OperatorSetIdProto;
import io.attune.onnx.proto.SparseTensorProto;
import io.attune.onnx.proto.StringStringEntryProto;
import io.attune.onnx.proto.TensorProto;
import io.attune.onnx.proto.TrainingInfoProto;
import io.attune.onnx.proto.TypeProto;
import io.attune.onnx.proto.ValueInfoProto;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A poison corpus built in code: each model has one thing wrong. As long as there are things to be
/// wrong, a test each.
class ModelChecksTest {
  private final ModelProto.Builder model = Fixtures.linear();
  private final GraphProto.Builder graph = model.getGraphBuilder();

  private void assertRefused(String... parts) {
    byte[] file = model.build().toByteArray();
    assertThatThrownBy(() -> OnnxModel.parse(file).check())
        .isInstanceOf(InvalidModelException.class)
        .satisfies(e -> assertThat(e.getMessage()).contains(parts).contains("(expected: "));
  }

  private void assertAccepted() {
    byte[] file = model.build().toByteArray();
    assertThatCode(() -> OnnxModel.parse(file).check()).doesNotThrowAnyException();
  }

  @Test
  void acceptsASoundModel() {
    assertAccepted();
  }

  @Test
  void acceptsNodesOutOfOrder() {
    NodeProto first = graph.getNode(0);
    graph.removeNode(0).addNode(first);
    assertAccepted();
    assertThat(new OnnxModel(model.build()).graph().topological().stream().map(Node::name))
        .containsExactly("multiply", "add", "relu");
  }

  @Test
  void acceptsQuantisedOperators() {
    model.addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("com.microsoft").setVersion(1));
    graph
        .addInitializer(
            Tensor.raw("q", ElementType.INT8, new long[] {2, 3}, java.nio.ByteBuffer.allocate(6))
                .proto())
        .addInitializer(Tensor.floats("scale", new long[0], .1f).proto())
        .addNode(
            Node.op("DynamicQuantizeMatMul")
                .domain("com.microsoft")
                .name("quantised")
                .inputs("x", "q", "scale")
                .outputs("z")
                .build()
                .proto());
    assertAccepted();
  }

  @Test
  void acceptsHalfPrecision() {
    graph.addInitializer(
        Tensor.raw("h", ElementType.FLOAT16, new long[] {3}, java.nio.ByteBuffer.allocate(6))
            .proto());
    assertAccepted();
  }

  @Test
  void acceptsGraphsInsideNodesThatReadFromAround() {
    GraphProto.Builder then =
        GraphProto.newBuilder()
            .addNode(Fixtures.node("Neg", "inner", new String[] {"sum"}, "negative"))
            .addOutput(ValueInfo.tensor("negative", ElementType.FLOAT).proto());
    graph
        .addInput(ValueInfo.tensor("condition", ElementType.BOOL).proto())
        .addNode(0, Fixtures.ifNode("choice", then, Fixtures.constantGraph("one"), "chosen"));
    assertAccepted();
  }

  @Test
  void acceptsInitializersThatAreInputsToo() {
    graph.addInput(ValueInfo.tensor("w", ElementType.FLOAT).proto());
    assertAccepted();
    assertThat(new OnnxModel(model.build()).graph().inputs()).hasSize(1);
  }

  @Test
  void acceptsOptionalInputsLeftOut() {
    graph.addNode(Fixtures.node("Clip", "clip", new String[] {"y", "", "max"}, "clipped"));
    graph.addInitializer(Tensor.floats("max", new long[0], 1).proto());
    assertAccepted();
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 0, 2, 14, Long.MAX_VALUE})
  void refusesOtherFormats(long version) {
    model.setIrVersion(version);
    assertRefused("ir_version: " + version);
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 0, 6, 27, Long.MAX_VALUE})
  void refusesOtherOperatorSets(long version) {
    model.getOpsetImportBuilder(0).setVersion(version);
    assertRefused("opset " + version, "7..26");
  }

  @Test
  void refusesAnUnknownDomain() {
    model.addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("evil.ops").setVersion(1));
    assertRefused("domain \"evil.ops\"");
  }

  @Test
  void refusesANodeOfAnUnknownDomain() {
    graph.getNodeBuilder(1).setDomain("evil.ops");
    assertRefused("node \"add\" (Add)", "domain \"evil.ops\"");
  }

  @Test
  void refusesAModelWithoutOperatorSets() {
    model.clearOpsetImport();
    assertRefused("node \"multiply\" (MatMul)", "is not imported");
  }

  @Test
  void refusesADomainImportedTwice() {
    model.addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("ai.onnx").setVersion(13));
    assertRefused("twice");
  }

  @Test
  void refusesTrainingGraphs() {
    model.addTrainingInfo(TrainingInfoProto.getDefaultInstance());
    assertRefused("training_info");
  }

  @Test
  void refusesACycleNamingANodeOnIt() {
    graph.getNodeBuilder(0).setInput(0, "sum");
    assertRefused("node \"multiply\" (MatMul)", "depends on its own output");
  }

  @Test
  void refusesACycleThroughAGraphInside() {
    GraphProto.Builder then =
        GraphProto.newBuilder()
            .addNode(Fixtures.node("Neg", "inner", new String[] {"y"}, "negative"))
            .addOutput(ValueInfo.tensor("negative", ElementType.FLOAT).proto());
    graph
        .addInput(ValueInfo.tensor("condition", ElementType.BOOL).proto())
        .addNode(0, Fixtures.ifNode("choice", then, Fixtures.constantGraph("one"), "chosen"))
        .getNodeBuilder(3)
        .addInput("chosen");
    assertRefused("depends on its own output");
  }

  @Test
  void refusesAValueGivenTwice() {
    graph.getNodeBuilder(1).setOutput(0, "product");
    assertRefused("node \"add\" (Add)", "\"product\"");
  }

  @Test
  void refusesANodeThatGivesAnInput() {
    graph.getNodeBuilder(1).setOutput(0, "x");
    assertRefused("node \"add\" (Add)", "\"x\"");
  }

  @Test
  void refusesAValueThatNothingGives() {
    graph.getNodeBuilder(1).setInput(1, "nowhere");
    assertRefused("node \"add\" (Add)", "\"nowhere\"");
  }

  @Test
  void refusesAnOutputThatNothingGives() {
    graph.getOutputBuilder(0).setName("nowhere");
    assertRefused("output \"nowhere\"");
  }

  @Test
  void refusesNoOutputs() {
    graph.clearOutput();
    assertRefused("outputs: none");
  }

  @Test
  void refusesAnInputWithoutType() {
    graph.setInput(0, ValueInfoProto.newBuilder().setName("x"));
    assertRefused("input \"x\"");
  }

  @Test
  void refusesAnInputThatIsNoTensor() {
    graph
        .getInputBuilder(0)
        .setType(TypeProto.newBuilder().setSequenceType(TypeProto.Sequence.getDefaultInstance()));
    assertRefused("input \"x\"", "a tensor");
  }

  @Test
  void refusesANegativeDeclaredDimension() {
    graph.setInput(
        0,
        ValueInfo.tensor("x", ElementType.FLOAT, Dimension.of("batch"), Dimension.of(-2)).proto());
    assertRefused("input \"x\"", "dimension -2");
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 27, 1000})
  void refusesUnknownElementTypes(int type) {
    graph.getInitializerBuilder(0).setDataType(type);
    assertRefused("initializer \"w\"", "element type: " + type);
  }

  @Test
  void refusesATensorDeclaredLargerThanItsData() {
    graph.setInitializer(
        0,
        Fixtures.tensor("w", ElementType.FLOAT, 1 << 15, 1 << 14)
            .setRawData(ByteString.copyFrom(new byte[16])));
    assertThat(model.build().getSerializedSize()).isLessThan(300);
    assertRefused("initializer \"w\"", "16 bytes", "2147483648 bytes");
  }

  @Test
  void refusesATensorWithoutAnyData() {
    graph.setInitializer(0, Fixtures.tensor("w", ElementType.FLOAT, 1 << 15, 1 << 14));
    assertRefused("initializer \"w\"", "0 values");
  }

  @Test
  void refusesMoreDataThanDeclared() {
    graph.getInitializerBuilder(0).setRawData(ByteString.copyFrom(new byte[28]));
    assertRefused("initializer \"w\"", "28 bytes", "24 bytes");
  }

  @Test
  void refusesNegativeDimensions() {
    graph.getInitializerBuilder(0).setDims(0, -2).setDims(1, -3);
    assertRefused("initializer \"w\"", "dimension -2");
  }

  @ParameterizedTest
  @ValueSource(longs = {1L << 32, 1L << 62, Long.MAX_VALUE, (1L << 33) + 1})
  void refusesDimensionsWhoseProductOverflows(long dim) {
    // (2^33 + 1)^2 and 2^32 * 2^32 wrap around to small numbers in 64 bits.
    graph.getInitializerBuilder(0).setDims(0, dim).setDims(1, dim);
    assertRefused("initializer \"w\"", "a product that fits");
  }

  @Test
  void refusesTooManyDimensions() {
    TensorProto.Builder tensor = graph.getInitializerBuilder(0).clearDims();
    for (int i = 0; i < 33; i++) {
      tensor.addDims(1);
    }
    assertRefused("initializer \"w\"", "33 dimensions");
  }

  @Test
  void refusesDataInTheFieldOfAnotherType() {
    graph.setInitializer(
        0,
        Fixtures.tensor("w", ElementType.FLOAT, 2, 3)
            .addAllInt64Data(java.util.List.of(1L, 2L, 3L, 4L, 5L, 6L)));
    assertRefused("initializer \"w\"");
  }

  @Test
  void refusesDataTwice() {
    graph.getInitializerBuilder(0).addFloatData(1);
    assertRefused("initializer \"w\"", "both raw_data and a typed field");
  }

  @Test
  void refusesExternalData() {
    graph.setInitializer(
        0,
        Fixtures.tensor("w", ElementType.FLOAT, 2, 3)
            .setDataLocation(TensorProto.DataLocation.EXTERNAL)
            .addExternalData(
                StringStringEntryProto.newBuilder().setKey("location").setValue("weights")));
    assertRefused("initializer \"w\"", "another file");
  }

  @Test
  void refusesExternalDataThatIsNotMarkedSo() {
    graph
        .getInitializerBuilder(0)
        .addExternalData(StringStringEntryProto.newBuilder().setKey("location").setValue("x"));
    assertRefused("initializer \"w\"", "another file");
  }

  @Test
  void refusesABadTensorInAnAttribute() {
    graph.addNode(
        NodeProto.newBuilder()
            .setOpType("Constant")
            .setName("hidden")
            .addOutput("c")
            .addAttribute(
                io.attune.onnx.proto.AttributeProto.newBuilder()
                    .setName("value")
                    .setType(AttributeType.TENSOR)
                    .setT(Fixtures.tensor("", ElementType.FLOAT, 1L << 40))));
    assertRefused("node \"hidden\" (Constant)", "attribute \"value\"");
  }

  @Test
  void refusesASparseIndexOutside() {
    SparseTensorProto.Builder sparse =
        SparseTensorProto.newBuilder()
            .setValues(Tensor.floats("s", new long[] {1}, 1).proto())
            .setIndices(Tensor.longs("", new long[] {1}, 100).proto())
            .addDims(10)
            .addDims(10);
    graph.addSparseInitializer(sparse);
    assertRefused("sparse initializer \"s\"", "index 100", "0..99");
    sparse.setIndices(Tensor.longs("", new long[] {1, 2}, 9, 9).proto());
    graph.setSparseInitializer(0, sparse);
    assertAccepted();
  }

  @Test
  void refusesTwoInitializersOfOneName() {
    graph.addInitializer(graph.getInitializer(0));
    assertRefused("initializer \"w\"", "twice");
  }

  @Test
  void refusesDeepNesting() {
    ModelProto.Builder deep = Fixtures.nested(9);
    model.clear().mergeFrom(deep.build());
    assertRefused("node \"top\" (If)", "at most 8");
    model.clear().mergeFrom(Fixtures.nested(8).build());
    assertAccepted();
  }

  @Test
  void refusesVeryDeepNestingBeforeParsing() {
    model.clear().mergeFrom(Fixtures.nested(60).build());
    byte[] file = model.build().toByteArray();
    assertThatThrownBy(() -> OnnxModel.parse(file))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("nesting");
  }

  @Test
  void refusesFunctionsThatCallThemselves() {
    model
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("mine").setVersion(1))
        .addFunctions(function("F", "G"))
        .addFunctions(function("G", "F"));
    assertRefused("calls itself");
  }

  @Test
  void acceptsFunctionsThatEnd() {
    model
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("mine").setVersion(1))
        .addFunctions(function("F", "G"))
        .addFunctions(function("G", "Relu"));
    graph.addNode(
        NodeProto.newBuilder().setDomain("mine").setOpType("F").addInput("y").addOutput("z"));
    assertAccepted();
  }

  @Test
  void refusesAnOperatorThatNoFunctionDefines() {
    model
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("mine").setVersion(1))
        .addFunctions(function("F", "Relu"));
    graph.addNode(
        NodeProto.newBuilder().setDomain("mine").setOpType("H").addInput("y").addOutput("z"));
    assertRefused("node #3 (H)", "domain \"mine\"");
  }

  private static FunctionProto function(String name, String calls) {
    NodeProto.Builder call = NodeProto.newBuilder().setOpType(calls).addInput("a").addOutput("b");
    if (calls.length() == 1) {
      call.setDomain("mine");
    }
    return FunctionProto.newBuilder()
        .setDomain("mine")
        .setName(name)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17))
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("mine").setVersion(1))
        .addInput("a")
        .addOutput("b")
        .addNode(call)
        .build();
  }

  @Test
  void refusesNodesWithoutOperator() {
    graph.getNodeBuilder(2).clearOpType();
    assertRefused("node \"relu\"", "no op_type");
  }

  @Test
  void refusesNodesWithoutOutputs() {
    graph.addNode(NodeProto.newBuilder().setOpType("Relu").addInput("y"));
    assertRefused("node #3 (Relu)", "no outputs");
  }

  @Test
  void refusesTooManyNodes() {
    Limits few = new Limits(Limits.MAX_BYTES, 1000, 1000, 2, 8, 32);
    assertThatThrownBy(() -> ModelChecks.check(model.build(), few))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("more than 2 nodes");
  }
}
