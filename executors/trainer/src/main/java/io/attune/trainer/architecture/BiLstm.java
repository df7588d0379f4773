package io.attune.trainer.architecture;

import io.attune.onnx.Dimension;
import io.attune.onnx.ElementType;
import io.attune.onnx.Node;
import io.attune.onnx.OnnxModel;
import io.attune.onnx.Tensor;
import java.util.Map;

/// A bidirectional LSTM over token ids: embedding, LSTM, a readout of its output, linear layer.
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
/// @param vocabulary option `vocabulary`: what a text is to the embedding; `words` by default
public record BiLstm(
    int vocabularySize,
    int embeddingDim,
    int hiddenSize,
    int outputDim,
    Readout readout,
    Padding padding,
    Vocabulary vocabulary)
    implements Architecture {
  /// What of the LSTM's output the linear layer reads.
  public enum Readout {
    /// The output at the last token: the forward state after all tokens, and the backward state
    /// after the last token only (`out[:, -1, :]` of the PyTorch and Paddle tutorials).
    LAST,
    /// Both final states: forward after the last token, backward after the first (Keras'
    /// `Bidirectional`).
    FINAL,
    /// The mean of the outputs at all tokens.
    MEAN,
    /// The largest of the outputs at all tokens, for each number of its own (BiLSTM-max of A.
    /// Conneau et al., "Supervised Learning of Universal Sentence Representations from Natural
    /// Language Inference Data", EMNLP 2017).
    MAX
  }

  /// What padding is to the LSTM.
  public enum Padding {
    /// Not read: an embedding does not depend on what else is in its batch.
    SKIP,
    /// Read as tokens of its id, as the tutorials do with sequences padded on the left to one
    /// length: an embedding depends on the length padded to, so all must be padded alike.
    READ
  }

  /// What a text is to the embedding.
  public enum Vocabulary {
    /// Words seen twice or more in the training data; all others are one.
    WORDS,
    /// The same, and pieces of words that spell all others.
    PIECES
  }

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
    this(5000, 64, 64, 32, Readout.LAST, Padding.SKIP, Vocabulary.WORDS);
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
            "padding",
            "vocabulary");
    BiLstm defaults = new BiLstm();
    return new BiLstm(
        given.size("vocabulary_size", defaults.vocabularySize),
        given.size("embedding_dim", defaults.embeddingDim),
        given.size("hidden_size", defaults.hiddenSize),
        given.size("output_dim", defaults.outputDim),
        given.choice("readout", defaults.readout),
        given.choice("padding", defaults.padding),
        given.choice("vocabulary", defaults.vocabulary));
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
            .outputs(BiLstmReadout.OUTPUT, BiLstmReadout.FINAL)
            .attribute("direction", "bidirectional")
            .attribute("hidden_size", hiddenSize));
    String cell = new BiLstmReadout(graph, hiddenSize, lengths).of(readout);
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
    graph.constant(Tensor.longs(BiLstmReadout.COLUMN_AXIS, new long[] {1}, 1));
    graph.constant(Tensor.longs(BiLstmReadout.ONE, new long[0], 1));
    String sum =
        graph.add(
            "token_count",
            Node.op("ReduceSum")
                .inputs("attention_mask", BiLstmReadout.COLUMN_AXIS)
                .attribute("keepdims", 0));
    return graph.add("lengths", Node.op("Max").inputs(sum, BiLstmReadout.ONE));
  }
}
