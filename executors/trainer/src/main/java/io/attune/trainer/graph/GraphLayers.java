package io.attune.trainer.graph;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.attune.onnx.Dimension;
import io.attune.onnx.ElementType;
import io.attune.onnx.ValueInfo;
import io.attune.trainer.array.EngineArrays;
import io.attune.trainer.graph.GraphSummary.Layer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Finds the modules of a graph, and the shapes that they give by running two small inputs: a
/// dimension that differs between them follows from the input.
final class GraphLayers {
  private static final long[] BATCHES = {2, 3};
  private static final long[] LENGTHS = {4, 5};

  private final Plan plan;
  private final List<ValueInfo> inputs;
  private final Function<Map<String, NDArray>, List<long[]>> shapes;

  /// @param shapes the dimensions of what each step gives, for inputs
  GraphLayers(
      Plan plan, List<ValueInfo> inputs, Function<Map<String, NDArray>, List<long[]>> shapes) {
    this.plan = plan;
    this.inputs = inputs;
    this.shapes = shapes;
  }

  GraphSummary of(Iterable<Parameter> parameters) {
    List<List<long[]>> probes = new ArrayList<>();
    for (int i = 0; i < BATCHES.length; i++) {
      try (NDManager manager = TorchEngine.newManager()) {
        probes.add(shapes.apply(probe(manager, BATCHES[i], LENGTHS[i])));
      }
    }
    Map<String, List<Parameter>> modules = new LinkedHashMap<>();
    for (Parameter parameter : parameters) {
      modules.computeIfAbsent(module(parameter.name()), _ -> new ArrayList<>()).add(parameter);
    }
    List<Layer> layers = new ArrayList<>();
    modules.forEach((name, members) -> layers.add(layer(name, members, probes)));
    return new GraphSummary(layers);
  }

  private static String module(String parameter) {
    int dot = parameter.lastIndexOf('.');
    return dot < 0 ? parameter : parameter.substring(0, dot);
  }

  private Layer layer(String name, List<Parameter> members, List<List<long[]>> probes) {
    int step = members.stream().mapToInt(this::user).max().orElse(-1);
    long all = members.stream().mapToLong(Parameter::elements).sum();
    long trainable =
        members.stream().filter(Parameter::isTrainable).mapToLong(Parameter::elements).sum();
    return step < 0
        ? new Layer(name, "", List.of(), all, trainable)
        : new Layer(
            name,
            plan.steps().get(step).kind(),
            shape(probes.get(0).get(step), probes.get(1).get(step)),
            all,
            trainable);
  }

  /// The step that uses a parameter first, past those that only rearrange it; -1 for none.
  private int user(Parameter parameter) {
    int slot = plan.slotOf(parameter.storedName());
    for (int i = 0; i < plan.steps().size(); i++) {
      Step step = plan.steps().get(i);
      int wanted = slot;
      if (Arrays.stream(step.inputs()).anyMatch(input -> input == wanted)) {
        if (!Role.rearranges(step.kind()) || step.outputs()[0] < 0) {
          return i;
        }
        slot = step.outputs()[0];
      }
    }
    return -1;
  }

  private static List<String> shape(long[] one, long[] other) {
    List<String> shape = new ArrayList<>();
    for (int i = 0; i < one.length; i++) {
      shape.add(i < other.length ? dimension(one[i], other[i]) : "?");
    }
    return shape;
  }

  private static String dimension(long one, long other) {
    if (one == other) {
      return Long.toString(one);
    }
    if (one == BATCHES[0] && other == BATCHES[1]) {
      return "batch";
    }
    if (one == LENGTHS[0] && other == LENGTHS[1]) {
      return "length";
    }
    return one == BATCHES[0] * LENGTHS[0] && other == BATCHES[1] * LENGTHS[1]
        ? "batch*length"
        : "?";
  }

  /// Inputs of a size: ones, and zeros for the types of tokens.
  private Map<String, NDArray> probe(NDManager manager, long batch, long length) {
    Map<String, NDArray> arrays = new HashMap<>();
    for (ValueInfo input : inputs) {
      Shape shape = new Shape(dimensions(input, batch, length));
      @Nullable ElementType type = input.elementType().orElse(null);
      boolean whole = type == ElementType.INT64 || type == ElementType.INT32;
      if (whole) {
        long[] values = new long[Math.toIntExact(shape.size())];
        Arrays.fill(values, input.name().contains("type") ? 0 : 1);
        arrays.put(input.name(), EngineArrays.of(manager, values, shape));
      } else {
        arrays.put(input.name(), manager.ones(shape));
      }
    }
    return arrays;
  }

  private static long[] dimensions(ValueInfo input, long batch, long length) {
    List<Dimension> declared =
        input.shape().orElse(List.of(new Dimension.Unknown(), new Dimension.Unknown()));
    long[] dimensions = new long[declared.size()];
    for (int i = 0; i < dimensions.length; i++) {
      dimensions[i] =
          declared.get(i) instanceof Dimension.Fixed(long size) ? size : i == 0 ? batch : length;
    }
    return dimensions;
  }
}
