package io.attune.trainer.graph.op;

import io.attune.onnx.Node;

/// An operator: binds nodes of its type, before any data is there.
@FunctionalInterface
public interface OperationKind {
  /// The operation of a node.
  ///
  /// @param node the node, whose attributes are read here and never again
  /// @param opset the version of the operators of the node's domain
  /// @throws io.attune.runtime.FlowException (INVALID_ARGUMENT) where an attribute asks for what is
  ///   not supported, naming the node
  Operation bind(Node node, long opset);
}
