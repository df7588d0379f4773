package io.attune.models;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
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

  private static final double UNIT_TOLERANCE = 1e-3;
  private static final double LENGTH_TOLERANCE = 1e-2;
  private static final int MAX_RANK = 16;
  private static final long MAX_BYTES = 256L << 20;

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
      float[] embedding) {
    /// The input for a message. A text whose embedding is not known yet.
    static Case ofText(String text) {
      return new Case(text, null, null, new float[0]);
    }

    /// The input alone, equal for equal inputs.
    Object input() {
      return text != null ? text : Arrays.asList(Arrays.hashCode(tensor), Arrays.hashCode(shape));
    }

    String describe() {
      return text == null ? "a tensor" : "the text \"" + shortened(text) + '"';
    }
  }

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
      if (Files.size(file) > MAX_BYTES) {
        throw FlowException.invalid(
            file + ": " + Files.size(file) + " bytes (expected: at most " + MAX_BYTES + ")");
      }
      Golden golden = MAPPER.readValue(file, Golden.class);
      if (golden == null) {
        throw FlowException.invalid(file + ": null (expected: cases)");
      }
      return golden;
    } catch (JacksonException e) {
      throw new FlowException(ErrorCode.INVALID_ARGUMENT, file + ": " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw ModelStore.failed(file, e);
    }
  }

  /// Refuses goldens that are not of an artifact's kind and dimension.
  void requireFor(Artifact artifact) {
    boolean text = artifact.preprocess() == Preprocess.TEXT;
    for (Case one : cases) {
      require(one, (one.text() != null) == text, text ? "a text" : "a tensor");
      if (!text) {
        requireTensor(one);
      }
      require(
          one,
          one.embedding() != null && one.embedding().length == artifact.dimension(),
          "an embedding of " + artifact.dimension() + " values");
      requireFinite(one.embedding(), one.describe());
      double length = Math.sqrt(dot(one.embedding(), one.embedding()));
      require(
          one,
          !artifact.normalized() || Math.abs(length - 1) <= UNIT_TOLERANCE,
          "length 1, it is " + length);
    }
  }

  private static void requireTensor(Case one) {
    float[] tensor = one.tensor();
    long[] shape = one.shape();
    require(one, tensor != null && shape != null && shape.length <= MAX_RANK, "tensor and shape");
    if (tensor != null && shape != null) {
      long elements = 1;
      for (long size : shape) {
        require(one, size >= 1 && size <= tensor.length, "a shape of 1 or more");
        elements *= size;
        require(one, elements <= tensor.length, "a shape of " + tensor.length + " values");
      }
      require(one, elements == tensor.length, "a shape of " + tensor.length + " values");
    }
  }

  private static void require(Case one, boolean holds, String expected) {
    if (!holds) {
      throw FlowException.invalid(
          Artifact.GOLDEN + ": " + one.describe() + " (expected: " + expected + ")");
    }
  }

  /// The least agreement of embeddings with these goldens, row by row.
  double leastCosine(List<float[]> embeddings) {
    double least = 1;
    for (int i = 0; i < cases.size(); i++) {
      least = Math.min(least, agreement(embeddings.get(i), cases.get(i).embedding()));
    }
    return least;
  }

  void write(Path file) {
    MAPPER.writeValue(file, this);
  }

  /// The goldens of texts, computed now, each alone.
  static Golden of(OnnxSession session, TextTokenizer tokenizer, List<String> texts) {
    List<float[]> embeddings = new ArrayList<>();
    for (String text : texts) {
      embeddings.add(session.embed(List.of(tokenizer.encode(text)))[0]);
    }
    return of(texts, embeddings);
  }

  /// The goldens of texts whose embeddings are known.
  static Golden of(List<String> texts, List<float[]> embeddings) {
    return with(texts.stream().map(Case::ofText).toList(), embeddings);
  }

  /// The cases with what was computed for them.
  static Golden with(List<Case> inputs, List<float[]> embeddings) {
    List<Case> cases = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      Case input = inputs.get(i);
      requireFinite(embeddings.get(i), input.describe());
      cases.add(new Case(input.text(), input.tensor(), input.shape(), embeddings.get(i)));
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
    return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  }

  /// The cosine of two embeddings where their lengths agree to a hundredth; two zeros agree, a zero
  /// and another do not; -1 for other disagreements.
  static double agreement(float[] a, float[] b) {
    if (a.length != b.length) {
      return -1;
    }
    double lengthA = Math.sqrt(dot(a, a));
    double lengthB = Math.sqrt(dot(b, b));
    if (Math.max(lengthA, lengthB) == 0) {
      return 1;
    }
    if (Math.abs(lengthA - lengthB) > LENGTH_TOLERANCE * Math.max(lengthA, lengthB)) {
      return -1;
    }
    return Math.min(1, dot(a, b) / (lengthA * lengthB));
  }

  /// How far apart two embeddings of one dimension are, as a part of the longer one's length, 0 to
  /// 2; 0 for two zeros.
  static double distance(float[] a, float[] b) {
    double squares = 0;
    for (int i = 0; i < a.length; i++) {
      double difference = (double) a[i] - b[i];
      squares += difference * difference;
    }
    return squares == 0 ? 0 : Math.sqrt(squares / Math.max(dot(a, a), dot(b, b)));
  }

  /// True where every embedding has length 1.
  boolean normalized() {
    return cases.stream()
        .allMatch(one ->
            Math.abs(Math.sqrt(dot(one.embedding(), one.embedding())) - 1) <= UNIT_TOLERANCE);
  }

  private static double dot(float[] a, float[] b) {
    double dot = 0;
    for (int i = 0; i < a.length; i++) {
      dot += (double) a[i] * b[i];
    }
    return dot;
  }
}
