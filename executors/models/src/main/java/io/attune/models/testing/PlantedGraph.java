package io.attune.models.testing;

import io.attune.onnx.Dimension;
import io.attune.onnx.ElementType;
import io.attune.onnx.Node;
import io.attune.onnx.OnnxModel;
import io.attune.onnx.Tensor;
import io.attune.onnx.ValueInfo;
import io.attune.onnx.proto.AttributeProto;
import io.attune.onnx.proto.AttributeProto.AttributeType;
import io.attune.onnx.proto.GraphProto;
import io.attune.onnx.proto.ModelProto;
import io.attune.onnx.proto.NodeProto;
import io.attune.onnx.proto.OperatorSetIdProto;

/// The graph of a planted model: the sum of its words' vectors, of length 1.
final class PlantedGraph {
  private static final int SLOW_SIZE = 256;
  private static final int SLOW_PRODUCTS = 96;

  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("planted");
  private String result = "unit";

  /// @param table a vector for each word, row after row
  /// @param words how many
  /// @param dimension the length of a vector
  PlantedGraph(float[] table, int words, int dimension) {
    Dimension batch = Dimension.of("batch");
    for (String input : new String[] {"input_ids", "attention_mask"}) {
      graph.addInput(
          ValueInfo.tensor(input, ElementType.INT64, batch, Dimension.of("sequence")).proto());
    }
    graph.addOutput(
        ValueInfo.tensor("embedding", ElementType.FLOAT, batch, Dimension.of(dimension)).proto());
    graph.addInitializer(Tensor.floats("table", new long[] {words, dimension}, table).proto());
    longs("last_axis", 2);
    longs("tokens_axis", 1);
    graph.addInitializer(Tensor.floats("tiny", new long[0], 1e-12f).proto());
    op("Gather", "vectors", "table", "input_ids");
    cast("attention_mask", "mask");
    op("Unsqueeze", "mask_column", "mask", "last_axis");
    op("Mul", "masked", "vectors", "mask_column");
    graph.addNode(
        Node.op("ReduceSum")
            .name("make_sum")
            .inputs("masked", "tokens_axis")
            .outputs("sum")
            .attribute("keepdims", 0)
            .build()
            .proto());
    graph.addNode(
        Node.op("ReduceL2")
            .name("make_length")
            .inputs("sum")
            .outputs("length")
            .attribute("axes", new long[] {1})
            .attribute("keepdims", 1)
            .build()
            .proto());
    op("Max", "divisor", "length", "tiny");
    op("Div", "unit", "sum", "divisor");
  }

  /// Divides the least whole number by -1, of which no processor has the result, and adds it. Of
  /// constants, so that it is computed when the graph is loaded.
  PlantedGraph crashing() {
    longs("least", Long.MIN_VALUE);
    longs("minus_one", -1);
    op("Div", "quotient", "least", "minus_one");
    cast("quotient", "quotient_float");
    return adding("quotient_float");
  }

  /// Multiplies large matrices, and adds the zero that comes of it.
  PlantedGraph slow() {
    float[] nothing = new float[SLOW_SIZE * SLOW_SIZE];
    graph.addInitializer(
        Tensor.floats("matrix", new long[] {SLOW_SIZE, SLOW_SIZE}, nothing).proto());
    reduced("ReduceMax", "largest", "length");
    op("Mul", "product0", "matrix", "largest");
    for (int i = 0; i < SLOW_PRODUCTS; i++) {
      op("MatMul", "product" + (i + 1), "product" + i, "matrix");
    }
    reduced("ReduceSum", "total", "product" + SLOW_PRODUCTS);
    return adding("total");
  }

  /// Loops 2^62 times.
  PlantedGraph endless() {
    GraphProto body =
        GraphProto.newBuilder()
            .setName("body")
            .addInput(ValueInfo.tensor("iteration", ElementType.INT64).proto())
            .addInput(ValueInfo.tensor("go", ElementType.BOOL).proto())
            .addInput(ValueInfo.tensor("in", ElementType.FLOAT).proto())
            .addNode(node("Identity", "still_go", "go"))
            .addNode(node("Neg", "out", "in"))
            .addOutput(ValueInfo.tensor("still_go", ElementType.BOOL).proto())
            .addOutput(ValueInfo.tensor("out", ElementType.FLOAT).proto())
            .build();
    AttributeProto attribute =
        AttributeProto.newBuilder().setName("body").setType(AttributeType.GRAPH).setG(body).build();
    graph.addInitializer(Tensor.longs("times", new long[0], 1L << 62).proto());
    graph.addNode(
        NodeProto.newBuilder()
            .setOpType("Loop")
            .setName("make_looped")
            .addInput("times")
            .addInput("")
            .addInput(result)
            .addOutput("looped")
            .addAttribute(attribute));
    result = "looped";
    return this;
  }

  byte[] bytes() {
    op("Identity", "embedding", result);
    ModelProto.Builder model =
        ModelProto.newBuilder()
            .setIrVersion(8)
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17))
            .setGraph(graph);
    return OnnxModel.of(model.build()).bytes();
  }

  private PlantedGraph adding(String value) {
    op("Add", "with_" + value, result, value);
    result = "with_" + value;
    return this;
  }

  private void longs(String name, long value) {
    graph.addInitializer(Tensor.longs(name, new long[] {1}, value).proto());
  }

  private void cast(String input, String output) {
    graph.addNode(
        Node.op("Cast")
            .name("make_" + output)
            .inputs(input)
            .outputs(output)
            .attribute("to", ElementType.FLOAT.number())
            .build()
            .proto());
  }

  private void reduced(String op, String output, String input) {
    graph.addNode(
        Node.op(op)
            .name("make_" + output)
            .inputs(input)
            .outputs(output)
            .attribute("keepdims", 0)
            .build()
            .proto());
  }

  private void op(String op, String output, String... inputs) {
    graph.addNode(node(op, output, inputs));
  }

  private static NodeProto node(String op, String output, String... inputs) {
    return Node.op(op).name("make_" + output).inputs(inputs).outputs(output).build().proto();
  }
}
