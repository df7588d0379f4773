package io.attune.trainer.architecture;

import io.attune.onnx.Dimension;
import io.attune.onnx.ElementType;
import io.attune.onnx.Node;
import io.attune.onnx.NodeBuilder;
import io.attune.onnx.OnnxModel;
import io.attune.onnx.Tensor;
import io.attune.onnx.ValueInfo;
import io.attune.onnx.proto.GraphProto;
import io.attune.onnx.proto.ModelProto;
import io.attune.onnx.proto.OperatorSetIdProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// A graph being written, opset 17, whose weights are drawn as they are added: the i-th weight from
/// the i-th stream of the seed.
final class GraphDraft {
  static final String OUTPUT = "embedding";

  /// The opset of PyTorch's TorchScript exporter at its default.
  private static final long OPSET = 17;

  /// The file format of that opset.
  private static final long IR_VERSION = 8;

  private final GraphProto.Builder graph = GraphProto.newBuilder();
  private final long seed;
  private int drawn;

  GraphDraft(String name, long seed) {
    graph.setName(name);
    this.seed = seed;
  }

  void input(String name, ElementType type, Dimension... shape) {
    graph.addInput(ValueInfo.tensor(name, type, shape).proto());
  }

  void constant(Tensor tensor) {
    graph.addInitializer(tensor.proto());
  }

  /// A weight from N(0, 1).
  void normal(String name, long... dims) {
    Draw draw = new Draw(seed, drawn++);
    weight(name, dims, draw::normal);
  }

  /// A weight uniform in ±bound.
  void uniform(String name, double bound, long... dims) {
    Draw draw = new Draw(seed, drawn++);
    weight(name, dims, () -> draw.uniform(bound));
  }

  /// `x · weightᵀ + bias`, the weight `[out, in]`.
  String linear(String name, String value, int in, int out, String output) {
    double bound = 1 / Math.sqrt(in);
    uniform(name + ".weight", bound, out, in);
    uniform(name + ".bias", bound, out);
    NodeBuilder gemm =
        Node.op("Gemm").inputs(value, name + ".weight", name + ".bias").attribute("transB", 1);
    return add(output, gemm);
  }

  /// Adds a node with one output; gives the output's name.
  String add(String output, NodeBuilder node) {
    add(node.name(output).outputs(output));
    return output;
  }

  void add(NodeBuilder node) {
    graph.addNode(node.build().proto());
  }

  OnnxModel model(int dimension) {
    graph.addOutput(
        ValueInfo.tensor(OUTPUT, ElementType.FLOAT, Dimension.of("batch"), Dimension.of(dimension))
            .proto());
    return OnnxModel.of(
            ModelProto.newBuilder()
                .setIrVersion(IR_VERSION)
                .setProducerName("attune")
                .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(OPSET))
                .setGraph(graph)
                .build())
        .check();
  }

  private void weight(String name, long[] dims, Values values) {
    int count = 1;
    for (long dim : dims) {
      count = Math.toIntExact(count * dim);
    }
    ByteBuffer bytes = ByteBuffer.allocate(count * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      bytes.putFloat(values.next());
    }
    graph.addInitializer(Tensor.raw(name, ElementType.FLOAT, dims, bytes.flip()).proto());
  }

  /// Where the values of a weight come from.
  private interface Values {
    float next();
  }
}
