package io.attune.document.json;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.TokenStreamLocation;

/// JSON that is malformed, or does not say what a document may.
///
/// The message names the place as a JSON pointer, the line and the column, both counted from 1.
public final class JsonFormatException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final String problem;
  private final int line;
  private final int column;

  private JsonFormatException(
      String problem, TokenStreamLocation location, @Nullable Throwable cause) {
    super(
        "line %d, column %d: %s".formatted(location.getLineNr(), location.getColumnNr(), problem),
        cause);
    this.problem = problem;
    this.line = location.getLineNr();
    this.column = location.getColumnNr();
  }

  /// A value at the parser's place that is not what it must be.
  static JsonFormatException at(JsonParser parser, String was, String expected) {
    String place = parser.streamReadContext().pathAsPointer().toString();
    String shown = place.length() <= 200 ? place : "…" + place.substring(place.length() - 200);
    String name = place.isEmpty() ? "json" : shown;
    return new JsonFormatException(
        name + ": " + was + " (expected: " + expected + ")", parser.currentTokenLocation(), null);
  }

  /// The current token that is not what it must be.
  static JsonFormatException unexpected(JsonParser parser, String expected) {
    return at(parser, Tokens.describe(parser), expected);
  }

  /// What is not JSON.
  static JsonFormatException malformed(JacksonException cause) {
    String message = cause.getOriginalMessage();
    TokenStreamLocation location =
        cause.getLocation() == null ? TokenStreamLocation.NA : cause.getLocation();
    return new JsonFormatException("malformed JSON: " + message, location, cause);
  }

  /// What is wrong, without the line and column.
  public String problem() {
    return problem;
  }

  /// The line, from 1.
  public int line() {
    return line;
  }

  /// The column, from 1.
  public int column() {
    return column;
  }
}
