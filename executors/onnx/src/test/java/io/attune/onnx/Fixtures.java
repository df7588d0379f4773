package io.attune.onnx;

import io.attune.onnx.proto.AttributeProto;
import io.attune.onnx.proto.AttributeProto.AttributeType;
import io.attune.onnx.proto.GraphProto;
import io.attune.onnx.proto.ModelProto;
import io.attune.onnx.proto.NodeProto;
import io.attune.onnx.proto.OperatorSetIdProto;
import io.attune.onnx.proto.TensorProto;

/// Small models built in code.
final class Fixtures {
  private Fixtures() {}

  /// `y = relu(x · w + b)`, opset 17, with nothing wrong.
  static ModelProto.Builder linear() {
    GraphProto.Builder graph =
        GraphProto.newBuilder()
            .setName("linear")
            .addInput(
                ValueInfo.tensor("x", ElementType.FLOAT, Dimension.of("batch"), Dimension.of(2))
                    .proto())
            .addOutput(
                ValueInfo.tensor("y", ElementType.FLOAT, Dimension.of("batch"), Dimension.of(3))
                    .proto())
            .addInitializer(Tensor.floats("w", new long[] {2, 3}, 1, 2, 3, 4, 5, 6).proto())
            .addInitializer(Tensor.floats("b", new long[] {3}, .1f, .2f, .3f).proto())
            .addNode(node("MatMul", "multiply", new String[] {"x", "w"}, "product"))
            .addNode(node("Add", "add", new String[] {"product", "b"}, "sum"))
            .addNode(node("Relu", "relu", new String[] {"sum"}, "y"));
    return model(graph);
  }

  static ModelProto.Builder model(GraphProto.Builder graph) {
    return ModelProto.newBuilder()
        .setIrVersion(8)
        .setProducerName("test")
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17))
        .setGraph(graph);
  }

  static NodeProto node(String op, String name, String[] inputs, String... outputs) {
    return Node.op(op).name(name).inputs(inputs).outputs(outputs).build().proto();
  }

  static AttributeProto.Builder graphAttribute(String name, GraphProto.Builder graph) {
    return AttributeProto.newBuilder().setName(name).setType(AttributeType.GRAPH).setG(graph);
  }

  /// A graph of one `Constant` that gives `name`.
  static GraphProto.Builder constantGraph(String name) {
    Node constant =
        Node.op("Constant")
            .outputs(name)
            .attribute("value", Tensor.floats("", new long[0], 1))
            .build();
    return GraphProto.newBuilder()
        .setName("branch")
        .addNode(constant.proto())
        .addOutput(ValueInfo.tensor(name, ElementType.FLOAT).proto());
  }

  /// The linear model with `If` nodes inside each other, the given number of graphs deep.
  static ModelProto.Builder nested(int depth) {
    GraphProto.Builder inner = constantGraph("v" + depth);
    for (int level = depth - 1; level > 1; level--) {
      inner =
          GraphProto.newBuilder()
              .setName("branch")
              .addNode(ifNode("if" + level, inner, constantGraph("e" + level), "v" + level))
              .addOutput(ValueInfo.tensor("v" + level, ElementType.FLOAT).proto());
    }
    ModelProto.Builder model = linear();
    model
        .getGraphBuilder()
        .addInput(ValueInfo.tensor("condition", ElementType.BOOL).proto())
        .addNode(ifNode("top", inner, constantGraph("e1"), "v1"));
    return model;
  }

  static NodeProto ifNode(
      String name, GraphProto.Builder then, GraphProto.Builder otherwise, String output) {
    return NodeProto.newBuilder()
        .setOpType("If")
        .setName(name)
        .addInput("condition")
        .addOutput(output)
        .addAttribute(graphAttribute("then_branch", then))
        .addAttribute(graphAttribute("else_branch", otherwise))
        .build();
  }

  static TensorProto.Builder tensor(String name, ElementType type, long... dims) {
    TensorProto.Builder tensor = TensorProto.newBuilder().setName(name).setDataType(type.number());
    for (long dim : dims) {
      tensor.addDims(dim);
    }
    return tensor;
  }
}
