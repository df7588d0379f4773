package io.attune.cli;

import com.google.protobuf.Struct;
import io.attune.document.json.StructJson;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// Protobuf objects as the JSON that people type and read.
public final class JsonText {
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  private JsonText() {}

  /// The object of typed pairs, each value read as JSON. What is not JSON to its last character is
  /// a string, so that `topic=talons` and `file=a/b.csv` need no quotes.
  public static Struct struct(Map<String, String> pairs) {
    Map<String, @Nullable Object> plain = new LinkedHashMap<>();
    pairs.forEach((key, text) -> plain.put(key, value(text)));
    return StructJson.of(plain);
  }

  /// The object of a JSON text.
  ///
  /// @throws FlowException where it is not a JSON object
  public static Struct struct(String what, String json) {
    try {
      if (MAPPER.readValue(json, Object.class) instanceof Map<?, ?> object) {
        return StructJson.of(object);
      }
      throw FlowException.invalid(what + ": " + json + " (expected: a JSON object)");
    } catch (JacksonException failure) {
      throw new FlowException(
          ErrorCode.INVALID_ARGUMENT,
          what + ": " + failure.getOriginalMessage() + " (expected: a JSON object)",
          failure);
    }
  }

  /// An object as JSON on one line, whole numbers without a fraction.
  public static String text(Struct object) {
    return JsonFile.line(StructJson.plain(object));
  }

  private static @Nullable Object value(String text) {
    try {
      return MAPPER.readValue(text, Object.class);
    } catch (JacksonException _) {
      return text;
    }
  }
}
