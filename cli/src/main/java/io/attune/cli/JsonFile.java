package io.attune.cli;

import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// Figures as JSON, for programs.
public final class JsonFile {
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private JsonFile() {}

  /// The JSON text of maps, lists, strings, numbers and booleans.
  public static String text(Object value) {
    return MAPPER.writeValueAsString(value);
  }

  /// The JSON text of a value on one line.
  public static String line(Object value) {
    return JsonMapper.shared().writeValueAsString(value);
  }

  /// Writes a value to a file; its folder must exist.
  public static void write(Path file, Object value) throws IOException {
    Files.writeString(file, text(value) + "\n");
  }

  /// Reads a file.
  ///
  /// @throws FlowException where it is not JSON
  public static JsonNode read(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    try {
      return MAPPER.readTree(bytes);
    } catch (JacksonException failure) {
      throw FlowException.invalid(
          "%s: %s (expected: JSON)".formatted(file, failure.getOriginalMessage()));
    }
  }
}
