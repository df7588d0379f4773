package io.attune.trainer.graph;

import io.attune.onnx.ElementType;
import io.attune.onnx.Node;
import io.attune.onnx.OnnxModel;
import io.attune.onnx.Tensor;
import io.attune.onnx.proto.GraphProto;
import io.attune.onnx.proto.ModelProto;
import io.attune.onnx.proto.NodeProto;
import java.util.ArrayList;
import java.util.List;

/// Makes a graph that was exported as it trains one that can be served: what `training_mode` turns
/// on in each run, dropout and the statistics of the batch, is left to the trainer.
final class ServedForm {
  private static final String TRAINING_MODE = "training_mode";
  private static final int MODE = 2;

  private final List<String> edits = new ArrayList<>();

  /// What was changed, one line each; empty where the model could be served already.
  List<String> edits() {
    return List.copyOf(edits);
  }

  /// The model as it is served; the same where it is.
  OnnxModel of(OnnxModel model) {
    Constants constants = new Constants(model.graph());
    ModelProto.Builder proto = model.proto().toBuilder();
    GraphProto.Builder graph = proto.getGraphBuilder();
    for (Node node : model.graph().nodes()) {
      NodeProto.Builder builder = graph.getNodeBuilder(node.index());
      if (node.is("Dropout") && isTrue(constants, node.input(MODE))) {
        List<String> inputs = node.inputs().subList(0, MODE);
        builder.clearInput().addAllInput(inputs);
        edits.add(node + ": no training_mode");
      }
      if (node.is("BatchNormalization") && trains(model, node)) {
        builder.clearOutput().addOutput(node.output(0));
        builder.getAttributeBuilderList().stream()
            .filter(attribute -> attribute.getName().equals(TRAINING_MODE))
            .forEach(attribute -> attribute.setI(0));
        edits.add(node + ": by its running statistics");
      }
    }
    return edits.isEmpty() ? model : OnnxModel.of(proto.build());
  }

  private static boolean isTrue(Constants constants, String name) {
    return constants
        .of(name)
        .filter(tensor -> tensor.type() == ElementType.BOOL && tensor.elements() == 1)
        .map(Tensor::toLongs)
        .filter(values -> values[0] != 0)
        .isPresent();
  }

  /// Whether it normalises by the batch: by its attribute, before opset 14 by its outputs. One
  /// whose statistics another node reads stays as it is.
  private static boolean trains(OnnxModel model, Node node) {
    boolean on = node.longAttribute(TRAINING_MODE, 0) != 0 || node.outputs().size() > 1;
    return on
        && node.outputs().stream()
            .skip(1)
            .allMatch(output ->
                model.graph().consumers(output).isEmpty()
                    && model.graph().output(output).isEmpty());
  }
}
