package io.attune.gateway.web;

import com.google.protobuf.ListValue;
import com.google.protobuf.NullValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.runtime.FlowException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;

/// JSON objects as protobuf's `Struct` and back. Numbers are doubles, as on the wire.
final class JsonStruct {
  /// Protobuf's parsers stop at 100 nested messages, and a JSON level takes three.
  private static final int MAX_DEPTH = 24;

  private JsonStruct() {}

  /// The struct of an object.
  ///
  /// @param name what it is, for messages
  /// @throws FlowException where it is not an object or is nested too deeply
  static Struct struct(JsonNode node, String name) {
    if (!node.isObject()) {
      throw FlowException.invalid(
          "%s: %s (expected: an object)".formatted(name, JsonRequests.kind(node)));
    }
    return struct(node, name, 1);
  }

  private static Struct struct(JsonNode node, String name, int depth) {
    if (depth > MAX_DEPTH) {
      throw FlowException.invalid(
          "%s: nested deeper than %d (expected: at most that)".formatted(name, MAX_DEPTH));
    }
    Struct.Builder struct = Struct.newBuilder();
    node.properties()
        .forEach(field -> struct.putFields(field.getKey(), value(field.getValue(), name, depth)));
    return struct.build();
  }

  private static Value value(JsonNode node, String name, int depth) {
    Value.Builder value = Value.newBuilder();
    if (node.isObject()) {
      value.setStructValue(struct(node, name, depth + 1));
    } else if (node.isArray()) {
      value.setListValue(list(node, name, depth + 1));
    } else if (node.isNumber()) {
      value.setNumberValue(number(node, name));
    } else if (node.isBoolean()) {
      value.setBoolValue(node.booleanValue());
    } else if (node.isString()) {
      value.setStringValue(node.stringValue());
    } else {
      value.setNullValue(NullValue.NULL_VALUE);
    }
    return value.build();
  }

  private static ListValue list(JsonNode node, String name, int depth) {
    if (depth > MAX_DEPTH) {
      throw FlowException.invalid(
          "%s: nested deeper than %d (expected: at most that)".formatted(name, MAX_DEPTH));
    }
    ListValue.Builder list = ListValue.newBuilder();
    node.forEach(element -> list.addValues(value(element, name, depth)));
    return list.build();
  }

  private static double number(JsonNode node, String name) {
    double number = Double.parseDouble(node.asString());
    if (Double.isInfinite(number)) {
      throw FlowException.invalid(
          "%s: %s (expected: a number that fits 64 bits)".formatted(name, node));
    }
    return number;
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
