package io.attune.trainer.graph;

import io.attune.onnx.Graph;
import io.attune.onnx.Node;
import io.attune.onnx.Tensor;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Decides by role which constants of a graph are learned, and what they are called.
final class ParameterNames {
  private final Constants constants;
  private final Set<String> taken = new HashSet<>();

  ParameterNames(Constants constants) {
    this.constants = constants;
  }

  /// A learned constant.
  ///
  /// @param storedName its name in the file
  /// @param publicName the name that people know it by
  record Found(String storedName, String publicName, Role role) {}

  /// The learned constants of nodes, each once, in the order of their first use.
  List<Found> in(Graph graph, List<Node> nodes) {
    Map<String, Found> found = new LinkedHashMap<>();
    for (Node node : nodes) {
      for (int position = 0; position < node.inputs().size(); position++) {
        String value = node.input(position);
        for (Tensor tensor : learned(graph, value)) {
          Optional<Role> role =
              found.containsKey(tensor.name()) ? Optional.empty() : Role.of(node, position, tensor);
          role.ifPresent(
              r -> found.put(tensor.name(), new Found(tensor.name(), name(tensor, node, r), r)));
        }
      }
    }
    return List.copyOf(found.values());
  }

  /// The constants of floats behind a value: itself, or what was only rearranged into it.
  private List<Tensor> learned(Graph graph, String value) {
    Optional<Tensor> constant = constants.of(value);
    if (constant.isPresent()) {
      Tensor tensor = constant.get();
      return tensor.type().floating() ? List.of(tensor) : List.of();
    }
    Optional<Node> producer = graph.producer(value).filter(Role::passesOn);
    return producer.isEmpty()
        ? List.of()
        : producer.get().inputs().stream()
            .filter(input -> !input.isEmpty())
            .flatMap(input -> learned(graph, input).stream())
            .toList();
  }

  private String name(Tensor tensor, Node node, Role role) {
    String wish =
        PublicName.isGenerated(tensor.name())
            ? PublicName.scope(node).map(s -> s + "." + role.suffix()).orElse(tensor.name())
            : tensor.name();
    String name = wish;
    for (int i = 2; !taken.add(name); i++) {
      name = wish + "_" + i;
    }
    return name;
  }
}
