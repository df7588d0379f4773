package io.attune.document.query;

import com.google.protobuf.ListValue;
import com.google.protobuf.NullValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.Value.KindCase;
import io.attune.document.query.Query.Relation;
import java.util.List;
import java.util.Map;

/// How Python compares the values that JSON knows.
final class Values {
  static final Value NULL = Value.newBuilder().setNullValue(NullValue.NULL_VALUE).build();

  private Values() {}

  static Value of(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }

  static Value of(double number) {
    return Value.newBuilder().setNumberValue(number).build();
  }

  static Value of(Struct object) {
    return Value.newBuilder().setStructValue(object).build();
  }

  static boolean isNull(Value value) {
    return value.hasNullValue() || value.getKindCase() == KindCase.KIND_NOT_SET;
  }

  static boolean stands(Value value, Relation relation, Value other) {
    return switch (relation) {
      case EQUAL -> equal(value, other);
      case LESS -> less(value, other, false);
      case LESS_OR_EQUAL -> less(value, other, true);
      case GREATER -> less(other, value, false);
      case GREATER_OR_EQUAL -> less(other, value, true);
    };
  }

  static boolean equal(Value a, Value b) {
    if (isNumeric(a) && isNumeric(b)) {
      return number(a) == number(b);
    }
    if (isNull(a) || isNull(b)) {
      return isNull(a) && isNull(b);
    }
    if (a.getKindCase() != b.getKindCase()) {
      return false;
    }
    return switch (a.getKindCase()) {
      case STRING_VALUE -> a.getStringValue().equals(b.getStringValue());
      case LIST_VALUE -> equal(a.getListValue().getValuesList(), b.getListValue().getValuesList());
      case STRUCT_VALUE -> equal(a.getStructValue(), b.getStructValue());
      case NUMBER_VALUE, BOOL_VALUE, NULL_VALUE, KIND_NOT_SET -> true;
    };
  }

  private static boolean equal(List<Value> a, List<Value> b) {
    boolean equal = a.size() == b.size();
    for (int i = 0; equal && i < a.size(); i++) {
      equal = equal(a.get(i), b.get(i));
    }
    return equal;
  }

  private static boolean equal(Struct a, Struct b) {
    Map<String, Value> others = b.getFieldsMap();
    return a.getFieldsCount() == others.size()
        && a.getFieldsMap().entrySet().stream()
            .allMatch(entry -> {
              Value other = others.get(entry.getKey());
              return other != null && equal(entry.getValue(), other);
            });
  }

  private static boolean less(Value a, Value b, boolean orEqual) {
    if (isNumeric(a) && isNumeric(b)) {
      return orEqual ? number(a) <= number(b) : number(a) < number(b);
    }
    if (a.hasStringValue() && b.hasStringValue()) {
      int order = compare(a.getStringValue(), b.getStringValue());
      return order < 0 || (orEqual && order == 0);
    }
    return a.hasListValue()
        && b.hasListValue()
        && less(a.getListValue().getValuesList(), b.getListValue().getValuesList(), orEqual);
  }

  private static boolean less(List<Value> a, List<Value> b, boolean orEqual) {
    for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
      if (!equal(a.get(i), b.get(i))) {
        return less(a.get(i), b.get(i), orEqual);
      }
    }
    return orEqual ? a.size() <= b.size() : a.size() < b.size();
  }

  /// By code point; `String.compareTo` goes by UTF-16 unit, which puts U+FFFF after U+1F600.
  private static int compare(String a, String b) {
    for (int i = 0; i < Math.min(a.length(), b.length()); i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        boolean differ = Character.isSurrogate(x) != Character.isSurrogate(y);
        return differ ? (Character.isSurrogate(x) ? 1 : -1) : Character.compare(x, y);
      }
    }
    return Integer.compare(a.length(), b.length());
  }

  /// Python's `element in container`.
  static boolean contains(Value container, Value element) {
    return switch (container.getKindCase()) {
      case LIST_VALUE ->
          container.getListValue().getValuesList().stream().anyMatch(each -> equal(each, element));
      case STRUCT_VALUE ->
          element.hasStringValue()
              && container.getStructValue().containsFields(element.getStringValue());
      case STRING_VALUE ->
          element.hasStringValue() && container.getStringValue().contains(element.getStringValue());
      case NUMBER_VALUE, BOOL_VALUE, NULL_VALUE, KIND_NOT_SET -> false;
    };
  }

  /// A value whose `equals` is Python's: true as 1, -0 as 0, at every depth.
  static Value normal(Value value) {
    return switch (value.getKindCase()) {
      case BOOL_VALUE -> of(number(value));
      case NUMBER_VALUE -> value.getNumberValue() == 0 ? of(0) : value;
      case KIND_NOT_SET -> NULL;
      case LIST_VALUE -> {
        ListValue.Builder list = ListValue.newBuilder();
        value.getListValue().getValuesList().forEach(each -> list.addValues(normal(each)));
        yield Value.newBuilder().setListValue(list).build();
      }
      case STRUCT_VALUE -> {
        Struct.Builder object = Struct.newBuilder();
        value
            .getStructValue()
            .getFieldsMap()
            .forEach((key, each) -> object.putFields(key, normal(each)));
        yield of(object.build());
      }
      case STRING_VALUE, NULL_VALUE -> value;
    };
  }

  private static boolean isNumeric(Value value) {
    return value.hasNumberValue() || value.hasBoolValue();
  }

  private static double number(Value value) {
    if (value.hasBoolValue()) {
      return value.getBoolValue() ? 1 : 0;
    }
    return value.getNumberValue();
  }

  /// A value for a message, cut to a line.
  static String show(Value value) {
    return switch (value.getKindCase()) {
      case STRING_VALUE -> {
        String text = value.getStringValue();
        yield "\"" + (text.length() > 80 ? text.substring(0, 80) + "…" : text) + "\"";
      }
      case NUMBER_VALUE -> {
        double number = value.getNumberValue();
        yield number == (long) number ? Long.toString((long) number) : Double.toString(number);
      }
      case BOOL_VALUE -> Boolean.toString(value.getBoolValue());
      case LIST_VALUE -> "a list";
      case STRUCT_VALUE ->
          value.getStructValue().getFieldsCount() == 0 ? "an empty object" : "an object";
      case NULL_VALUE, KIND_NOT_SET -> "null";
    };
  }
}
