package io.attune.onnx;

import io.attune.onnx.proto.GraphProto;
import io.attune.onnx.proto.ModelProto;
import io.attune.onnx.proto.NodeProto;
import io.attune.onnx.proto.OperatorSetIdProto;
import io.attune.onnx.proto.StringStringEntryProto;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// A change of a model: what is not named by an edit stays byte for byte. Every edit is listed in
/// [#edits()].
public final class ModelEdit {
  private final ModelProto.Builder model;
  private final GraphProto.Builder graph;
  private final Set<String> names = new HashSet<>();
  private final List<String> edits = new ArrayList<>();

  ModelEdit(OnnxModel base) {
    model = base.proto().toBuilder();
    graph = base.proto().getGraph().toBuilder();
    collect(base.graph());
  }

  private void collect(Graph scope) {
    for (Node node : scope.nodes()) {
      names.addAll(node.inputs());
      names.addAll(node.outputs());
      names.add(node.name());
      node.subgraphs().forEach(this::collect);
    }
    scope.proto().getInputList().forEach(input -> names.add(input.getName()));
    scope.proto().getOutputList().forEach(output -> names.add(output.getName()));
    names.addAll(scope.initializers().keySet());
  }

  /// A name that no value or node of the model has yet: the wish itself, or the wish with a number.
  public String freshName(String wish) {
    String name = wish;
    for (int i = 2; !names.add(name); i++) {
      name = wish + "_" + i;
    }
    return name;
  }

  /// True where a value or node of the model has the name.
  public boolean taken(String name) {
    return names.contains(name);
  }

  /// Adds a node after all others.
  public ModelEdit append(Node node) {
    graph.addNode(node.proto());
    names.addAll(node.outputs());
    edits.add("append " + node.opType() + " -> " + String.join(", ", node.outputs()));
    return this;
  }

  /// Adds a node before the one at an index of the file's order, which then has the next index.
  public ModelEdit insert(int index, Node node) {
    graph.addNode(index, node.proto());
    names.addAll(node.outputs());
    edits.add(
        "insert " + node.opType() + " -> " + String.join(", ", node.outputs()) + " at #" + index);
    return this;
  }

  /// Adds an initialiser.
  ///
  /// @throws InvalidModelException where its name is taken by one
  public ModelEdit addInitializer(Tensor tensor) {
    if (indexOfInitializer(tensor.name()) >= 0) {
      throw new InvalidModelException(
          "initializer: \"" + tensor.name() + "\" exists (expected: a name not yet used)");
    }
    names.add(tensor.name());
    graph.addInitializer(tensor.proto());
    edits.add("add initializer " + tensor);
    return this;
  }

  /// Replaces the initialiser of the tensor's name.
  ///
  /// @throws InvalidModelException where there is none
  public ModelEdit replaceInitializer(Tensor tensor) {
    int index = indexOfInitializer(tensor.name());
    if (index < 0) {
      throw new InvalidModelException(
          "initializer: \"" + tensor.name() + "\" (expected: the name of an initializer)");
    }
    graph.setInitializer(index, tensor.proto());
    edits.add("replace initializer " + tensor);
    return this;
  }

  /// Replaces the node at an index of the file's order (for a tuned `Constant`).
  public ModelEdit replaceNode(int index, Node node) {
    graph.setNode(index, node.proto());
    edits.add("replace node #" + index + " by " + node.opType());
    return this;
  }

  /// Lets the node at an index of the file's order read another value wherever it read one.
  public ModelEdit replaceInput(int index, String from, String to) {
    NodeProto.Builder node = graph.getNodeBuilder(index);
    for (int i = 0; i < node.getInputCount(); i++) {
      if (node.getInput(i).equals(from)) {
        node.setInput(i, to);
      }
    }
    edits.add("node #" + index + " (" + node.getOpType() + ") reads " + to + " for " + from);
    return this;
  }

  /// Lets a node read another value at one of its inputs.
  ///
  /// @param index the node's, of the model that is edited
  /// @param position of the input, from 0
  public ModelEdit replaceInput(int index, int position, String to) {
    NodeProto.Builder node = graph.getNodeBuilder(index);
    String from = node.getInput(position);
    node.setInput(position, to);
    edits.add("node #" + index + " (" + node.getOpType() + ") reads " + to + " for " + from);
    return this;
  }

  /// Gives a value another name, wherever the main graph produces, reads or declares it.
  ///
  /// @throws InvalidModelException where the new name is taken, or a graph inside a node reads it
  public ModelEdit renameValue(String from, String to) {
    if (!names.add(to)) {
      throw new InvalidModelException(
          "value: \"" + to + "\" exists (expected: a name not yet used)");
    }
    names.remove(from);
    for (NodeProto.Builder node : changed(from)) {
      rename(node, from, to);
    }
    int initializer = indexOfInitializer(from);
    if (initializer >= 0) {
      graph.getInitializerBuilder(initializer).setName(to);
    }
    graph.getInputBuilderList().stream()
        .filter(value -> value.getName().equals(from))
        .forEach(value -> value.setName(to));
    graph.getOutputBuilderList().stream()
        .filter(value -> value.getName().equals(from))
        .forEach(value -> value.setName(to));
    graph.getValueInfoBuilderList().stream()
        .filter(value -> value.getName().equals(from))
        .forEach(value -> value.setName(to));
    edits.add("rename value " + from + " to " + to);
    return this;
  }

  private List<NodeProto.Builder> changed(String value) {
    List<NodeProto.Builder> changed = new ArrayList<>();
    for (int i = 0; i < graph.getNodeCount(); i++) {
      NodeProto node = graph.getNode(i);
      if (Graph.captured(new Node(node, i)).contains(value)) {
        throw new InvalidModelException(
            new Node(node, i) + ": a graph inside it reads \"" + value + "\" (expected: none)");
      }
      if (node.getInputList().contains(value) || node.getOutputList().contains(value)) {
        changed.add(graph.getNodeBuilder(i));
      }
    }
    return changed;
  }

  private static void rename(NodeProto.Builder node, String from, String to) {
    for (int i = 0; i < node.getInputCount(); i++) {
      if (node.getInput(i).equals(from)) {
        node.setInput(i, to);
      }
    }
    for (int i = 0; i < node.getOutputCount(); i++) {
      if (node.getOutput(i).equals(from)) {
        node.setOutput(i, to);
      }
    }
  }

  /// Replaces the declared outputs.
  public ModelEdit outputs(ValueInfo... outputs) {
    graph.clearOutput();
    for (ValueInfo output : outputs) {
      graph.addOutput(output.proto());
      names.add(output.name());
    }
    edits.add("outputs " + List.of(outputs));
    return this;
  }

  /// Imports a domain's operators, where the model does not yet.
  public ModelEdit importOpset(String domain, long version) {
    boolean present =
        model.getOpsetImportList().stream()
            .anyMatch(opset -> OnnxModel.normalDomain(opset.getDomain()).equals(domain));
    if (!present) {
      model.addOpsetImport(OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(version));
      edits.add("import opset " + domain + " " + version);
    }
    return this;
  }

  /// Sets a free-form property of the file.
  public ModelEdit metadata(String key, String value) {
    for (StringStringEntryProto.Builder entry : model.getMetadataPropsBuilderList()) {
      if (entry.getKey().equals(key)) {
        entry.setValue(value);
        return this;
      }
    }
    model.addMetadataPropsBuilder().setKey(key).setValue(value);
    edits.add("metadata " + key);
    return this;
  }

  /// What was done so far, one line to an edit.
  public List<String> edits() {
    return List.copyOf(edits);
  }

  /// The changed model.
  public OnnxModel build() {
    return new OnnxModel(model.setGraph(graph).build());
  }

  private int indexOfInitializer(String name) {
    for (int i = 0; i < graph.getInitializerCount(); i++) {
      if (graph.getInitializer(i).getName().equals(name)) {
        return i;
      }
    }
    return -1;
  }
}
