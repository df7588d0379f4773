package io.attune.gateway.embedded;

import com.google.protobuf.ListValue;
import com.google.protobuf.NullValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.runtime.Parameters;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The options of `uses_with` as the executor reads them.
final class UsesWith {
  private UsesWith() {}

  static Parameters parameters(Map<String, @Nullable Object> options) {
    Struct.Builder struct = Struct.newBuilder();
    options.forEach((name, option) -> struct.putFields(name, value(option)));
    return new Parameters(struct.build());
  }

  private static Value value(@Nullable Object option) {
    Value.Builder value = Value.newBuilder();
    switch (option) {
      case null -> value.setNullValue(NullValue.NULL_VALUE);
      case String text -> value.setStringValue(text);
      case Number number -> value.setNumberValue(number.doubleValue());
      case Boolean truth -> value.setBoolValue(truth);
      case List<?> list -> {
        ListValue.Builder values = ListValue.newBuilder();
        list.forEach(element -> values.addValues(value(element)));
        value.setListValue(values);
      }
      case Map<?, ?> map -> {
        Struct.Builder struct = Struct.newBuilder();
        map.forEach((name, nested) -> struct.putFields(String.valueOf(name), value(nested)));
        value.setStructValue(struct);
      }
      default ->
          throw new IllegalArgumentException(
              "uses_with: %s (expected: text, numbers, booleans, lists and maps)"
                  .formatted(option.getClass().getSimpleName()));
    }
    return value.build();
  }
}
