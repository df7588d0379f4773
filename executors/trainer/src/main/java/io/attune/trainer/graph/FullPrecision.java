package io.attune.trainer.graph;

import io.attune.onnx.ElementType;
import io.attune.onnx.Node;
import io.attune.onnx.OnnxModel;
import io.attune.onnx.Tensor;
import io.attune.onnx.proto.AttributeProto;
import io.attune.onnx.proto.GraphProto;
import io.attune.onnx.proto.ModelProto;
import io.attune.onnx.proto.NodeProto;
import io.attune.onnx.proto.TensorProto;
import io.attune.onnx.proto.ValueInfoProto;
import io.attune.runtime.FlowException;
import java.util.ArrayList;
import java.util.List;

/// Makes a float32 model of a float16 or bfloat16 one, and refuses quantised ones.
final class FullPrecision {
  /// What the names of quantised operators begin with, of ONNX's own and of ONNX Runtime's.
  private static final List<String> QUANTISED =
      List.of(
          "Quantize",
          "Dequantize",
          "DynamicQuantize",
          "QLinear",
          "QOrdered",
          "QAttention",
          "QEmbedLayerNormalization",
          "QGemm",
          "QMoE",
          "MatMulInteger",
          "ConvInteger",
          "MulInteger",
          "ReduceSumInteger",
          "MatMulNBits",
          "MatMulBnb4",
          "MatMulFpQ4",
          "GatherBlockQuantized");

  private final List<String> edits = new ArrayList<>();

  /// What was changed, one line each; empty where the model was float32 already.
  List<String> edits() {
    return List.copyOf(edits);
  }

  /// The model in float32; the same where it is.
  OnnxModel of(OnnxModel model) {
    model.graph().nodes().forEach(FullPrecision::requireNotQuantised);
    boolean half =
        model.graph().initializers().values().stream().anyMatch(t -> isHalf(t.type().number()))
            || model.graph().nodes().stream().anyMatch(FullPrecision::makesHalf);
    if (!half) {
      return model;
    }
    ModelProto.Builder proto = model.proto().toBuilder();
    GraphProto.Builder graph = proto.getGraphBuilder();
    graph.getInitializerBuilderList().forEach(this::widen);
    graph.getNodeBuilderList().forEach(this::widen);
    graph.getInputBuilderList().forEach(FullPrecision::widen);
    graph.getOutputBuilderList().forEach(FullPrecision::widen);
    graph.getValueInfoBuilderList().forEach(FullPrecision::widen);
    edits.add("declare values float32");
    return OnnxModel.of(proto.build());
  }

  private static void requireNotQuantised(Node node) {
    if (QUANTISED.stream().anyMatch(node.opType()::startsWith)) {
      throw FlowException.invalid(
          "%s: the graph is quantised (expected: the fp32 master it was made of)".formatted(node));
    }
  }

  private static boolean makesHalf(Node node) {
    if (node.is("Cast")) {
      return isHalf((int) node.longAttribute("to", 0));
    }
    return node.is("Constant")
        && node.tensorAttribute("value").filter(t -> isHalf(t.type().number())).isPresent();
  }

  private static boolean isHalf(int type) {
    return type == ElementType.FLOAT16.number() || type == ElementType.BFLOAT16.number();
  }

  private void widen(TensorProto.Builder tensor) {
    if (isHalf(tensor.getDataType())) {
      TensorProto half = tensor.build();
      OnnxModel holder =
          OnnxModel.of(
              ModelProto.newBuilder()
                  .setGraph(GraphProto.newBuilder().addInitializer(half))
                  .build());
      Tensor read = holder.graph().initializer(half.getName());
      tensor.clear().mergeFrom(Tensor.floats(half.getName(), read.dims(), read.toFloats()).proto());
      edits.add("widen " + read + " to float");
    }
  }

  private void widen(NodeProto.Builder node) {
    for (AttributeProto.Builder attribute : node.getAttributeBuilderList()) {
      boolean type = attribute.getName().equals("to") || attribute.getName().equals("dtype");
      if (type && isHalf((int) attribute.getI())) {
        attribute.setI(ElementType.FLOAT.number());
        edits.add(node.getOpType() + " -> " + node.getOutput(0) + " gives float");
      }
      if (attribute.hasT()) {
        widen(attribute.getTBuilder());
      }
    }
  }

  private static void widen(ValueInfoProto.Builder value) {
    if (value.getType().hasTensorType() && isHalf(value.getType().getTensorType().getElemType())) {
      value.getTypeBuilder().getTensorTypeBuilder().setElemType(ElementType.FLOAT.number());
    }
  }
}
