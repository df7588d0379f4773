package io.attune.document.json;

import com.google.protobuf.ListValue;
import com.google.protobuf.NullValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// Tags and parameters as JSON objects. Every number is a 64-bit float, as on the wire: 5 is
/// written as 5.0. Numbers that JSON lacks are texts, `NaN`, `Infinity` and `-Infinity`.
public final class StructJson {
  /// How deep an object may nest; protobuf refuses to parse messages nested deeper than 100, and
  /// each level of an object is three messages.
  public static final int MAX_DEPTH = 16;

  private StructJson() {}

  /// Reads an object; the parser is at its first token, and then at its last.
  ///
  /// @throws JsonFormatException if it is no object, or nested too deeply
  public static Struct read(JsonParser in) {
    return object(in, 1);
  }

  private static Struct object(JsonParser in, int depth) {
    Tokens.startObject(in);
    checkDepth(in, depth);
    Struct.Builder object = Struct.newBuilder();
    for (String name = in.nextName(); name != null; name = in.nextName()) {
      in.nextToken();
      object.putFields(name, value(in, depth));
    }
    return object.build();
  }

  /// Reads any value.
  static Value value(JsonParser in) {
    return value(in, 0);
  }

  private static Value value(JsonParser in, int depth) {
    Value.Builder value = Value.newBuilder();
    return switch (in.currentToken()) {
      case VALUE_NULL -> value.setNullValue(NullValue.NULL_VALUE).build();
      case VALUE_TRUE, VALUE_FALSE -> value.setBoolValue(in.getBooleanValue()).build();
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> value.setNumberValue(Tokens.number(in)).build();
      case VALUE_STRING -> value.setStringValue(in.getString()).build();
      case START_OBJECT -> value.setStructValue(object(in, depth + 1)).build();
      case START_ARRAY -> {
        checkDepth(in, depth + 1);
        ListValue.Builder list = ListValue.newBuilder();
        while (in.nextToken() != JsonToken.END_ARRAY) {
          list.addValues(value(in, depth + 1));
        }
        yield value.setListValue(list).build();
      }
      case END_OBJECT, END_ARRAY, PROPERTY_NAME, VALUE_EMBEDDED_OBJECT, NOT_AVAILABLE ->
          throw JsonFormatException.unexpected(in, "a value");
    };
  }

  private static void checkDepth(JsonParser in, int depth) {
    if (depth > MAX_DEPTH) {
      throw JsonFormatException.at(
          in, "nested deeper than " + MAX_DEPTH, "at most " + MAX_DEPTH + " levels");
    }
  }

  /// The object of a map of texts, numbers, truths, nulls, and lists and maps of them; anything
  /// else becomes its text.
  public static Struct of(Map<?, ?> plain) {
    Struct.Builder object = Struct.newBuilder();
    plain.forEach((name, value) -> object.putFields(String.valueOf(name), of(value)));
    return object.build();
  }

  private static Value of(@Nullable Object plain) {
    Value.Builder value = Value.newBuilder();
    return switch (plain) {
      case null -> value.setNullValue(NullValue.NULL_VALUE).build();
      case Number number -> value.setNumberValue(number.doubleValue()).build();
      case Boolean truth -> value.setBoolValue(truth).build();
      case Map<?, ?> map -> value.setStructValue(of(map)).build();
      case Iterable<?> items -> {
        ListValue.Builder list = ListValue.newBuilder();
        items.forEach(item -> list.addValues(of(item)));
        yield value.setListValue(list).build();
      }
      default -> value.setStringValue(plain.toString()).build();
    };
  }

  /// The map of an object, with whole numbers as [Long] and all others as [Double].
  public static Map<String, @Nullable Object> plain(Struct object) {
    Map<String, @Nullable Object> plain = new LinkedHashMap<>();
    object.getFieldsMap().forEach((name, value) -> plain.put(name, plain(value)));
    return plain;
  }

  private static @Nullable Object plain(Value value) {
    return switch (value.getKindCase()) {
      case STRUCT_VALUE -> plain(value.getStructValue());
      case LIST_VALUE -> {
        List<@Nullable Object> list = new ArrayList<>();
        value.getListValue().getValuesList().forEach(item -> list.add(plain(item)));
        yield list;
      }
      case NUMBER_VALUE -> number(value.getNumberValue());
      case STRING_VALUE -> value.getStringValue();
      case BOOL_VALUE -> value.getBoolValue();
      case NULL_VALUE, KIND_NOT_SET -> null;
    };
  }

  private static Number number(double value) {
    boolean whole = value == Math.rint(value) && Math.abs(value) < 0x1p53;
    return whole ? (Number) (long) value : (Number) value;
  }

  /// Writes an object.
  public static void write(JsonGenerator out, Struct object) {
    out.writeStartObject();
    object
        .getFieldsMap()
        .forEach((name, value) -> {
          out.writeName(name);
          write(out, value);
        });
    out.writeEndObject();
  }

  static void write(JsonGenerator out, Value value) {
    switch (value.getKindCase()) {
      case NULL_VALUE, KIND_NOT_SET -> out.writeNull();
      case BOOL_VALUE -> out.writeBoolean(value.getBoolValue());
      case NUMBER_VALUE -> out.writeNumber(value.getNumberValue());
      case STRING_VALUE -> out.writeString(value.getStringValue());
      case STRUCT_VALUE -> write(out, value.getStructValue());
      case LIST_VALUE -> {
        out.writeStartArray();
        value.getListValue().getValuesList().forEach(each -> write(out, each));
        out.writeEndArray();
      }
    }
  }
}
