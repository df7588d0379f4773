package io.attune.onnx;

import io.attune.onnx.proto.AttributeProto;
import io.attune.onnx.proto.FunctionProto;
import io.attune.onnx.proto.GraphProto;
import io.attune.onnx.proto.NodeProto;
import io.attune.onnx.proto.SparseTensorProto;
import io.attune.onnx.proto.TensorProto;
import io.attune.onnx.proto.ValueInfoProto;
import java.util.HashSet;
import java.util.Set;

/// Checks the nodes of graphs and functions: names, order, attributes, depth.
final class GraphChecks {
  private final Limits limits;
  private final Functions functions;
  private final Set<String> imported;
  private int nodes;

  /// @param imported the domains whose operator sets are imported
  GraphChecks(Limits limits, Functions functions, Set<String> imported) {
    this.limits = limits;
    this.functions = functions;
    this.imported = imported;
  }

  /// Checks a graph and the graphs inside its nodes.
  ///
  /// @param outer the values that are visible from around it
  /// @param depth 1 for the main graph
  void graph(GraphProto proto, Set<String> outer, int depth) {
    if (depth > limits.depth()) {
      throw new InvalidModelException(
          "graph \"%s\": %d graphs inside each other (expected: at most %d)"
              .formatted(proto.getName(), depth, limits.depth()));
    }
    Set<String> defined = new HashSet<>();
    for (ValueInfoProto input : proto.getInputList()) {
      requireNew(defined, input.getName(), "input \"" + input.getName() + '"');
    }
    initializers(proto, defined);
    Graph graph = new Graph(proto);
    for (Node node : graph.nodes()) {
      outputs(node, defined);
    }
    Set<String> visible = new HashSet<>(outer);
    visible.addAll(defined);
    for (Node node : graph.topological()) {
      node(node, visible, depth);
    }
    for (ValueInfoProto output : proto.getOutputList()) {
      if (!visible.contains(output.getName())) {
        throw new InvalidModelException(
            "output \"%s\": nothing gives it (expected: a value of the graph)"
                .formatted(output.getName()));
      }
    }
  }

  /// Checks the body of a function.
  void function(FunctionProto function) {
    GraphProto.Builder body = GraphProto.newBuilder().setName(function.getName());
    function.getInputList().forEach(name -> body.addInputBuilder().setName(name));
    function.getOutputList().forEach(name -> body.addOutputBuilder().setName(name));
    graph(body.addAllNode(function.getNodeList()).build(), Set.of(), 1);
  }

  private void initializers(GraphProto graph, Set<String> defined) {
    Set<String> seen = new HashSet<>();
    for (TensorProto tensor : graph.getInitializerList()) {
      String where = "initializer \"" + tensor.getName() + '"';
      requireNew(seen, tensor.getName(), where);
      TensorChecks.check(tensor, where, limits);
    }
    for (SparseTensorProto sparse : graph.getSparseInitializerList()) {
      String where = "sparse initializer \"" + sparse.getValues().getName() + '"';
      requireNew(seen, sparse.getValues().getName(), where);
      TensorChecks.check(sparse, where, limits);
    }
    // An initialiser may share its name with an input: it is then the input's default.
    defined.addAll(seen);
  }

  private static void outputs(Node node, Set<String> defined) {
    if (node.outputs().isEmpty()) {
      throw new InvalidModelException(node + ": no outputs (expected: one or more)");
    }
    for (String output : node.outputs()) {
      if (!output.isEmpty() && !defined.add(output)) {
        throw new InvalidModelException(
            "%s: output \"%s\" is given before (expected: each value given once)"
                .formatted(node, output));
      }
    }
  }

  private void node(Node node, Set<String> visible, int depth) {
    if (++nodes > limits.nodes()) {
      throw new InvalidModelException(
          node + ": more than " + limits.nodes() + " nodes (expected: at most that many)");
    }
    domain(node);
    for (String input : node.inputs()) {
      if (!input.isEmpty() && !visible.contains(input)) {
        throw new InvalidModelException(
            "%s: input \"%s\" is given by nothing (expected: an input, initializer or output)"
                .formatted(node, input));
      }
    }
    Set<String> names = new HashSet<>();
    for (AttributeProto attribute : node.proto().getAttributeList()) {
      requireNew(names, attribute.getName(), node + ": attribute \"" + attribute.getName() + '"');
      attribute(node, attribute, visible, depth);
    }
  }

  private void domain(Node node) {
    NodeProto proto = node.proto();
    if (proto.getOpType().isEmpty()) {
      throw new InvalidModelException(node + ": no op_type (expected: an operator's name)");
    }
    if (!ModelChecks.DOMAINS.containsKey(node.domain()) && !functions.defines(proto)) {
      throw new InvalidModelException(
          "%s: domain \"%s\" (expected: one of %s, or a function of the model)"
              .formatted(node, node.domain(), ModelChecks.DOMAINS.keySet()));
    }
    if (!imported.contains(node.domain())) {
      throw new InvalidModelException(
          "%s: domain \"%s\" is not imported (expected: one of the opset imports %s)"
              .formatted(node, node.domain(), imported));
    }
  }

  private void attribute(Node node, AttributeProto attribute, Set<String> visible, int depth) {
    String where = node + ": attribute \"" + attribute.getName() + '"';
    if (attribute.hasT()) {
      TensorChecks.check(attribute.getT(), where, limits);
    }
    attribute.getTensorsList().forEach(tensor -> TensorChecks.check(tensor, where, limits));
    if (attribute.hasSparseTensor()) {
      TensorChecks.check(attribute.getSparseTensor(), where, limits);
    }
    attribute.getSparseTensorsList().forEach(s -> TensorChecks.check(s, where, limits));
    if (attribute.hasG()) {
      inner(node, attribute.getG(), visible, depth);
    }
    attribute.getGraphsList().forEach(graph -> inner(node, graph, visible, depth));
  }

  private void inner(Node node, GraphProto graph, Set<String> visible, int depth) {
    try {
      graph(graph, visible, depth + 1);
    } catch (InvalidModelException e) {
      throw new InvalidModelException(node + ": " + e.getMessage(), e);
    }
  }

  private static void requireNew(Set<String> names, String name, String where) {
    if (name.isEmpty()) {
      throw new InvalidModelException(where + ": no name (expected: a name)");
    }
    if (!names.add(name)) {
      throw new InvalidModelException(where + ": twice (expected: each name once)");
    }
  }
}
