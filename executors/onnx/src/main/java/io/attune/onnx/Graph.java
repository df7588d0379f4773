package io.attune.onnx;

import io.attune.onnx.proto.GraphProto;
import io.attune.onnx.proto.NodeProto;
import io.attune.onnx.proto.TensorProto;
import io.attune.onnx.proto.ValueInfoProto;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// A graph of nodes over named values, as a read-only view of the file's message.
public final class Graph {
  private final GraphProto proto;
  private final List<Node> nodes;
  private final Map<String, Tensor> initializers;
  private final Map<String, Node> producers = new LinkedHashMap<>();
  private final Map<String, List<Node>> consumers = new LinkedHashMap<>();

  Graph(GraphProto proto) {
    this.proto = proto;
    List<Node> all = new ArrayList<>(proto.getNodeCount());
    for (NodeProto node : proto.getNodeList()) {
      all.add(new Node(node, all.size()));
    }
    nodes = List.copyOf(all);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (TensorProto tensor : proto.getInitializerList()) {
      tensors.put(tensor.getName(), new Tensor(tensor));
    }
    initializers = java.util.Collections.unmodifiableMap(tensors);
    for (Node node : nodes) {
      named(node.outputs()).forEach(name -> producers.put(name, node));
      Stream.concat(named(node.inputs()), captured(node).stream())
          .distinct()
          .forEach(name -> consumers.computeIfAbsent(name, _ -> new ArrayList<>()).add(node));
    }
  }

  /// The graph's name.
  public String name() {
    return proto.getName();
  }

  /// The nodes in the file's order.
  public List<Node> nodes() {
    return nodes;
  }

  /// The dense initialisers by name, in the file's order.
  public Map<String, Tensor> initializers() {
    return initializers;
  }

  /// The dense initialiser of a name.
  ///
  /// @throws InvalidModelException where there is none
  public Tensor initializer(String name) {
    Tensor tensor = initializers.get(name);
    if (tensor == null) {
      throw new InvalidModelException(
          "initializer: \"" + name + "\" (expected: the name of an initializer)");
    }
    return tensor;
  }

  /// The declared inputs that a caller must give: those without an initialiser as default.
  public List<ValueInfo> inputs() {
    return proto.getInputList().stream()
        .filter(input -> !initializers.containsKey(input.getName()))
        .map(ValueInfo::new)
        .toList();
  }

  /// The declared outputs.
  public List<ValueInfo> outputs() {
    return proto.getOutputList().stream().map(ValueInfo::new).toList();
  }

  /// The input of a name.
  public Optional<ValueInfo> input(String name) {
    return inputs().stream().filter(input -> input.name().equals(name)).findFirst();
  }

  /// The output of a name.
  public Optional<ValueInfo> output(String name) {
    return outputs().stream().filter(output -> output.name().equals(name)).findFirst();
  }

  /// What the file declares of an inner value, input or output.
  public Optional<ValueInfo> value(String name) {
    return Stream.of(proto.getInputList(), proto.getOutputList(), proto.getValueInfoList())
        .<ValueInfoProto>flatMap(List::stream)
        .filter(value -> value.getName().equals(name))
        .map(ValueInfo::new)
        .findFirst();
  }

  /// The node that gives a value; empty for inputs and initialisers.
  public Optional<Node> producer(String value) {
    return Optional.ofNullable(producers.get(value));
  }

  /// The nodes that read a value, themselves or in a graph inside them.
  public List<Node> consumers(String value) {
    return List.copyOf(consumers.getOrDefault(value, List.of()));
  }

  /// The value of a name where it is constant: an initialiser, or the output of a `Constant` node
  /// with a tensor.
  public Optional<Tensor> constant(String name) {
    Tensor initializer = initializers.get(name);
    if (initializer != null) {
      return Optional.of(initializer);
    }
    return producer(name)
        .filter(node -> node.is("Constant"))
        .flatMap(node -> node.tensorAttribute("value"))
        .map(tensor -> tensor.named(name));
  }

  /// The nodes ordered so that each comes after those whose values it reads; nodes that do not
  /// depend on each other keep the file's order.
  ///
  /// @throws InvalidModelException naming a node on a cycle, where there is one
  public List<Node> topological() {
    return new TopologicalOrder(this).nodes();
  }

  /// The file's message.
  public GraphProto proto() {
    return proto;
  }

  /// The values that graphs inside a node take from around it.
  static Set<String> captured(Node node) {
    Set<String> free = new LinkedHashSet<>();
    for (Graph graph : node.subgraphs()) {
      free.addAll(graph.freeNames());
    }
    return free;
  }

  /// The names this graph uses but does not define.
  Set<String> freeNames() {
    Set<String> free = new LinkedHashSet<>(consumers.keySet());
    proto.getOutputList().forEach(output -> free.add(output.getName()));
    proto.getInputList().forEach(input -> free.remove(input.getName()));
    proto.getSparseInitializerList().forEach(s -> free.remove(s.getValues().getName()));
    free.removeAll(initializers.keySet());
    free.removeAll(producers.keySet());
    return free;
  }

  private static Stream<String> named(List<String> names) {
    return names.stream().filter(name -> !name.isEmpty());
  }
}
