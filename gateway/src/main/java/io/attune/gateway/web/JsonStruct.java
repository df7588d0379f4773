package io.attune.gateway.web;

import com.google.protobuf.ListValue;
import com.google.protobuf.NullValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.runtime.FlowException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// JSON objects as protobuf's `Struct` and back. Numbers are doubles, as on the wire.
final class JsonStruct {
  /// Protobuf's parsers stop at 100 nested messages, and a JSON level takes three.
  private static final int MAX_DEPTH = 24;

  /// A value takes up to thirty times its JSON in memory.
  private static final int MAX_VALUES = 1_000_000;

  private JsonStruct() {}

  /// Reads the object that begins at the parser's token.
  ///
  /// @param name what it is, for messages
  /// @throws FlowException where it is not an object, nested too deeply or too large
  static Struct read(JsonParser in, String name) {
    if (in.currentToken() != JsonToken.START_OBJECT) {
      throw FlowException.invalid("%s: %s (expected: an object)".formatted(name, kind(in)));
    }
    return new Reader(in, name).struct(1);
  }

  /// What the parser's token is, for messages.
  static String kind(JsonParser in) {
    return switch (in.currentToken()) {
      case START_ARRAY, END_ARRAY -> "a list";
      case START_OBJECT, END_OBJECT -> "an object";
      case VALUE_STRING, PROPERTY_NAME -> "a string";
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "a number";
      case VALUE_TRUE -> "true";
      case VALUE_FALSE -> "false";
      case VALUE_NULL -> "null";
      case VALUE_EMBEDDED_OBJECT, NOT_AVAILABLE -> "a value";
    };
  }

  /// One pass over an object.
  private static final class Reader {
    private final JsonParser in;
    private final String name;
    private int values;

    Reader(JsonParser in, String name) {
      this.in = in;
      this.name = name;
    }

    Struct struct(int depth) {
      ensureShallow(depth);
      Struct.Builder struct = Struct.newBuilder();
      for (String key = in.nextName(); key != null; key = in.nextName()) {
        in.nextToken();
        struct.putFields(key, value(depth));
      }
      return struct.build();
    }

    private ListValue list(int depth) {
      ensureShallow(depth);
      ListValue.Builder list = ListValue.newBuilder();
      while (in.nextToken() != JsonToken.END_ARRAY) {
        list.addValues(value(depth));
      }
      return list.build();
    }

    private Value value(int depth) {
      if (++values > MAX_VALUES) {
        throw FlowException.invalid(
            "%s: more than %d values (expected: at most that)".formatted(name, MAX_VALUES));
      }
      Value.Builder value = Value.newBuilder();
      switch (in.currentToken()) {
        case START_OBJECT -> value.setStructValue(struct(depth + 1));
        case START_ARRAY -> value.setListValue(list(depth + 1));
        case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> value.setNumberValue(number());
        case VALUE_TRUE -> value.setBoolValue(true);
        case VALUE_FALSE -> value.setBoolValue(false);
        case VALUE_STRING -> value.setStringValue(in.getString());
        default -> value.setNullValue(NullValue.NULL_VALUE);
      }
      return value.build();
    }

    private double number() {
      double number = Double.parseDouble(in.getString());
      if (Double.isInfinite(number)) {
        throw FlowException.invalid(
            "%s: %s (expected: a number that fits 64 bits)".formatted(name, in.getString()));
      }
      return number;
    }

    private void ensureShallow(int depth) {
      if (depth > MAX_DEPTH) {
        throw FlowException.invalid(
            "%s: nested deeper than %d (expected: at most that)".formatted(name, MAX_DEPTH));
      }
    }
  }

  /// Writes a struct.
  static void write(Struct struct, JsonGenerator out) {
    out.writeStartObject();
    struct
        .getFieldsMap()
        .forEach((key, value) -> {
          out.writeName(key);
          write(value, out);
        });
    out.writeEndObject();
  }

  private static void write(Value value, JsonGenerator out) {
    switch (value.getKindCase()) {
      case STRUCT_VALUE -> write(value.getStructValue(), out);
      case LIST_VALUE -> {
        out.writeStartArray();
        value.getListValue().getValuesList().forEach(element -> write(element, out));
        out.writeEndArray();
      }
      case NUMBER_VALUE -> number(value.getNumberValue(), out);
      case STRING_VALUE -> out.writeString(value.getStringValue());
      case BOOL_VALUE -> out.writeBoolean(value.getBoolValue());
      case NULL_VALUE, KIND_NOT_SET -> out.writeNull();
    }
  }

  /// JSON knows no NaN and no infinities.
  private static void number(double number, JsonGenerator out) {
    if (Double.isFinite(number)) {
      out.writeNumber(number);
    } else {
      out.writeNull();
    }
  }
}
