package io.attune.trainer.graph;

import io.attune.onnx.Dimension;
import io.attune.onnx.OnnxModel;
import io.attune.onnx.Tensor;
import io.attune.onnx.ValueInfo;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// A graph that one of PyTorch's exporters wrote, with what PyTorch gives for it (made by
/// `exported_graphs.py`).
///
/// @param label model, exporter, attention and opset, such as `bert-dynamo-sdpa-18`
/// @param cases what PyTorch gives, for the inputs that the graph takes
record ExportedGraph(String label, OnnxModel model, List<Case> cases) {
  /// PyTorch's answer to one batch.
  ///
  /// @param inputs by their names
  /// @param direction the loss is `sum(embedding * direction)`
  /// @param gradients of the loss, by PyTorch's names of the parameters
  record Case(
      List<Tensor> inputs, Tensor embedding, Tensor direction, Map<String, Tensor> gradients) {}

  /// All graphs there are.
  static Stream<ExportedGraph> all() throws IOException, URISyntaxException {
    Path folder =
        Path.of(Objects.requireNonNull(ExportedGraph.class.getResource("exported")).toURI());
    List<ExportedGraph> graphs = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".onnx.gz")).sorted().toList()) {
        graphs.add(read(file));
      }
    }
    return graphs.stream();
  }

  private static ExportedGraph read(Path file) throws IOException {
    String label = file.getFileName().toString().replace(".onnx.gz", "");
    try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
      OnnxModel model = OnnxModel.parse(in.readAllBytes()).check();
      Path goldens = file.resolveSibling(label.substring(0, label.indexOf('-')) + ".json");
      List<Case> cases = new ArrayList<>();
      for (JsonNode golden : new ObjectMapper().readTree(Files.readAllBytes(goldens))) {
        Case one = golden(golden);
        if (takes(model, one.inputs)) {
          cases.add(one);
        }
      }
      return new ExportedGraph(label, model, cases);
    }
  }

  private static Case golden(JsonNode golden) {
    List<Tensor> inputs = new ArrayList<>();
    golden
        .get("inputs")
        .properties()
        .forEach(input -> inputs.add(input(input.getKey(), input.getValue())));
    long[] shape = dims(golden.get("shape"));
    Map<String, Tensor> gradients = new LinkedHashMap<>();
    golden
        .get("gradients")
        .properties()
        .forEach(gradient ->
            gradients.put(
                gradient.getKey(),
                floats(
                    gradient.getKey(),
                    dims(gradient.getValue().get("shape")),
                    gradient.getValue().get("values"))));
    return new Case(
        inputs,
        floats("embedding", shape, golden.get("embedding")),
        floats("direction", shape, golden.get("direction")),
        gradients);
  }

  private static Tensor input(String name, JsonNode input) {
    long[] shape = dims(input.get("shape"));
    return name.equals("image")
        ? floats(name, shape, input.get("values"))
        : Tensor.longs(name, shape, dims(input.get("values")));
  }

  private static Tensor floats(String name, long[] shape, JsonNode list) {
    float[] values = new float[list.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = list.get(i).floatValue();
    }
    return Tensor.floats(name, shape, values);
  }

  private static long[] dims(JsonNode list) {
    long[] values = new long[list.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = list.get(i).asLong();
    }
    return values;
  }

  /// Whether every dimension that the graph fixes is the input's.
  private static boolean takes(OnnxModel model, List<Tensor> inputs) {
    for (Tensor input : inputs) {
      ValueInfo declared = model.graph().input(input.name()).orElseThrow();
      List<Dimension> shape = declared.shape().orElseThrow();
      for (int i = 0; i < shape.size(); i++) {
        if (shape.get(i) instanceof Dimension.Fixed(long size) && size != input.dims()[i]) {
          return false;
        }
      }
    }
    return true;
  }

  @Override
  public String toString() {
    return label;
  }
}
