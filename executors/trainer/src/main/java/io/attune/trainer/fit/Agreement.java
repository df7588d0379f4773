package io.attune.trainer.fit;

import io.attune.document.Document;
import io.attune.models.Collation;
import io.attune.models.OnnxSession;
import io.attune.models.Preprocess;
import io.attune.models.SessionOptions;
import io.attune.models.TextTokenizer;
import io.attune.models.Tokens;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.trainer.data.TrainingData;
import io.attune.trainer.data.collation.EncodedBatch;
import io.attune.trainer.data.collation.EncodedInput;
import io.attune.trainer.data.collation.TextCollator;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Whether ONNX Runtime gives the embeddings that the trainer gives, over batches and lengths.
final class Agreement {
  /// Rows together.
  static final List<Integer> BATCHES = List.of(1, 3, 32);

  /// Tokens of a row; beside them the most that the model reads.
  static final List<Integer> LENGTHS = List.of(1, 7, 50);

  private static final double MOST = 1e-5;

  private final TrainedGraph graph;
  private final BaseModel base;
  private final BaseModel.Reader serving;
  private final TrainingData data;

  Agreement(TrainedGraph graph, BaseModel base, BaseModel.Reader serving, TrainingData data) {
    this.graph = graph;
    this.base = base;
    this.serving = serving;
    this.data = data;
  }

  /// The largest difference of any value, relative to the length of its embedding: of normalised
  /// embeddings, which have length 1, the difference itself.
  ///
  /// @param file the graph that is to be published
  /// @throws FlowException (INTERNAL) where it is above 1e-5
  double require(Path file) {
    try (OnnxSession session =
        OnnxSession.open(file, base.draft().dimension(), SessionOptions.DEFAULT)) {
      double worst =
          base.draft().preprocess() == Preprocess.TEXT ? texts(session) : tensors(session);
      if (!(worst <= MOST)) {
        throw new FlowException(
            ErrorCode.INTERNAL,
            "artifact: embeddings differ by %.2e between ONNX Runtime and the trainer (expected: at most %.0e)"
                .formatted(worst, MOST));
      }
      return worst;
    }
  }

  private double texts(OnnxSession session) {
    TextTokenizer tokenizer = serving.tokenizer();
    if (tokenizer == null || !(serving.collator() instanceof TextCollator collator)) {
      throw new IllegalStateException("a model of texts is read by a tokenizer");
    }
    List<Integer> lengths = new ArrayList<>(LENGTHS);
    lengths.removeIf(length -> length > tokenizer.maxLength());
    lengths.add(tokenizer.maxLength());
    double worst = 0;
    for (int rows : BATCHES) {
      for (int length : lengths) {
        List<Tokens> tokens = tokens(tokenizer, rows, length);
        EncodedBatch batch = collator.part(tokens);
        worst = Math.max(worst, difference(batch, session.run(Collation.of(tokens))));
      }
    }
    return worst;
  }

  /// Rows of the training texts' tokens, the first of the length, each other a little shorter, so
  /// that there is padding.
  private List<Tokens> tokens(TextTokenizer tokenizer, int rows, int length) {
    List<Tokens> result = new ArrayList<>();
    int item = 0;
    for (int row = 0; row < rows; row++) {
      int wanted = Math.max(1, length - row % 5);
      int[] ids = new int[wanted];
      int filled = 0;
      while (filled < wanted) {
        int[] more = tokenizer.encode(data.document(item++ % data.size()).text()).ids();
        int taken = Math.min(more.length, wanted - filled);
        System.arraycopy(more, 0, ids, filled, taken);
        filled += taken;
        if (more.length == 0 && item > data.size()) {
          Arrays.fill(ids, filled, wanted, 1);
          filled = wanted;
        }
      }
      result.add(new Tokens(ids, new int[wanted], false));
    }
    return result;
  }

  private double tensors(OnnxSession session) {
    double worst = 0;
    for (int rows : BATCHES) {
      List<Document> documents = new ArrayList<>();
      for (int row = 0; row < rows; row++) {
        documents.add(data.document(row % data.size()));
      }
      EncodedBatch batch = serving.collator().encode(documents, _ -> false).parts().getFirst();
      if (!(batch.inputs().getFirst() instanceof EncodedInput.Real input)) {
        throw new IllegalStateException("a model of tensors reads floats");
      }
      float[] values = input.values();
      long[] shape = input.shape();
      worst = Math.max(worst, difference(batch, session.run(values, shape)));
    }
    return worst;
  }

  private double difference(EncodedBatch batch, float[] served) {
    List<float[]> trained = graph.forward(batch);
    double worst = 0;
    for (int row = 0; row < trained.size(); row++) {
      float[] embedding = trained.get(row);
      double square = 0;
      double most = 0;
      for (int i = 0; i < embedding.length; i++) {
        double other = served[row * embedding.length + i];
        square += other * other;
        most = Math.max(most, Math.abs(embedding[i] - other));
      }
      worst = Math.max(worst, most / Math.max(Math.sqrt(square), 1e-12));
    }
    return worst;
  }
}
