package io.attune.trainer.architecture;

import io.attune.onnx.Dimension;
import io.attune.onnx.ElementType;
import io.attune.onnx.Node;
import io.attune.onnx.OnnxModel;
import io.attune.onnx.Tensor;
import java.util.Map;

/// A bidirectional LSTM over token ids: embedding, LSTM, one cell of its output, linear layer.
///
/// Reads `input_ids`, int64 `[batch, sequence]`, and where padding is skipped `attention_mask`,
/// int64 `[batch, sequence]`: 1 for a token, 0 for padding, which is on the right.
///
/// @param vocabularySize option `vocabulary_size`: ids are below it; 5000 by default
/// @param embeddingDim option `embedding_dim`: the length of a token's vector; 64 by default
/// @param hiddenSize option `hidden_size`: the length of a cell's state, of each of the two
///   directions; 64 by default
/// @param outputDim option `output_dim`: the length of an embedding, 1..4096; 32 by default
/// @param readout option `readout`: what of the LSTM the linear layer reads; `last` by default
/// @param padding option `padding`: what padding is to the LSTM; `skip` by default
public record BiLstm(
    int vocabularySize,
    int embeddingDim,
    int hiddenSize,
    int outputDim,
    Readout readout,
    Padding padding)
    implements Architecture {
  /// What of the LSTM's output the linear layer reads.
  public enum Readout {
    /// The output at the last token: the forward state after all tokens, and the backward state
    /// after the last token only (`out[:, -1, :]` of the PyTorch and Paddle tutorials).
    LAST,
    /// Both final states: forward after the last token, backward after the first (Keras'
    /// `Bidirectional`).
    FINAL
  }

  /// What padding is to the LSTM.
  public enum Padding {
    /// Not read: an embedding does not depend on what else is in its batch.
    SKIP,
    /// Read as tokens of its id, as the tutorials do with sequences padded on the left to one
    /// length: an embedding depends on the length padded to, so all must be padded alike.
    READ
  }

  private static final String LAST_AXIS = "axis_1";
  private static final long[] BY_STEP = {1, 0, 2};

  public BiLstm {
    Options.requireRange("vocabulary_size", vocabularySize, 2, 10_000_000);
    Options.requireRange("embedding_dim", embeddingDim, 1, Options.MAX_DIMENSION);
    Options.requireRange("hidden_size", hiddenSize, 1, Options.MAX_DIMENSION);
    Options.requireRange("output_dim", outputDim, 1, Options.MAX_DIMENSION);
    Options.requireElements("vocabulary_size", vocabularySize, embeddingDim);
    Options.requireElements("hidden_size", 8L * hiddenSize, Math.max(embeddingDim, hiddenSize));
  }

  /// The defaults: 5000 tokens of 64, states of 64, to 32; the last cell, padding skipped.
  public BiLstm() {
    this(5000, 64, 64, 32, Readout.LAST, Padding.SKIP);
  }

  static BiLstm of(Map<String, ?> options) {
    Options given =
        new Options(
            "bilstm",
            options,
            "vocabulary_size",
            "embedding_dim",
            "hidden_size",
            "output_dim",
            "readout",
            "padding");
    BiLstm defaults = new BiLstm();
    return new BiLstm(
        given.size("vocabulary_size", defaults.vocabularySize),
        given.size("embedding_dim", defaults.embeddingDim),
        given.size("hidden_size", defaults.hiddenSize),
        given.size("output_dim", defaults.outputDim),
        given.choice("readout", defaults.readout),
        given.choice("padding", defaults.padding));
  }

  @Override
  public String name() {
    return "bilstm";
  }

  @Override
  public int dimension() {
    return outputDim;
  }

  @Override
  public OnnxModel initialized(long seed) {
    GraphDraft graph = new GraphDraft(name(), seed);
    Dimension[] shape = {Dimension.of("batch"), Dimension.of("sequence")};
    graph.input("input_ids", ElementType.INT64, shape);
    String lengths = "";
    if (padding == Padding.SKIP) {
      graph.input("attention_mask", ElementType.INT64, shape);
      lengths = lengths(graph);
    }
    graph.normal("embedding.weight", vocabularySize, embeddingDim);
    lstmWeights(graph);
    String tokens = graph.add("tokens", Node.op("Gather").inputs("embedding.weight", "input_ids"));
    String steps =
        graph.add("steps", Node.op("Transpose").inputs(tokens).attribute("perm", BY_STEP));
    String sequenceLens =
        lengths.isEmpty()
            ? ""
            : graph.add("sequence_lens", Node.op("Cast").inputs(lengths).attribute("to", 6));
    graph.add(
        Node.op("LSTM")
            .name("lstm")
            .inputs(steps, "lstm.weight_ih", "lstm.weight_hh", "lstm.bias", sequenceLens)
            .outputs("lstm_output", "lstm_final")
            .attribute("direction", "bidirectional")
            .attribute("hidden_size", hiddenSize));
    String cell = readout == Readout.FINAL ? state(graph, "lstm_final") : last(graph, lengths);
    graph.linear("linear", cell, 2 * hiddenSize, outputDim, GraphDraft.OUTPUT);
    return graph.model(outputDim);
  }

  /// ONNX's layout of the weights: directions first, gates input, output, forget, cell.
  private void lstmWeights(GraphDraft graph) {
    double bound = 1 / Math.sqrt(hiddenSize);
    graph.uniform("lstm.weight_ih", bound, 2, 4L * hiddenSize, embeddingDim);
    graph.uniform("lstm.weight_hh", bound, 2, 4L * hiddenSize, hiddenSize);
    graph.uniform("lstm.bias", bound, 2, 8L * hiddenSize);
  }

  /// The tokens of each row, `[batch]`; 1 where there are none, so that a cell exists.
  private static String lengths(GraphDraft graph) {
    graph.constant(Tensor.longs(LAST_AXIS, new long[] {1}, 1));
    graph.constant(Tensor.longs("one", new long[0], 1));
    String sum =
        graph.add(
            "token_count",
            Node.op("ReduceSum").inputs("attention_mask", LAST_AXIS).attribute("keepdims", 0));
    return graph.add("lengths", Node.op("Max").inputs(sum, "one"));
  }

  /// `[2, batch, hidden]` as `[batch, 2 * hidden]`.
  private String state(GraphDraft graph, String value) {
    graph.constant(Tensor.longs("cell_shape", new long[] {2}, 0, 2L * hiddenSize));
    String rows =
        graph.add("cell_rows", Node.op("Transpose").inputs(value).attribute("perm", BY_STEP));
    return graph.add("cell", Node.op("Reshape").inputs(rows, "cell_shape"));
  }

  private String last(GraphDraft graph, String lengths) {
    if (lengths.isEmpty()) {
      graph.constant(Tensor.longs("last_step", new long[0], -1));
      return state(graph, graph.add("last", Node.op("Gather").inputs("lstm_output", "last_step")));
    }
    graph.constant(Tensor.longs("zero", new long[0], 0));
    graph.constant(Tensor.longs("output_shape", new long[] {3}, 0, 0, 2L * hiddenSize));
    String byRow =
        graph.add(
            "output_by_row",
            Node.op("Transpose").inputs("lstm_output").attribute("perm", new long[] {2, 0, 1, 3}));
    String output = graph.add("output", Node.op("Reshape").inputs(byRow, "output_shape"));
    String cell =
        graph.add("cell_of_one", Node.op("MatMul").inputs(lastIsOne(graph, lengths), output));
    return graph.add("cell", Node.op("Squeeze").inputs(cell, LAST_AXIS));
  }

  /// Float `[batch, 1, sequence]`: 1 at the last token of a row, 0 elsewhere.
  private static String lastIsOne(GraphDraft graph, String lengths) {
    String shape = graph.add("ids_shape", Node.op("Shape").inputs("input_ids"));
    String sequence = graph.add("sequence", Node.op("Gather").inputs(shape, "one"));
    String steps = graph.add("positions", Node.op("Range").inputs("zero", sequence, "one"));
    String position = graph.add("last_position", Node.op("Sub").inputs(lengths, "one"));
    String column = graph.add("last_column", Node.op("Unsqueeze").inputs(position, LAST_AXIS));
    String at = graph.add("is_last", Node.op("Equal").inputs(steps, column));
    String one = graph.add("last_is_one", Node.op("Cast").inputs(at).attribute("to", 1));
    return graph.add("last_rows", Node.op("Unsqueeze").inputs(one, LAST_AXIS));
  }
}
