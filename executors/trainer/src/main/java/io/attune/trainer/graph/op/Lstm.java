package io.attune.trainer.graph.op;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.attune.onnx.Node;
import io.attune.runtime.FlowException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// Long short-term memory (S. Hochreiter, J. Schmidhuber, 1997) in one or both directions, with the
/// engine's own kernel. Where rows have lengths, see [RaggedLstm].
final class Lstm implements Operation {
  private static final List<String> ACTIVATIONS = List.of("sigmoid", "tanh", "tanh");

  private final int directions;
  private final boolean reverse;
  private final boolean batchFirst;

  private Lstm(String direction, boolean batchFirst) {
    directions = direction.equals("bidirectional") ? 2 : 1;
    reverse = direction.equals("reverse");
    this.batchFirst = batchFirst;
  }

  static Map<String, OperationKind> kinds() {
    return Map.of("LSTM", (node, _) -> bind(node));
  }

  private static Operation bind(Node node) {
    String direction = node.stringAttribute("direction", "forward");
    if (!List.of("forward", "reverse", "bidirectional").contains(direction)) {
      throw FlowException.invalid(
          "%s: direction %s (expected: forward, reverse, bidirectional)"
              .formatted(node, direction));
    }
    List<String> activations = node.stringsAttribute("activations").orElse(ACTIVATIONS);
    for (int i = 0; i < activations.size(); i++) {
      if (!activations.get(i).equalsIgnoreCase(ACTIVATIONS.get(i % 3))) {
        throw FlowException.invalid(
            "%s: activations %s (expected: %s)".formatted(node, activations, ACTIVATIONS));
      }
    }
    if (node.floatAttribute("clip", 0) != 0 || node.longAttribute("input_forget", 0) != 0) {
      throw FlowException.invalid("%s: clip or input_forget (expected: neither)".formatted(node));
    }
    if (!node.input(7).isEmpty()) {
      throw FlowException.invalid("%s: peephole weights (expected: none)".formatted(node));
    }
    return new Lstm(direction, node.longAttribute("layout", 0) == 1);
  }

  /// What one direction gives.
  ///
  /// @param output (steps, batch, hidden)
  /// @param hidden the last hidden state, (1, batch, hidden)
  /// @param cell the last cell state, (1, batch, hidden)
  record Result(NDArray output, NDArray hidden, NDArray cell) {}

  @Override
  public List<Value> apply(Arguments arguments) {
    NDArray input = turned(arguments, arguments.array(0));
    long steps = input.getShape().get(0);
    long batch = input.getShape().get(1);
    long size = arguments.dims(2)[2];
    List<NDList> weights = weights(arguments, size);
    NDArray hidden = state(arguments, 5, batch, size);
    NDArray cell = state(arguments, 6, batch, size);
    boolean ragged =
        arguments.has(4) && Arrays.stream(arguments.longs(4)).anyMatch(length -> length != steps);
    if (directions == 2 && !ragged) {
      return both(arguments, input, weights, new NDList(hidden, cell), size);
    }
    List<Result> results = new ArrayList<>(directions);
    for (int i = 0; i < directions; i++) {
      boolean backwards = reverse || i == 1;
      NDArray from = direction(arguments, hidden, i);
      NDArray memory = direction(arguments, cell, i);
      results.add(
          ragged
              ? new RaggedLstm(arguments, weights.get(i), arguments.longs(4), steps)
                  .run(input, from, memory, backwards)
              : run(arguments, input, weights.get(i), from, memory, backwards));
    }
    return joined(arguments, results);
  }

  /// One direction over rows of one length.
  static Result run(
      Arguments arguments,
      NDArray input,
      NDList weights,
      NDArray hidden,
      NDArray cell,
      boolean backwards) {
    NDArray data = backwards ? flipped(arguments, input) : input;
    NDList outputs = lstm(arguments, data, new NDList(hidden, cell), weights, false);
    NDArray output = outputs.get(0);
    return new Result(
        backwards ? flipped(arguments, output) : output, outputs.get(1), outputs.get(2));
  }

  private static NDArray flipped(Arguments arguments, NDArray array) {
    return arguments.temporary(JniUtils.flip((PtNDArray) array, new long[] {0}));
  }

  private static NDList lstm(
      Arguments arguments, NDArray input, NDList state, NDList weights, boolean both) {
    boolean biases = weights.size() > (both ? 4 : 2);
    NDList outputs =
        JniUtils.lstm(
            (PtNDArray) input, state, weights, biases, 1, 0, arguments.training(), both, false);
    outputs.forEach(arguments::temporary);
    return outputs;
  }

  private List<Value> both(
      Arguments arguments, NDArray input, List<NDList> weights, NDList state, long size) {
    NDList all = new NDList(weights.get(0));
    all.addAll(weights.get(1));
    NDList outputs = lstm(arguments, input, state, all, true);
    Shape shape = input.getShape();
    NDArray output =
        arguments.temporary(outputs.get(0).reshape(shape.get(0), shape.get(1), 2, size));
    NDArray turned = batchFirst ? output.transpose(1, 0, 2, 3) : output.transpose(0, 2, 1, 3);
    return List.of(
        Value.of(turned), Value.of(byBatch(outputs.get(1))), Value.of(byBatch(outputs.get(2))));
  }

  private List<Value> joined(Arguments arguments, List<Result> results) {
    int axis = batchFirst ? 2 : 1;
    List<NDArray> outputs = new ArrayList<>();
    for (Result result : results) {
      NDArray turned = turned(arguments, result.output());
      outputs.add(arguments.temporary(turned.expandDims(axis)));
    }
    return List.of(
        Value.of(concat(outputs, axis)),
        Value.of(
            byBatch(arguments.temporary(concat(results.stream().map(Result::hidden).toList(), 0)))),
        Value.of(
            byBatch(arguments.temporary(concat(results.stream().map(Result::cell).toList(), 0)))));
  }

  private static NDArray concat(List<NDArray> arrays, int axis) {
    return arrays.size() == 1 ? arrays.getFirst() : NDArrays.concat(new NDList(arrays), axis);
  }

  private NDArray byBatch(NDArray state) {
    return batchFirst ? state.transpose(1, 0, 2) : state;
  }

  private NDArray turned(Arguments arguments, NDArray array) {
    return batchFirst ? arguments.temporary(array.transpose(1, 0, 2)) : array;
  }

  private NDArray state(Arguments arguments, int position, long batch, long size) {
    if (arguments.has(position)) {
      return turned(arguments, arguments.array(position));
    }
    NDManager manager = arguments.manager();
    Shape shape = new Shape(directions, batch, size);
    return arguments.temporary(manager.zeros(shape, arguments.array(0).getDataType()));
  }

  private NDArray direction(Arguments arguments, NDArray array, int direction) {
    return directions == 1 ? array : part(arguments, array, 0, direction, direction + 1);
  }

  /// For each direction the engine's weights: input, hidden, and where there are any their biases,
  /// with the gates as the engine orders them.
  private List<NDList> weights(Arguments arguments, long size) {
    List<NDArray> all = new ArrayList<>();
    all.add(gates(arguments, arguments.array(1), 1, size));
    all.add(gates(arguments, arguments.array(2), 1, size));
    if (arguments.has(3)) {
      NDArray pair = arguments.temporary(arguments.array(3).reshape(directions, 2, 4 * size));
      NDArray biases = gates(arguments, pair, 2, size);
      all.add(arguments.temporary(part(arguments, biases, 1, 0, 1).squeeze(1)));
      all.add(arguments.temporary(part(arguments, biases, 1, 1, 2).squeeze(1)));
    }
    List<NDList> weights = new ArrayList<>();
    for (int i = 0; i < directions; i++) {
      NDList one = new NDList();
      for (NDArray array : all) {
        one.add(arguments.temporary(part(arguments, array, 0, i, i + 1).squeeze(0)));
      }
      weights.add(one);
    }
    return weights;
  }

  /// ONNX orders the gates input, output, forget, cell; PyTorch input, forget, cell, output.
  private static NDArray gates(Arguments arguments, NDArray array, int axis, long size) {
    NDArray first = part(arguments, array, axis, 0, size);
    NDArray output = part(arguments, array, axis, size, 2 * size);
    NDArray middle = part(arguments, array, axis, 2 * size, 4 * size);
    return arguments.temporary(NDArrays.concat(new NDList(first, middle, output), axis));
  }

  static NDArray part(Arguments arguments, NDArray array, int axis, long from, long to) {
    return arguments.temporary(JniUtils.slice((PtNDArray) array, axis, from, to, 1));
  }
}
