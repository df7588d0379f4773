package io.attune.trainer.architecture;

import io.attune.onnx.Dimension;
import io.attune.onnx.ElementType;
import io.attune.onnx.Node;
import io.attune.onnx.OnnxModel;
import io.attune.runtime.FlowException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// A multilayer perceptron over tensors of one shape: linear layers with ReLU between them, as
/// `Flatten, Linear(784, 128), ReLU, Linear(128, 32)`.
///
/// Reads `input`, float32 `[batch, *input_shape]`.
///
/// @param inputShape option `input_shape`: the shape of one tensor; 28, 28 by default
/// @param hiddenSizes option `hidden_sizes`: the outputs of each layer but the last; 128 by default
/// @param outputDim option `output_dim`: the length of an embedding, 1..4096; 32 by default
public record Mlp(List<Integer> inputShape, List<Integer> hiddenSizes, int outputDim)
    implements Architecture {
  public Mlp {
    inputShape = List.copyOf(inputShape);
    hiddenSizes = List.copyOf(hiddenSizes);
    inputShape.forEach(size -> Options.requireSize("input_shape", size));
    hiddenSizes.forEach(size -> Options.requireSize("hidden_sizes", size));
    Options.requireRange("output_dim", outputDim, 1, Options.MAX_DIMENSION);
    if (inputShape.isEmpty()) {
      throw FlowException.invalid("input_shape: [] (expected: one size or more)");
    }
    long in = 1;
    for (int size : inputShape) {
      in = Options.requireElements("input_shape", in, size);
    }
    for (int size : hiddenSizes) {
      Options.requireElements("hidden_sizes", in, size);
      in = size;
    }
    Options.requireElements("output_dim", in, outputDim);
  }

  /// The defaults: 28x28 to 128 to 32.
  public Mlp() {
    this(List.of(28, 28), List.of(128), 32);
  }

  static Mlp of(Map<String, ?> options) {
    Options given = new Options("mlp", options, "input_shape", "hidden_sizes", "output_dim");
    Mlp defaults = new Mlp();
    return new Mlp(
        given.sizes("input_shape", defaults.inputShape),
        given.sizes("hidden_sizes", defaults.hiddenSizes),
        given.size("output_dim", defaults.outputDim));
  }

  @Override
  public String name() {
    return "mlp";
  }

  @Override
  public int dimension() {
    return outputDim;
  }

  @Override
  public OnnxModel initialized(long seed) {
    GraphDraft graph = new GraphDraft(name(), seed);
    List<Dimension> shape = new ArrayList<>(List.of(Dimension.of("batch")));
    inputShape.forEach(size -> shape.add(Dimension.of(size)));
    graph.input("input", ElementType.FLOAT, shape.toArray(Dimension[]::new));
    String value = graph.add("flat", Node.op("Flatten").inputs("input"));
    int in = Arrays.stream(sizes(inputShape)).reduce(1, Math::multiplyExact);
    for (int i = 0; i < hiddenSizes.size(); i++) {
      int out = hiddenSizes.get(i);
      String linear = graph.linear("layers." + i, value, in, out, "linear_" + i);
      value = graph.add("hidden_" + i, Node.op("Relu").inputs(linear));
      in = out;
    }
    graph.linear("layers." + hiddenSizes.size(), value, in, outputDim, GraphDraft.OUTPUT);
    return graph.model(outputDim);
  }

  private static int[] sizes(List<Integer> list) {
    return list.stream().mapToInt(Integer::intValue).toArray();
  }
}
