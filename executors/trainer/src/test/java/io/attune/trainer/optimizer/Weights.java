package io.attune.trainer.optimizer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;

/// Weights without a graph: tests say what their gradients are.
final class Weights {
  private final NDManager manager;
  private final SequencedMap<String, NDArray> arrays = new LinkedHashMap<>();
  private final Map<String, NDArray> gradients = new LinkedHashMap<>();

  Weights(NDManager manager) {
    this.manager = manager;
  }

  void add(String name, float[] values, long... shape) {
    arrays.put(name, manager.create(values, new Shape(shape)));
  }

  /// Adds to what the gradient is.
  void accumulate(String name, float[] gradient) {
    NDArray given = manager.create(gradient, get(name).getShape());
    NDArray before = gradients.get(name);
    gradients.put(name, before == null ? given : before.add(given));
  }

  void clearGradients() {
    gradients.clear();
  }

  NDArray get(String name) {
    return Objects.requireNonNull(arrays.get(name), name);
  }

  float[] values(String name) {
    return get(name).toFloatArray();
  }

  List<String> names() {
    return List.copyOf(arrays.keySet());
  }

  List<Trainable> trainables() {
    List<Trainable> trainables = new ArrayList<>();
    arrays.forEach((name, array) ->
        trainables.add(
            new Trainable(
                name, layer(name), array, () -> Optional.ofNullable(gradients.get(name)))));
    return trainables;
  }

  private static OptionalInt layer(String name) {
    String[] parts = name.split("\\.", -1);
    for (String part : parts) {
      if (part.matches("\\d+")) {
        return OptionalInt.of(Integer.parseInt(part));
      }
    }
    return OptionalInt.empty();
  }
}
