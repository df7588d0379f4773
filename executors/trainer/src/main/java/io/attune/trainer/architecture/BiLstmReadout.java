package io.attune.trainer.architecture;

import io.attune.onnx.Node;
import io.attune.onnx.Tensor;

/// What the linear layer of a [BiLstm] reads: `[batch, 2 * hidden]`, from the LSTM's output,
/// `[sequence, 2, batch, hidden]` and 0 at padding, or from its final states, `[2, batch, hidden]`.
final class BiLstmReadout {
  static final String OUTPUT = "lstm_output";
  static final String FINAL = "lstm_final";

  /// Constants that a graph with lengths has: the axis of columns, and the number 1.
  static final String COLUMN_AXIS = "axis_1";

  static final String ONE = "one";

  private final GraphDraft graph;
  private final int hiddenSize;
  private final String lengths;

  /// @param lengths the tokens of each row, int64 `[batch]`, at least 1; empty where padding is
  ///   read
  BiLstmReadout(GraphDraft graph, int hiddenSize, String lengths) {
    this.graph = graph;
    this.hiddenSize = hiddenSize;
    this.lengths = lengths;
  }

  String of(BiLstm.Readout readout) {
    return switch (readout) {
      case FINAL -> rows("cell", FINAL);
      case LAST -> lengths.isEmpty() ? lastStep() : lastToken();
      case MEAN -> lengths.isEmpty() ? rows("mean", reduced("ReduceMean", OUTPUT)) : mean();
      case MAX -> rows("max", reduced("ReduceMax", lengths.isEmpty() ? OUTPUT : tokens()));
    };
  }

  /// `[2, batch, hidden]` as `[batch, 2 * hidden]`.
  private String rows(String name, String states) {
    graph.constant(Tensor.longs("cell_shape", new long[] {2}, 0, 2L * hiddenSize));
    String rows =
        graph.add(
            "cell_rows",
            Node.op("Transpose").inputs(states).attribute("perm", new long[] {1, 0, 2}));
    return graph.add(name, Node.op("Reshape").inputs(rows, "cell_shape"));
  }

  /// Over the steps, with an operator whose axes are an attribute.
  private String reduced(String operator, String output) {
    return graph.add(
        "reduced",
        Node.op(operator)
            .inputs(output)
            .attribute("axes", new long[] {0})
            .attribute("keepdims", 0));
  }

  private String lastStep() {
    graph.constant(Tensor.longs("last_step", new long[0], -1));
    return rows("cell", graph.add("last", Node.op("Gather").inputs(OUTPUT, "last_step")));
  }

  private String lastToken() {
    graph.constant(Tensor.longs("output_shape", new long[] {3}, 0, 0, 2L * hiddenSize));
    String byRow =
        graph.add(
            "output_by_row",
            Node.op("Transpose").inputs(OUTPUT).attribute("perm", new long[] {2, 0, 1, 3}));
    String output = graph.add("output", Node.op("Reshape").inputs(byRow, "output_shape"));
    String cell = graph.add("cell_of_one", Node.op("MatMul").inputs(lastIsOne(), output));
    return graph.add("cell", Node.op("Squeeze").inputs(cell, COLUMN_AXIS));
  }

  /// Float `[batch, 1, sequence]`: 1 at the last token of a row, 0 elsewhere.
  private String lastIsOne() {
    String last = graph.add("last_position", Node.op("Sub").inputs(lengths, ONE));
    String at = graph.add("is_last", Node.op("Equal").inputs(positions(), column(last)));
    String one = graph.add("last_is_one", Node.op("Cast").inputs(at).attribute("to", 1));
    return graph.add("last_rows", Node.op("Unsqueeze").inputs(one, COLUMN_AXIS));
  }

  private String mean() {
    graph.constant(Tensor.longs("step_axis", new long[] {1}, 0));
    String sum =
        graph.add(
            "reduced", Node.op("ReduceSum").inputs(OUTPUT, "step_axis").attribute("keepdims", 0));
    String counts = graph.add("counts", Node.op("Cast").inputs(column(lengths)).attribute("to", 1));
    return graph.add("mean", Node.op("Div").inputs(rows("sum", sum), counts));
  }

  /// The output with -1 at padding, which no output is less than.
  private String tokens() {
    graph.constant(Tensor.floats("least", new long[0], -1));
    graph.constant(Tensor.longs("step_axes", new long[] {2}, 1, 3));
    String isToken = graph.add("is_token", Node.op("Less").inputs(positions(), column(lengths)));
    String byStep =
        graph.add(
            "is_token_by_step",
            Node.op("Transpose").inputs(isToken).attribute("perm", new long[] {1, 0}));
    String wide = graph.add("is_token_wide", Node.op("Unsqueeze").inputs(byStep, "step_axes"));
    return graph.add("tokens_only", Node.op("Where").inputs(wide, OUTPUT, "least"));
  }

  /// The numbers of the steps, int64 `[sequence]`.
  private String positions() {
    graph.constant(Tensor.longs("zero", new long[0], 0));
    String shape = graph.add("ids_shape", Node.op("Shape").inputs("input_ids"));
    String sequence = graph.add("sequence", Node.op("Gather").inputs(shape, ONE));
    return graph.add("positions", Node.op("Range").inputs("zero", sequence, ONE));
  }

  /// `[batch]` as `[batch, 1]`.
  private String column(String value) {
    return graph.add("column", Node.op("Unsqueeze").inputs(value, COLUMN_AXIS));
  }
}
