package io.attune.trainer.graph;

import io.attune.onnx.ElementType;
import io.attune.onnx.Graph;
import io.attune.onnx.Node;
import io.attune.onnx.Tensor;
import io.attune.runtime.FlowException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The constant values of a graph by name: initialisers and `Constant` nodes alike.
final class Constants {
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();

  Constants(Graph graph) {
    tensors.putAll(graph.initializers());
    for (Node node : graph.nodes()) {
      if (node.is("Constant")) {
        tensors.put(node.output(0), constant(node).named(node.output(0)));
      }
    }
  }

  private static Tensor constant(Node node) {
    String attribute = node.attributes().isEmpty() ? "" : node.attributes().getFirst();
    return switch (attribute) {
      case "value" -> node.tensorAttribute("value").orElseThrow();
      case "value_float" -> Tensor.floats("", new long[0], node.floatAttribute("value_float", 0));
      case "value_int" -> Tensor.longs("", new long[0], node.longAttribute("value_int", 0));
      case "value_floats" -> {
        float[] values = node.floatsAttribute("value_floats").orElseThrow();
        yield Tensor.floats("", new long[] {values.length}, values);
      }
      case "value_ints" -> {
        long[] values = node.longsAttribute("value_ints").orElseThrow();
        yield Tensor.longs("", new long[] {values.length}, values);
      }
      default ->
          throw FlowException.invalid(
              "%s: attribute \"%s\" (expected: value, value_float, value_int, value_floats or"
                      .formatted(node, attribute)
                  + " value_ints)");
    };
  }

  boolean has(String name) {
    return tensors.containsKey(name);
  }

  Optional<Tensor> of(String name) {
    return Optional.ofNullable(tensors.get(name));
  }

  Map<String, Tensor> all() {
    return tensors;
  }

  /// The one number of a constant of floats, where it is one.
  Optional<Float> number(String name) {
    @Nullable Tensor tensor = tensors.get(name);
    if (tensor == null || !tensor.type().floating() || tensor.elements() != 1) {
      return Optional.empty();
    }
    return Optional.of(tensor.toFloats()[0]);
  }

  /// Whether a name is a constant of floats with a number of dimensions.
  boolean isFloat(String name, int rank) {
    @Nullable Tensor tensor = tensors.get(name);
    return tensor != null && tensor.type() == ElementType.FLOAT && tensor.dims().length == rank;
  }
}
