package io.attune.document.query;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import java.util.List;

/// Queries as they come from the wire.
final class Queries {
  private Queries() {}

  static Struct struct(String key, Value value) {
    return Struct.newBuilder().putFields(key, value).build();
  }

  static Struct struct(String field, String operator, Value operand) {
    return struct(field, Values.of(struct(operator, operand)));
  }

  static Struct struct(String field, String operator, boolean operand) {
    return struct(field, operator, Value.newBuilder().setBoolValue(operand).build());
  }

  static Value list(List<Value> values) {
    return Value.newBuilder().setListValue(ListValue.newBuilder().addAllValues(values)).build();
  }

  static Value list(Value... values) {
    return list(List.of(values));
  }
}
