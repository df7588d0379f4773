package io.attune.onnx;

import io.attune.onnx.proto.FunctionProto;
import io.attune.onnx.proto.ModelProto;
import io.attune.onnx.proto.NodeProto;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// The functions of a model: which operators it defines itself, and which of them call which.
final class Functions {
  private record Key(String domain, String name, String overload) {}

  private final Map<Key, FunctionProto> functions = new HashMap<>();
  private final Set<String> domains = new HashSet<>();

  Functions(ModelProto model) {
    for (FunctionProto function : model.getFunctionsList()) {
      String domain = OnnxModel.normalDomain(function.getDomain());
      Key key = new Key(domain, function.getName(), function.getOverload());
      if (functions.put(key, function) != null) {
        throw new InvalidModelException(
            "function \"%s\" of domain \"%s\": defined twice (expected: once)"
                .formatted(function.getName(), domain));
      }
      domains.add(domain);
    }
  }

  boolean hasDomain(String domain) {
    return domains.contains(domain);
  }

  boolean defines(NodeProto node) {
    return functions.containsKey(key(node));
  }

  /// Functions are inlined by the runtime, so one that reaches itself has no end.
  void requireNoRecursion() {
    Set<Key> done = new HashSet<>();
    for (Key key : functions.keySet()) {
      visit(key, new HashSet<>(), done);
    }
  }

  private void visit(Key key, Set<Key> path, Set<Key> done) {
    FunctionProto function = functions.get(key);
    if (function == null || done.contains(key)) {
      return;
    }
    if (!path.add(key)) {
      throw new InvalidModelException(
          "function \"%s\": calls itself (expected: no recursion)".formatted(key.name()));
    }
    if (path.size() > 64) {
      throw new InvalidModelException(
          "function \"%s\": calls nested deeper than 64 (expected: at most 64)"
              .formatted(key.name()));
    }
    for (NodeProto node : function.getNodeList()) {
      calls(new Node(node, 0), path, done);
    }
    path.remove(key);
    done.add(key);
  }

  private void calls(Node node, Set<Key> path, Set<Key> done) {
    visit(key(node.proto()), path, done);
    for (Graph graph : node.subgraphs()) {
      graph.nodes().forEach(inner -> calls(inner, path, done));
    }
  }

  private static Key key(NodeProto node) {
    return new Key(OnnxModel.normalDomain(node.getDomain()), node.getOpType(), node.getOverload());
  }
}
