package io.attune.trainer.graph.op;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.attune.trainer.array.EngineArrays;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/// One direction of an LSTM over rows of different lengths, each padded at its end: outputs beyond
/// a row's length are 0, and its states are those after its own last step.
///
/// Rows are ordered by length, the longest first. Between one length and the next, the rows that
/// reach so far are the first `n`: they run as a batch of one length, and the state of those that
/// end there is final. Backwards it is the same from the far end, and rows join with their initial
/// state. So each step computes exactly the rows that have it, as PyTorch's packed sequences do.
final class RaggedLstm {
  private final Arguments arguments;
  private final NDList weights;
  private final int[] order;
  private final long[] lengths;
  private final long steps;

  /// The lengths there are, ascending, without 0.
  private final long[] ends;

  /// @param lengths of each row
  /// @param steps the length that all are padded to
  RaggedLstm(Arguments arguments, NDList weights, long[] lengths, long steps) {
    this.arguments = arguments;
    this.weights = weights;
    this.lengths = lengths;
    this.steps = steps;
    order =
        IntStream.range(0, lengths.length)
            .boxed()
            .sorted(Comparator.comparingLong((Integer row) -> -lengths[row]))
            .mapToInt(Integer::intValue)
            .toArray();
    ends = Arrays.stream(lengths).filter(length -> length > 0).sorted().distinct().toArray();
  }

  /// @param input (steps, batch, size)
  /// @param hidden (1, batch, hidden)
  /// @param cell (1, batch, hidden)
  Lstm.Result run(NDArray input, NDArray hidden, NDArray cell, boolean backwards) {
    NDArray sorted = rows(input, order);
    NDArray first = rows(hidden, order);
    NDArray memory = rows(cell, order);
    Lstm.Result result =
        backwards ? backward(sorted, first, memory) : forward(sorted, first, memory);
    int[] inverse = new int[order.length];
    for (int i = 0; i < order.length; i++) {
      inverse[order[i]] = i;
    }
    return new Lstm.Result(
        rows(result.output(), inverse),
        rows(result.hidden(), inverse),
        rows(result.cell(), inverse));
  }

  private Lstm.Result forward(NDArray input, NDArray first, NDArray memory) {
    List<NDArray> outputs = new ArrayList<>();
    List<NDArray> hiddens = new ArrayList<>();
    List<NDArray> cells = new ArrayList<>();
    long batch = order.length;
    addEmpty(hiddens, cells, first, active(0), batch);
    NDArray hidden = first;
    NDArray cell = memory;
    for (int i = 0; i < ends.length; i++) {
      long from = i == 0 ? 0 : ends[i - 1];
      long rows = active(from);
      NDArray part = Lstm.part(arguments, input, 0, from, ends[i]);
      Lstm.Result result =
          Lstm.run(
              arguments,
              Lstm.part(arguments, part, 1, 0, rows),
              weights,
              Lstm.part(arguments, hidden, 1, 0, rows),
              Lstm.part(arguments, cell, 1, 0, rows),
              false);
      outputs.add(padded(result.output(), rows));
      hidden = result.hidden();
      cell = result.cell();
      long going = active(ends[i]);
      hiddens.addFirst(Lstm.part(arguments, hidden, 1, going, rows));
      cells.addFirst(Lstm.part(arguments, cell, 1, going, rows));
    }
    return new Lstm.Result(output(outputs, first), concat(hiddens, 1), concat(cells, 1));
  }

  private Lstm.Result backward(NDArray input, NDArray first, NDArray memory) {
    List<NDArray> outputs = new ArrayList<>();
    long before = 0;
    NDArray hidden = first;
    NDArray cell = memory;
    for (int i = ends.length - 1; i >= 0; i--) {
      long from = i == 0 ? 0 : ends[i - 1];
      long rows = active(from);
      hidden = joined(hidden, first, before, rows);
      cell = joined(cell, memory, before, rows);
      NDArray part = Lstm.part(arguments, input, 0, from, ends[i]);
      Lstm.Result result =
          Lstm.run(arguments, Lstm.part(arguments, part, 1, 0, rows), weights, hidden, cell, true);
      outputs.addFirst(padded(result.output(), rows));
      hidden = result.hidden();
      cell = result.cell();
      before = rows;
    }
    List<NDArray> hiddens = new ArrayList<>();
    List<NDArray> cells = new ArrayList<>();
    addEmpty(hiddens, cells, first, before, order.length);
    if (before > 0) {
      hiddens.addFirst(hidden);
      cells.addFirst(cell);
    }
    return new Lstm.Result(output(outputs, first), concat(hiddens, 1), concat(cells, 1));
  }

  /// Rows without a step end with states of 0, as ONNX Runtime has it.
  private void addEmpty(
      List<NDArray> hiddens, List<NDArray> cells, NDArray like, long from, long to) {
    if (from < to) {
      hiddens.add(zeros(like, 1, to - from));
      cells.add(zeros(like, 1, to - from));
    }
  }

  private NDArray joined(NDArray state, NDArray initial, long before, long rows) {
    NDArray joining = Lstm.part(arguments, initial, 1, before, rows);
    return before == 0 ? joining : concat(List.of(state, joining), 1);
  }

  /// How many rows have a step after the first `length` ones.
  private long active(long length) {
    return Arrays.stream(lengths).filter(one -> one > length).count();
  }

  private NDArray padded(NDArray output, long rows) {
    if (rows == order.length) {
      return output;
    }
    NDArray rest = zeros(output, output.getShape().get(0), order.length - rows);
    return concat(List.of(output, rest), 1);
  }

  private NDArray output(List<NDArray> parts, NDArray like) {
    long reached = ends.length == 0 ? 0 : ends[ends.length - 1];
    if (reached < steps) {
      parts.add(zeros(like, steps - reached, order.length));
    }
    return concat(parts, 0);
  }

  private NDArray zeros(NDArray like, long steps, long rows) {
    Shape shape = new Shape(steps, rows, like.getShape().get(2));
    return arguments.temporary(arguments.manager().zeros(shape, like.getDataType()));
  }

  private NDArray concat(List<NDArray> arrays, int axis) {
    if (arrays.size() == 1) {
      return arrays.getFirst();
    }
    return arguments.temporary(NDArrays.concat(new NDList(arrays), axis));
  }

  /// The rows of the second axis in another order.
  private NDArray rows(NDArray array, int[] wanted) {
    boolean same = true;
    for (int i = 0; i < wanted.length; i++) {
      same &= wanted[i] == i;
    }
    if (same) {
      return array;
    }
    Shape shape = array.getShape();
    NDArray front = arguments.temporary(array.transpose(1, 0, 2));
    NDArray matrix = arguments.temporary(front.reshape(shape.get(1), shape.get(0) * shape.get(2)));
    PtNDArray index = (PtNDArray) arguments.temporary(EngineArrays.of(arguments.manager(), wanted));
    NDArray picked = arguments.temporary(JniUtils.embedding(index, (PtNDArray) matrix, false));
    NDArray shaped = arguments.temporary(picked.reshape(shape.get(1), shape.get(0), shape.get(2)));
    return arguments.temporary(shaped.transpose(1, 0, 2));
  }
}
