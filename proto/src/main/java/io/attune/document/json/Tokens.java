package io.attune.document.json;

import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// Reads single values, refusing all other kinds.
final class Tokens {
  private Tokens() {}

  static String text(JsonParser in) {
    if (!in.hasToken(JsonToken.VALUE_STRING)) {
      throw JsonFormatException.unexpected(in, "a text");
    }
    return in.getString();
  }

  static double number(JsonParser in) {
    if (in.currentToken().isNumeric()) {
      return in.getDoubleValue();
    }
    String text = in.hasToken(JsonToken.VALUE_STRING) ? in.getString() : "";
    if (text.equals("NaN")) {
      return Double.NaN;
    }
    if (text.equals("Infinity") || text.equals("-Infinity")) {
      return text.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    }
    throw JsonFormatException.unexpected(in, "a number");
  }

  /// A number that a 32-bit float can hold.
  static float single(JsonParser in) {
    double number = number(in);
    if (Double.isFinite(number) && Float.isInfinite((float) number)) {
      throw JsonFormatException.unexpected(in, "a number within +-3.4e38");
    }
    return (float) number;
  }

  /// A whole number from 0 to 2^31 - 1.
  static int count(JsonParser in) {
    double number = number(in);
    if (number != Math.rint(number) || number < 0 || number > Integer.MAX_VALUE) {
      throw JsonFormatException.unexpected(in, "a whole number from 0 to 2147483647");
    }
    return (int) number;
  }

  static void startObject(JsonParser in) {
    if (!in.hasToken(JsonToken.START_OBJECT)) {
      throw JsonFormatException.unexpected(in, "an object");
    }
  }

  static void startArray(JsonParser in) {
    if (!in.hasToken(JsonToken.START_ARRAY)) {
      throw JsonFormatException.unexpected(in, "a list");
    }
  }

  static String describe(JsonParser in) {
    JsonToken token = in.currentToken();
    if (token == null) {
      return "nothing";
    }
    return switch (token) {
      case START_OBJECT, END_OBJECT -> "an object";
      case START_ARRAY, END_ARRAY -> "a list";
      case VALUE_STRING -> {
        String text = in.getString();
        yield "\"" + (text.length() > 80 ? text.substring(0, 80) + "…" : text) + "\"";
      }
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT, VALUE_TRUE, VALUE_FALSE, VALUE_NULL ->
          in.getString();
      case PROPERTY_NAME, VALUE_EMBEDDED_OBJECT, NOT_AVAILABLE -> token.toString();
    };
  }
}
