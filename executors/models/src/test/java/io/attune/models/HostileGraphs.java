package io.attune.models;

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
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;

/// Graphs that pass every check of the file and misbehave when they run. Each maps `input_ids` to
/// `embedding [batch, 1]`, the largest id.
final class HostileGraphs {
  private HostileGraphs() {}

  /// One that behaves.
  static GraphProto.Builder fine() {
    return base().addNode(op("Identity", "largest", Artifact.OUTPUT));
  }

  /// One that loops 2^62 times.
  static GraphProto.Builder endless() {
    GraphProto.Builder body =
        GraphProto.newBuilder()
            .setName("body")
            .addInput(ValueInfo.tensor("iteration", ElementType.INT64).proto())
            .addInput(ValueInfo.tensor("go", ElementType.BOOL).proto())
            .addInput(ValueInfo.tensor("in", ElementType.FLOAT).proto())
            .addNode(op("Identity", "go", "still_go"))
            .addNode(Node.op("Neg").name("negate").inputs("in").outputs("out").build().proto())
            .addOutput(ValueInfo.tensor("still_go", ElementType.BOOL).proto())
            .addOutput(ValueInfo.tensor("out", ElementType.FLOAT).proto());
    AttributeProto attribute =
        AttributeProto.newBuilder().setName("body").setType(AttributeType.GRAPH).setG(body).build();
    NodeProto loop =
        NodeProto.newBuilder()
            .setOpType("Loop")
            .setName("loop")
            .addInput("times")
            .addInput("")
            .addInput("largest")
            .addOutput(Artifact.OUTPUT)
            .addAttribute(attribute)
            .build();
    return base()
        .addInitializer(Tensor.longs("times", new long[0], 1L << 62).proto())
        .addNode(loop);
  }

  /// One that fills some memory.
  static GraphProto.Builder greedy(long floats) {
    return base()
        .addNode(op("Shape", "input_ids", "shape"))
        .addInitializer(Tensor.longs("nothing", new long[] {2}, 0, 0).proto())
        .addInitializer(Tensor.longs("size", new long[] {1}, floats).proto())
        .addNode(op("Mul", "shape", "none", "nothing"))
        .addNode(reduced("ReduceSum", "none_summed", "none"))
        .addNode(op("Add", "none_summed", "asked", "size"))
        .addNode(op("ConstantOfShape", "asked", "zeros"))
        .addNode(reduced("ReduceMean", "zero", "zeros"))
        .addNode(op("Add", "largest", Artifact.OUTPUT, "zero"));
  }

  /// One that divides by zero, to infinity.
  static GraphProto.Builder infinite() {
    return base()
        .addNode(op("Sub", "largest", "zero", "largest"))
        .addNode(op("Div", "largest", Artifact.OUTPUT, "zero"));
  }

  /// One whose result depends on the padding: the number of tokens, padding included.
  static GraphProto.Builder readsPadding() {
    return base()
        .addNode(op("Shape", "input_ids", "shape"))
        .addNode(
            Node.op("Cast")
                .name("shape_floats")
                .inputs("shape")
                .outputs("shape_floats")
                .attribute("to", 1)
                .build()
                .proto())
        .addNode(reduced("ReduceMax", "longest", "shape_floats"))
        .addNode(op("Mul", "longest", "longest_by_zero", "zero"))
        .addInitializer(Tensor.floats("zero", new long[0], 1).proto())
        .addNode(op("Add", "largest", "both", "longest_by_zero"))
        .addNode(op("Sub", "both", Artifact.OUTPUT, "largest"));
  }

  /// One over a tensor `x [batch, 2]`, which it doubles.
  static GraphProto.Builder doubled() {
    Dimension batch = Dimension.of("batch");
    return GraphProto.newBuilder()
        .setName("doubled")
        .addInput(ValueInfo.tensor("x", ElementType.FLOAT, batch, Dimension.of(2)).proto())
        .addOutput(
            ValueInfo.tensor(Artifact.OUTPUT, ElementType.FLOAT, batch, Dimension.of(2)).proto())
        .addNode(op("Add", "x", Artifact.OUTPUT, "x"));
  }

  /// Writes a graph as a model.
  static Path write(Path file, GraphProto.Builder graph) {
    ModelProto.Builder model =
        ModelProto.newBuilder()
            .setIrVersion(8)
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17))
            .setGraph(graph);
    try {
      return Files.write(file, OnnxModel.of(model.build()).bytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static GraphProto.Builder base() {
    Dimension batch = Dimension.of("batch");
    NodeProto cast =
        Node.op("Cast")
            .name("floats")
            .inputs("input_ids")
            .outputs("floats")
            .attribute("to", 1)
            .build()
            .proto();
    NodeProto largest =
        Node.op("ReduceMax")
            .name("reduce_largest")
            .inputs("floats")
            .outputs("largest")
            .attribute("axes", new long[] {1})
            .attribute("keepdims", 1)
            .build()
            .proto();
    return GraphProto.newBuilder()
        .setName("hostile")
        .addInput(
            ValueInfo.tensor("input_ids", ElementType.INT64, batch, Dimension.of("sequence"))
                .proto())
        .addOutput(
            ValueInfo.tensor(Artifact.OUTPUT, ElementType.FLOAT, batch, Dimension.of(1)).proto())
        .addNode(cast)
        .addNode(largest);
  }

  private static NodeProto reduced(String op, String output, String input) {
    return Node.op(op)
        .name("reduce_" + output)
        .inputs(input)
        .outputs(output)
        .attribute("keepdims", op.equals("ReduceSum") ? 1 : 0)
        .build()
        .proto();
  }

  private static NodeProto op(String op, String input, String output, String... more) {
    return Node.op(op)
        .name("make_" + output)
        .inputs(Stream.concat(Stream.of(input), Arrays.stream(more)).toArray(String[]::new))
        .outputs(output)
        .build()
        .proto();
  }
}
