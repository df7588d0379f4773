package io.attune.cli.models;

import io.attune.cli.TextTable;
import io.attune.onnx.OnnxModel;
import io.attune.trainer.graph.DifferentiableGraph;
import io.attune.trainer.graph.GraphSummary;
import io.attune.trainer.graph.GraphSummary.Layer;
import io.attune.trainer.graph.TorchEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The layers of a graph for people and for programs.
final class ModelLayers {
  private ModelLayers() {}

  /// The layers of a graph's file.
  ///
  /// @param freeze patterns of what is not trained
  /// @throws io.attune.runtime.FlowException where it cannot be trained, or a pattern matches
  ///   nothing
  static GraphSummary of(Path file, List<String> freeze) throws IOException {
    TorchEngine.start(1);
    try (DifferentiableGraph graph = DifferentiableGraph.load(OnnxModel.read(file).check())) {
      graph.freeze(freeze);
      return graph.summary();
    }
  }

  static List<String> lines(GraphSummary summary) {
    TextTable table = new TextTable("layer", "kind", "output shape", "parameters", "trained");
    for (Layer layer : summary.layers()) {
      table.row(
          layer.name(),
          layer.kind(),
          "(" + String.join(", ", layer.outputShape()) + ")",
          "%,d".formatted(layer.parameters()),
          trained(layer.parameters(), layer.trainable()));
    }
    List<String> lines = new ArrayList<>(table.lines());
    lines.add("");
    lines.add(
        "%,d parameters, %,d trainable, %,d frozen"
            .formatted(
                summary.parameters(),
                summary.trainable(),
                summary.parameters() - summary.trainable()));
    return lines;
  }

  private static String trained(long parameters, long trainable) {
    return trainable == 0
        ? "frozen"
        : trainable == parameters ? "trainable" : "%,d of them".formatted(trainable);
  }

  /// Null for a graph whose layers are not known.
  static Map<String, @Nullable Object> json(@Nullable GraphSummary summary) {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("parameters", summary == null ? null : summary.parameters());
    json.put("trainable", summary == null ? null : summary.trainable());
    json.put(
        "layers",
        summary == null ? null : summary.layers().stream().map(ModelLayers::json).toList());
    return json;
  }

  private static Map<String, Object> json(Layer layer) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", layer.name());
    json.put("kind", layer.kind());
    json.put("output_shape", layer.outputShape());
    json.put("parameters", layer.parameters());
    json.put("trainable", layer.trainable());
    return json;
  }
}
