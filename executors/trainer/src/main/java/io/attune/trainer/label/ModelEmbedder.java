package io.attune.trainer.label;

import io.attune.document.Document;
import io.attune.document.NdArray;
import io.attune.models.Artifact;
import io.attune.models.OnnxSession;
import io.attune.models.Preprocess;
import io.attune.models.SessionOptions;
import io.attune.models.StoredModel;
import io.attune.models.TextTokenizer;
import io.attune.models.Tokens;
import io.attune.runtime.FlowException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// A stored model that gives embeddings as serving does.
final class ModelEmbedder implements Embedder {
  private static final int BATCH = 16;

  private final Artifact artifact;
  private final OnnxSession session;
  private final @Nullable TextTokenizer tokenizer;

  private ModelEmbedder(Artifact artifact, OnnxSession session, @Nullable TextTokenizer tokenizer) {
    this.artifact = artifact;
    this.session = session;
    this.tokenizer = tokenizer;
  }

  static ModelEmbedder open(StoredModel model) {
    OnnxSession session = OnnxSession.open(model, SessionOptions.DEFAULT);
    try {
      boolean texts = model.artifact().preprocess() == Preprocess.TEXT;
      return new ModelEmbedder(model.artifact(), session, texts ? TextTokenizer.open(model) : null);
    } catch (RuntimeException e) {
      session.close();
      throw e;
    }
  }

  @Override
  public float[][] embed(List<Document> documents, boolean queries) {
    float[][] rows = new float[documents.size()][];
    List<Integer> byLength =
        IntStream.range(0, rows.length)
            .boxed()
            .sorted(Comparator.comparingInt(i -> documents.get(i).text().length()))
            .toList();
    for (int from = 0; from < rows.length; from += BATCH) {
      List<Integer> taken = byLength.subList(from, Math.min(rows.length, from + BATCH));
      List<Document> batch = taken.stream().map(documents::get).toList();
      float[][] embeddings = tokenizer == null ? tensors(batch) : texts(tokenizer, batch, queries);
      for (int i = 0; i < embeddings.length; i++) {
        rows[taken.get(i)] = embeddings[i];
      }
    }
    return rows;
  }

  private float[][] texts(TextTokenizer tokenizer, List<Document> batch, boolean queries) {
    String prompt = queries ? artifact.queryPrompt() : artifact.documentPrompt();
    List<Tokens> tokens = new ArrayList<>(batch.size());
    for (Document document : batch) {
      if (document.text().isEmpty()) {
        throw FlowException.invalid(
            "document %s: %s (expected: a text, which %s reads)"
                .formatted(document.id(), document.setFields(), artifact.id()));
      }
      tokens.add(tokenizer.encode(prompt, document.text()));
    }
    return session.embed(tokens);
  }

  private float[][] tensors(List<Document> batch) {
    List<NdArray> tensors = batch.stream().map(this::tensor).toList();
    int[] one = tensors.getFirst().shape();
    int size = tensors.getFirst().size();
    float[] values = new float[batch.size() * size];
    for (int row = 0; row < tensors.size(); row++) {
      if (!Arrays.equals(one, tensors.get(row).shape())) {
        throw FlowException.invalid(
            "document %s: a tensor of shape %s (expected: %s, as document %s has)"
                .formatted(
                    batch.get(row).id(),
                    Arrays.toString(tensors.get(row).shape()),
                    Arrays.toString(one),
                    batch.getFirst().id()));
      }
      System.arraycopy(tensors.get(row).floats(), 0, values, row * size, size);
    }
    long[] shape = new long[one.length + 1];
    shape[0] = batch.size();
    for (int i = 0; i < one.length; i++) {
      shape[i + 1] = one[i];
    }
    float[] flat = session.run(values, shape);
    float[][] rows = new float[batch.size()][];
    int dimension = session.dimension();
    for (int row = 0; row < rows.length; row++) {
      rows[row] = Arrays.copyOfRange(flat, row * dimension, (row + 1) * dimension);
    }
    return rows;
  }

  private NdArray tensor(Document document) {
    return document
        .tensor()
        .orElseThrow(() ->
            FlowException.invalid(
                "document %s: %s (expected: a tensor, which %s reads)"
                    .formatted(document.id(), document.setFields(), artifact.id())));
  }

  @Override
  public void close() {
    try (session) {
      if (tokenizer != null) {
        tokenizer.close();
      }
    }
  }
}
