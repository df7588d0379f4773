package io.attune.trainer.graph;

import io.attune.onnx.OnnxModel;
import java.util.List;

/// A model with the weights of now.
///
/// @param model the same graph; what no edit names is byte for byte as it was
/// @param edits what differs, one line each
public record TunedModel(OnnxModel model, List<String> edits) {
  public TunedModel {
    edits = List.copyOf(edits);
  }
}
