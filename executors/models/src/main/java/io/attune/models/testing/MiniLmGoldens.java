package io.attune.models.testing;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import tools.jackson.databind.json.JsonMapper;

/// 64 texts with the embeddings that Python's onnxruntime and tokenizers give for them with the
/// default model, each text alone; made by `src/test/python/minilm_goldens.py`.
public final class MiniLmGoldens {
  /// The length of each embedding.
  public static final int DIMENSION = 384;

  private MiniLmGoldens() {}

  /// One text.
  ///
  /// @param text the text
  /// @param maxLength the length it was cut to, in tokens
  /// @param tokens how many tokens were left, special tokens included
  /// @param embedding its embedding, of length 1
  @SuppressWarnings("ArrayRecordComponent") // a fixture, never compared
  public record Case(String text, int maxLength, int tokens, float[] embedding) {}

  private record CaseJson(String text, @JsonProperty("max_length") int maxLength, int tokens) {}

  /// The cases, in the order of the file.
  public static List<Case> cases() {
    CaseJson[] described = JsonMapper.shared().readValue(resource("minilm.json"), CaseJson[].class);
    ByteBuffer values = ByteBuffer.wrap(resource("minilm.f32")).order(ByteOrder.LITTLE_ENDIAN);
    List<Case> cases = new ArrayList<>();
    for (CaseJson one : described) {
      float[] embedding = new float[DIMENSION];
      for (int i = 0; i < DIMENSION; i++) {
        embedding[i] = values.getFloat();
      }
      cases.add(new Case(one.text, one.maxLength, one.tokens, embedding));
    }
    return cases;
  }

  private static byte[] resource(String name) {
    try (InputStream in =
        Objects.requireNonNull(MiniLmGoldens.class.getResourceAsStream(name), name)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
