package io.attune.onnx;

import com.google.protobuf.ByteString;
import io.attune.onnx.proto.AttributeProto;
import io.attune.onnx.proto.AttributeProto.AttributeType;
import io.attune.onnx.proto.NodeProto;
import io.attune.onnx.proto.StringStringEntryProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// One operation of a graph, over the file's message. Attributes are read by type: the value, or
/// the operator's default that the caller names.
public final class Node {
  private final NodeProto proto;
  private final int index;

  Node(NodeProto proto, int index) {
    this.proto = proto;
    this.index = index;
  }

  /// A builder of a node of ONNX's own domain.
  public static NodeBuilder op(String opType) {
    return new NodeBuilder(opType);
  }

  /// The node's name; many files leave it empty.
  public String name() {
    return proto.getName();
  }

  /// The operator, such as `MatMul`.
  public String opType() {
    return proto.getOpType();
  }

  /// The operator's domain; empty for ONNX's own (`ai.onnx` reads as empty).
  public String domain() {
    return OnnxModel.normalDomain(proto.getDomain());
  }

  /// True for an operator of ONNX's own domain.
  public boolean is(String opType) {
    return domain().isEmpty() && proto.getOpType().equals(opType);
  }

  /// The names of the values it reads; an empty name is an optional input left out.
  public List<String> inputs() {
    return proto.getInputList();
  }

  /// The name of an input, or empty where it is left out.
  public String input(int position) {
    return position < proto.getInputCount() ? proto.getInput(position) : "";
  }

  /// The names of the values it gives; an empty name is an optional output left out.
  public List<String> outputs() {
    return proto.getOutputList();
  }

  /// The name of an output, or empty where it is left out.
  public String output(int position) {
    return position < proto.getOutputCount() ? proto.getOutput(position) : "";
  }

  /// Its place among the nodes of its graph, from 0; -1 for a node not yet in one.
  public int index() {
    return index;
  }

  /// The names of its attributes.
  public List<String> attributes() {
    return proto.getAttributeList().stream().map(AttributeProto::getName).toList();
  }

  /// A whole-number attribute, or the fallback where it is not set.
  public long longAttribute(String name, long fallback) {
    return attribute(name, AttributeType.INT).map(AttributeProto::getI).orElse(fallback);
  }

  /// A float attribute, or the fallback where it is not set.
  public float floatAttribute(String name, float fallback) {
    return attribute(name, AttributeType.FLOAT).map(AttributeProto::getF).orElse(fallback);
  }

  /// A string attribute, or the fallback where it is not set.
  public String stringAttribute(String name, String fallback) {
    return attribute(name, AttributeType.STRING)
        .map(attribute -> attribute.getS().toStringUtf8())
        .orElse(fallback);
  }

  /// A list-of-strings attribute.
  public Optional<List<String>> stringsAttribute(String name) {
    return attribute(name, AttributeType.STRINGS)
        .map(a -> a.getStringsList().stream().map(ByteString::toStringUtf8).toList());
  }

  /// A list-of-whole-numbers attribute.
  public Optional<long[]> longsAttribute(String name) {
    return attribute(name, AttributeType.INTS)
        .map(a -> a.getIntsList().stream().mapToLong(Long::longValue).toArray());
  }

  /// A list-of-floats attribute.
  public Optional<float[]> floatsAttribute(String name) {
    return attribute(name, AttributeType.FLOATS).map(Node::floats);
  }

  /// A tensor attribute, such as the `value` of a `Constant`.
  public Optional<Tensor> tensorAttribute(String name) {
    return attribute(name, AttributeType.TENSOR).map(a -> new Tensor(a.getT()));
  }

  /// A graph attribute, such as the `then_branch` of an `If`.
  public Optional<Graph> graphAttribute(String name) {
    return attribute(name, AttributeType.GRAPH).map(a -> new Graph(a.getG()));
  }

  /// The graphs inside this node, of all its attributes.
  public List<Graph> subgraphs() {
    List<Graph> graphs = new ArrayList<>();
    for (AttributeProto attribute : proto.getAttributeList()) {
      if (attribute.hasG()) {
        graphs.add(new Graph(attribute.getG()));
      }
      attribute.getGraphsList().forEach(graph -> graphs.add(new Graph(graph)));
    }
    return graphs;
  }

  /// What the file says of the node beside its meaning, by key; exporters leave their trace there.
  public Optional<String> metadata(String key) {
    return proto.getMetadataPropsList().stream()
        .filter(entry -> entry.getKey().equals(key))
        .map(StringStringEntryProto::getValue)
        .findFirst();
  }

  /// The file's message.
  public NodeProto proto() {
    return proto;
  }

  /// The node as messages name it: `node "/encoder/MatMul" (MatMul)` or `node #12 (MatMul)`.
  @Override
  public String toString() {
    String which = name().isEmpty() ? "#" + index : '"' + name() + '"';
    return "node " + which + " (" + opType() + ")";
  }

  private Optional<AttributeProto> attribute(String name, AttributeType type) {
    for (AttributeProto attribute : proto.getAttributeList()) {
      if (attribute.getName().equals(name)) {
        if (attribute.getType() != type) {
          throw new InvalidModelException(
              "%s: attribute %s is %s (expected: %s)"
                  .formatted(this, name, attribute.getType(), type));
        }
        return Optional.of(attribute);
      }
    }
    return Optional.empty();
  }

  private static float[] floats(AttributeProto attribute) {
    float[] values = new float[attribute.getFloatsCount()];
    for (int i = 0; i < values.length; i++) {
      values[i] = attribute.getFloats(i);
    }
    return values;
  }
}
