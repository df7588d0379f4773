package io.attune.trainer.graph;

import io.attune.onnx.Node;
import java.util.Optional;

/// Scaled dot-product attention (Vaswani et al., 2017).
final class AttentionFusion implements Fusion {
  @Override
  public Optional<Fused> endingAt(Node last, GraphView view) {
    return Optional.empty();
  }
}
