package io.attune.onnx;

import com.google.protobuf.ByteString;
import io.attune.onnx.proto.AttributeProto;
import io.attune.onnx.proto.AttributeProto.AttributeType;
import io.attune.onnx.proto.NodeProto;
import java.util.List;

/// Builds a [Node] to add to a graph; made by [Node#op(String)].
public final class NodeBuilder {
  private final NodeProto.Builder proto;

  NodeBuilder(String opType) {
    proto = NodeProto.newBuilder().setOpType(opType);
  }

  /// The node's name.
  public NodeBuilder name(String name) {
    proto.setName(name);
    return this;
  }

  /// The operator's domain, where it is not ONNX's own.
  public NodeBuilder domain(String domain) {
    proto.setDomain(domain);
    return this;
  }

  /// Adds inputs; an empty name leaves an optional one out.
  public NodeBuilder inputs(String... names) {
    proto.addAllInput(List.of(names));
    return this;
  }

  /// Adds outputs.
  public NodeBuilder outputs(String... names) {
    proto.addAllOutput(List.of(names));
    return this;
  }

  /// Sets a whole-number attribute.
  public NodeBuilder attribute(String name, long value) {
    attribute(name, AttributeType.INT).setI(value);
    return this;
  }

  /// Sets a float attribute.
  public NodeBuilder attribute(String name, float value) {
    attribute(name, AttributeType.FLOAT).setF(value);
    return this;
  }

  /// Sets a string attribute.
  public NodeBuilder attribute(String name, String value) {
    attribute(name, AttributeType.STRING).setS(ByteString.copyFromUtf8(value));
    return this;
  }

  /// Sets a list-of-whole-numbers attribute.
  public NodeBuilder attribute(String name, long[] values) {
    AttributeProto.Builder attribute = attribute(name, AttributeType.INTS);
    for (long value : values) {
      attribute.addInts(value);
    }
    return this;
  }

  /// Sets a tensor attribute.
  public NodeBuilder attribute(String name, Tensor value) {
    attribute(name, AttributeType.TENSOR).setT(value.proto());
    return this;
  }

  /// The node.
  public Node build() {
    return new Node(proto.build(), -1);
  }

  private AttributeProto.Builder attribute(String name, AttributeType type) {
    return proto.addAttributeBuilder().setName(name).setType(type);
  }
}
