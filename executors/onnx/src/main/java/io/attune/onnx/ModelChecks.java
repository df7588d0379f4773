package io.attune.onnx;

import io.attune.onnx.proto.FunctionProto;
import io.attune.onnx.proto.GraphProto;
import io.attune.onnx.proto.ModelProto;
import io.attune.onnx.proto.OperatorSetIdProto;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// What a model must satisfy before a runtime sees it, because native code that reads a hostile
/// file can take the process with it:
///
/// - format and operator sets are of known versions, and of known domains or the model's own
///   functions;
/// - every tensor's data has the length that its type and dimensions say, and lies in the file;
/// - every value is given once, everything that is read exists, and nothing depends on itself;
/// - graphs inside nodes lie no deeper than the limit, functions do not call themselves;
/// - inputs and outputs are declared with types and non-negative shapes.
///
/// What an operator makes of its inputs is not checked here: a graph can still ask for more memory
/// than there is when it runs, which is why a new model runs in a child process first.
public final class ModelChecks {
  /// The newest file format known here.
  static final long MAX_IR_VERSION = 13;

  /// The domains a model may use, with the versions accepted.
  static final Map<String, long[]> DOMAINS =
      new TreeMap<>(
          Map.of(
              "", new long[] {7, 26},
              "ai.onnx.ml", new long[] {1, 5},
              "com.microsoft", new long[] {1, 1}));

  private ModelChecks() {}

  /// Refuses a model that must not reach a runtime.
  ///
  /// @throws InvalidModelException naming what is wrong, and in which node
  public static void check(ModelProto model, Limits limits) {
    if (model.getIrVersion() < 3 || model.getIrVersion() > MAX_IR_VERSION) {
      throw new InvalidModelException(
          "ir_version: %d (expected: 3..%d)".formatted(model.getIrVersion(), MAX_IR_VERSION));
    }
    if (model.getTrainingInfoCount() > 0) {
      throw new InvalidModelException(
          "training_info: present (expected: none, an inference graph)");
    }
    Functions functions = new Functions(model);
    Set<String> imported = opsets(model.getOpsetImportList(), functions, "model");
    GraphChecks checks = new GraphChecks(limits, functions, imported);
    for (FunctionProto function : model.getFunctionsList()) {
      String where = "function \"" + function.getName() + '"';
      Set<String> own = opsets(function.getOpsetImportList(), functions, where);
      new GraphChecks(limits, functions, own).function(function);
    }
    GraphProto graph = model.getGraph();
    checks.graph(graph, Set.of(), 1);
    functions.requireNoRecursion();
    interfaces(graph);
  }

  private static Set<String> opsets(
      Iterable<OperatorSetIdProto> opsets, Functions functions, String where) {
    Set<String> seen = new HashSet<>();
    for (OperatorSetIdProto opset : opsets) {
      String domain = OnnxModel.normalDomain(opset.getDomain());
      if (!seen.add(domain)) {
        throw new InvalidModelException(
            "%s: opset of domain \"%s\" twice (expected: once)".formatted(where, domain));
      }
      long[] versions = DOMAINS.get(domain);
      if (versions == null && !functions.hasDomain(domain)) {
        throw new InvalidModelException(
            "%s: domain \"%s\" (expected: one of %s, or of the model's own functions)"
                .formatted(where, domain, DOMAINS.keySet()));
      }
      if (versions != null
          && (opset.getVersion() < versions[0] || opset.getVersion() > versions[1])) {
        throw new InvalidModelException(
            "%s: opset %d of domain \"%s\" (expected: %d..%d)"
                .formatted(where, opset.getVersion(), domain, versions[0], versions[1]));
      }
    }
    return seen;
  }

  private static void interfaces(GraphProto proto) {
    Graph graph = new Graph(proto);
    if (graph.outputs().isEmpty()) {
      throw new InvalidModelException("outputs: none (expected: one or more)");
    }
    for (ValueInfo input : graph.inputs()) {
      requireTyped("input", input);
    }
    Set<String> outputs = new HashSet<>();
    for (ValueInfo output : graph.outputs()) {
      requireTyped("output", output);
      if (!outputs.add(output.name())) {
        throw new InvalidModelException(
            "output \"%s\": declared twice (expected: once)".formatted(output.name()));
      }
    }
  }

  private static void requireTyped(String kind, ValueInfo value) {
    String where = kind + " \"" + value.name() + '"';
    if (!value.isTensor()) {
      throw new InvalidModelException(where + ": " + value + " (expected: a tensor)");
    }
    TensorChecks.type(value.proto().getType().getTensorType().getElemType(), where);
    value
        .shape()
        .ifPresent(shape -> {
          for (Dimension dimension : shape) {
            if (dimension instanceof Dimension.Fixed(long size) && size < 0) {
              throw new InvalidModelException(
                  where + ": dimension " + size + " (expected: 0 or more, or a name)");
            }
          }
        });
  }
}
