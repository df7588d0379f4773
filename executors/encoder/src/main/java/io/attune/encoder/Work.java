package io.attune.encoder;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.document.Document;
import io.attune.document.NdArray;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The documents of one request, read by one model, on their way to embeddings.
final class Work {
  private final EmbeddingModel model;
  private final List<Pending> pending = new ArrayList<>();
  private int kept;
  private int skipped;
  private int cut;
  private long tokens;

  /// A document that waits for its embedding.
  private static final class Pending {
    private final Document document;
    private final Input input;
    private float @Nullable [] embedding;

    private Pending(Document document, Input input) {
      this.document = document;
      this.input = input;
    }
  }

  /// Runs inputs that share a shape, and gives their embeddings in order.
  @FunctionalInterface
  interface Runner {
    List<float[]> run(String shape, List<Input> inputs);
  }

  private Work(EmbeddingModel model) {
    this.model = model;
  }

  /// Reads documents. What has an embedding keeps it unless it shall be overwritten; what has
  /// nothing that the model reads is left alone.
  static Work read(EmbeddingModel model, List<Document> documents, EncodeParameters parameters) {
    Work work = new Work(model);
    for (Document document : documents) {
      if (document.hasEmbedding() && !parameters.overwrite()) {
        work.kept++;
        continue;
      }
      Optional<Input> input = model.read(document, parameters.prompt());
      if (input.isEmpty()) {
        work.skipped++;
        continue;
      }
      work.add(document, input.get());
    }
    return work;
  }

  private void add(Document document, Input input) {
    pending.add(new Pending(document, input));
    if (input instanceof Input.Text text) {
      tokens += text.tokens().length();
      cut += text.cut() ? 1 : 0;
    }
  }

  /// Gives every document that was read its embedding, marked with the model's space; all of them
  /// or, on failure, none.
  void embed(Runner runner) {
    Map<String, List<Pending>> byShape = new LinkedHashMap<>();
    for (Pending each : pending) {
      byShape.computeIfAbsent(each.input.shape(), _ -> new ArrayList<>()).add(each);
    }
    byShape.forEach((shape, group) -> {
      List<float[]> embeddings = runner.run(shape, group.stream().map(each -> each.input).toList());
      for (int i = 0; i < group.size(); i++) {
        Pending each = group.get(i);
        each.embedding = checked(each.document, embeddings.get(i));
      }
    });
    for (Pending each : pending) {
      if (each.embedding != null) {
        each.document.embedding(NdArray.of(each.embedding), model.space());
      }
    }
  }

  private float[] checked(Document document, float[] embedding) {
    if (embedding.length != model.dimension()) {
      throw new FlowException(
          ErrorCode.INTERNAL,
          "document %s: embedding of %d dimensions from %s (expected: %d)"
              .formatted(document.id(), embedding.length, model.id(), model.dimension()));
    }
    int odd = Embeddings.firstNotFinite(embedding);
    if (odd >= 0) {
      throw new FlowException(
          ErrorCode.INTERNAL,
          "document %s: embedding has %s at %d from %s (expected: finite numbers)"
              .formatted(document.id(), embedding[odd], odd, model.id()));
    }
    return embedding;
  }

  int encoded() {
    return pending.size();
  }

  int kept() {
    return kept;
  }

  int skipped() {
    return skipped;
  }

  int cut() {
    return cut;
  }

  long tokens() {
    return tokens;
  }

  /// What the answer says at `parameters.__results__.<executor>`.
  Struct results() {
    return Struct.newBuilder()
        .putFields("model", Value.newBuilder().setStringValue(model.id().toString()).build())
        .putFields("space", Value.newBuilder().setStringValue(model.space()).build())
        .putFields("encoded", number(encoded()))
        .putFields("kept", number(kept))
        .putFields("skipped", number(skipped))
        .putFields("cut", number(cut))
        .build();
  }

  private static Value number(int value) {
    return Value.newBuilder().setNumberValue(value).build();
  }
}
