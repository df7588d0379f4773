package io.attune.trainer.feedback;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.zip.CRC32C;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/// Files of JSON lines, each with a checksum before it: the CRC-32C of the JSON as eight
/// hexadecimal digits and a space. A line is whole when its line feed is there and the checksum is
/// right.
final class CheckedLines {
  private static final int CHECKSUM_BYTES = 9;
  private static final int CHUNK_BYTES = 1 << 18;
  private static final HexFormat HEX = HexFormat.of();

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .changeDefaultVisibility(
              visible -> visible.withIsGetterVisibility(JsonAutoDetect.Visibility.NONE))
          .changeDefaultPropertyInclusion(
              every -> every.withValueInclusion(JsonInclude.Include.NON_NULL))
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  private CheckedLines() {}

  /// A value as a line, line feed included.
  static byte[] line(Object value) {
    return line(value, 0);
  }

  /// The same of a length or more: blanks follow the JSON where it is shorter.
  static byte[] line(Object value, int length) {
    byte[] json = json(value);
    byte[] line = new byte[Math.max(length, CHECKSUM_BYTES + json.length + 1)];
    Arrays.fill(line, (byte) ' ');
    System.arraycopy(json, 0, line, CHECKSUM_BYTES, json.length);
    String checksum = checksum(line, CHECKSUM_BYTES, line.length - CHECKSUM_BYTES - 1);
    System.arraycopy(checksum.getBytes(StandardCharsets.US_ASCII), 0, line, 0, CHECKSUM_BYTES - 1);
    line[line.length - 1] = '\n';
    return line;
  }

  /// A line of the same length with nothing in it.
  static byte[] blank(byte[] line) {
    byte[] blank = new byte[line.length];
    Arrays.fill(blank, (byte) ' ');
    if (line[line.length - 1] == '\n') {
      blank[line.length - 1] = '\n';
    }
    return blank;
  }

  /// A value as its JSON, as it is in a line.
  static byte[] json(Object value) {
    return MAPPER.writeValueAsBytes(value);
  }

  /// The value of a line.
  ///
  /// @param line with or without its line feed
  /// @return empty for a damaged one
  static <T> Optional<T> value(byte[] line, Class<T> type) {
    int end = line.length > 0 && line[line.length - 1] == '\n' ? line.length - 1 : line.length;
    int length = end - CHECKSUM_BYTES;
    if (length < 0 || line[CHECKSUM_BYTES - 1] != ' ') {
      return Optional.empty();
    }
    String told = new String(line, 0, CHECKSUM_BYTES - 1, StandardCharsets.US_ASCII);
    if (!told.equals(checksum(line, CHECKSUM_BYTES, length))) {
      return Optional.empty();
    }
    try {
      return Optional.ofNullable(MAPPER.readValue(line, CHECKSUM_BYTES, length, type));
    } catch (JacksonException _) {
      return Optional.empty(); // of another format, though as it was written
    }
  }

  private static String checksum(byte[] bytes, int from, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, from, length);
    return HEX.toHexDigits((int) crc.getValue());
  }

  /// Is told each line of a file.
  interface Visitor {
    /// Is told the next line.
    ///
    /// @param offset where it begins, in bytes
    /// @param line line feed included; one without was torn
    void line(long offset, byte[] line) throws IOException;
  }

  /// Tells all lines, the torn one at the end too.
  static void each(InputStream in, Visitor visitor) throws IOException {
    byte[] held = new byte[CHUNK_BYTES];
    int size = 0;
    long offset = 0;
    while (true) {
      if (size == held.length) {
        held = Arrays.copyOf(held, 2 * size);
      }
      int read = in.read(held, size, held.length - size);
      if (read < 0) {
        break;
      }
      int start = 0;
      for (int i = size; i < size + read; i++) {
        if (held[i] == '\n') {
          visitor.line(offset + start, Arrays.copyOfRange(held, start, i + 1));
          start = i + 1;
        }
      }
      size += read - start;
      System.arraycopy(held, start, held, 0, size);
      offset += start;
    }
    if (size > 0) {
      visitor.line(offset, Arrays.copyOf(held, size));
    }
  }
}
