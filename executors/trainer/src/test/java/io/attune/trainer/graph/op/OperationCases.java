package io.attune.trainer.graph.op;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/// For each operator a source of random nodes of it.
final class OperationCases {
  private OperationCases() {}

  static Map<String, Function<RandomTensors, OneNode>> all() {
    Map<String, Function<RandomTensors, OneNode>> cases =
        new LinkedHashMap<>(ArithmeticCases.all());
    cases.putAll(ShapeCases.all());
    cases.putAll(LayerCases.all());
    return cases;
  }
}
