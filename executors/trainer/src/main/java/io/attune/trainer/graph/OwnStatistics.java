package io.attune.trainer.graph;

import io.attune.onnx.ModelEdit;
import io.attune.onnx.Node;
import io.attune.onnx.OnnxModel;
import io.attune.onnx.Tensor;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Gives running statistics of batch normalisation tensors of their own.
///
/// An exporter writes tensors of equal values once, and of a layer that was never trained the scale
/// and the running variance are all ones, the shift and the running mean all zeros. Training would
/// move one with the other.
final class OwnStatistics {
  private static final int MEAN = 3;
  private static final int VARIANCE = 4;

  private List<String> edits = List.of();

  /// What was changed, one line each; empty where nothing was shared.
  List<String> edits() {
    return edits;
  }

  /// The model whose statistics are nobody else's; the same where they are.
  OnnxModel of(OnnxModel model) {
    ModelEdit edit = model.edit();
    Set<String> taken = new HashSet<>();
    for (Node node : model.graph().nodes()) {
      for (int position = 0; position < node.inputs().size(); position++) {
        if (!isStatistic(node, position)) {
          taken.add(node.input(position));
        }
      }
    }
    for (Node node : model.graph().nodes()) {
      for (int position : new int[] {MEAN, VARIANCE}) {
        if (isStatistic(node, position) && !taken.add(node.input(position))) {
          separate(model, edit, node, position);
        }
      }
    }
    edits = edit.edits();
    return edits.isEmpty() ? model : edit.build();
  }

  private static boolean isStatistic(Node node, int position) {
    return node.is("BatchNormalization")
        && (position == MEAN || position == VARIANCE)
        && position < node.inputs().size();
  }

  private static void separate(OnnxModel model, ModelEdit edit, Node node, int position) {
    Tensor shared = model.graph().initializers().get(node.input(position));
    if (shared != null) {
      String wish = shared.name() + (position == MEAN ? ".running_mean" : ".running_var");
      String name = edit.freshName(wish);
      edit.addInitializer(shared.named(name));
      edit.replaceInput(node.index(), position, name);
    }
  }
}
