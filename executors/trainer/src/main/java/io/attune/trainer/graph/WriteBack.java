package io.attune.trainer.graph;

import io.attune.onnx.ModelEdit;
import io.attune.onnx.Node;
import io.attune.onnx.OnnxModel;
import io.attune.onnx.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/// Puts weights back where they came from: into initialisers and `Constant` nodes. A weight of
/// which no bit has changed stays as it is in the file.
final class WriteBack {
  private final OnnxModel model;
  private final Constants constants;

  WriteBack(OnnxModel model, Constants constants) {
    this.model = model;
    this.constants = constants;
  }

  /// The model with the weights of these parameters.
  ///
  /// @param before what was changed already, to list
  TunedModel of(Collection<Parameter> parameters, List<String> before) {
    ModelEdit edit = model.edit();
    Map<String, Tensor> initializers = model.graph().initializers();
    for (Parameter parameter : parameters) {
      Tensor stored = constants.of(parameter.storedName()).orElseThrow();
      float[] values = parameter.array().toFloatArray();
      if (sameBits(stored.toFloats(), values)) {
        continue;
      }
      Tensor tuned = stored.withFloats(values);
      if (initializers.containsKey(parameter.storedName())) {
        edit.replaceInitializer(tuned);
      } else {
        replaceConstant(edit, parameter.storedName(), tuned);
      }
    }
    List<String> edits = new ArrayList<>(before);
    edits.addAll(edit.edits());
    return new TunedModel(edits.isEmpty() ? model : edit.build(), edits);
  }

  private void replaceConstant(ModelEdit edit, String value, Tensor tuned) {
    Node constant = model.graph().producer(value).orElseThrow();
    edit.replaceNode(
        constant.index(),
        Node.op("Constant")
            .name(constant.name())
            .outputs(constant.output(0))
            .attribute("value", tuned.named(""))
            .build());
  }

  private static boolean sameBits(float[] a, float... b) {
    for (int i = 0; i < a.length; i++) {
      if (Float.floatToRawIntBits(a[i]) != Float.floatToRawIntBits(b[i])) {
        return false;
      }
    }
    return a.length == b.length;
  }
}
