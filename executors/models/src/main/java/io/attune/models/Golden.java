package io.attune.models;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// Inputs with the embeddings that a model must give for them: `golden.json`.
///
/// @param cases the inputs, 1 to 1,000
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record Golden(List<Case> cases) {
  /// The least cosine between an embedding and its golden for the model to count as the same.
  public static final double LEAST_COSINE = 0.9999;

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .build();

  /// One input with its embedding: a text (prompt included), or a tensor.
  ///
  /// @param text the text, for a model that takes text
  /// @param tensor the values of a tensor without its batch dimension, row-major
  /// @param shape the tensor's shape, without the batch dimension
  /// @param embedding what the model gives for it
  @SuppressWarnings("ArrayRecordComponent") // cases are read and written, never compared
  public record Case(
      @Nullable String text,
      float @Nullable [] tensor,
      long @Nullable [] shape,
      float[] embedding) {}

  public Golden {
    if (cases == null || cases.isEmpty() || cases.size() > 1000) {
      throw FlowException.invalid(
          Artifact.GOLDEN
              + ": "
              + (cases == null ? 0 : cases.size())
              + " cases (expected: 1..1000)");
    }
    cases = List.copyOf(cases);
  }

  /// Reads a `golden.json`.
  public static Golden read(Path file) {
    try {
      return MAPPER.readValue(file, Golden.class);
    } catch (JacksonException e) {
      throw new FlowException(ErrorCode.INVALID_ARGUMENT, file + ": " + e.getOriginalMessage(), e);
    }
  }

  void write(Path file) {
    MAPPER.writeValue(file, this);
  }

  /// The goldens of texts, computed now, each alone.
  static Golden of(OnnxSession session, TextTokenizer tokenizer, List<String> texts) {
    List<Case> cases = new ArrayList<>();
    for (String text : texts) {
      float[] embedding = session.embed(List.of(tokenizer.encode(text)))[0];
      requireFinite(embedding, "the text \"" + shortened(text) + '"');
      cases.add(new Case(text, null, null, embedding));
    }
    return new Golden(cases);
  }

  static void requireFinite(float[] embedding, String what) {
    for (int i = 0; i < embedding.length; i++) {
      if (!Float.isFinite(embedding[i])) {
        throw FlowException.invalid(
            "embedding of %s: %s at dimension %d (expected: finite numbers)"
                .formatted(what, embedding[i], i));
      }
    }
  }

  static String shortened(String text) {
    return text.length() <= 40 ? text : text.substring(0, 40) + "…";
  }

  static double cosine(float[] a, float[] b) {
    double dot = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.length; i++) {
      dot += (double) a[i] * b[i];
      aa += (double) a[i] * a[i];
      bb += (double) b[i] * b[i];
    }
    return dot / Math.sqrt(aa * bb);
  }
}
