package io.attune.runtime;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.Value.KindCase;
import java.util.Optional;

/// The parameters of a request, read by type with a clear error for each wrong value.
///
/// @param struct the parameters as they came, those for other executors removed
public record Parameters(Struct struct) {
  /// The key under which results of executors travel with the parameters.
  public static final String RESULTS = "__results__";

  /// No parameters.
  public static final Parameters EMPTY = new Parameters(Struct.getDefaultInstance());

  /// The parameters as one executor sees them: `name__key` becomes `key` for that executor and goes
  /// for every other, a nested object under the executor's name is laid over the rest, and what
  /// executors before it answered (`__results__`) is left out.
  ///
  /// The gateway applies this to what it sends, an executor to what it is sent without a gateway;
  /// applied twice it changes nothing.
  public static Parameters of(Struct request, String executor) {
    Struct.Builder seen = Struct.newBuilder();
    request
        .getFieldsMap()
        .forEach((key, value) -> {
          int separator = separator(key);
          if (separator < 0 && !key.equals(RESULTS)) {
            seen.putFields(key, value);
          }
        });
    request
        .getFieldsMap()
        .forEach((key, value) -> {
          int separator = separator(key);
          if (separator > 0 && key.substring(0, separator).equals(executor)) {
            seen.putFields(key.substring(separator + 2), value);
          }
        });
    Value own = request.getFieldsMap().get(executor);
    if (own != null && own.hasStructValue()) {
      seen.putAllFields(own.getStructValue().getFieldsMap());
    }
    return new Parameters(seen.build());
  }

  /// Where the `__` lies that ends an executor's name; -1 where the key is for every executor.
  private static int separator(String key) {
    return key.startsWith("__") || key.endsWith("__") ? -1 : key.indexOf("__");
  }

  /// The value of a name; null counts as unset.
  public Optional<Value> value(String name) {
    return Optional.ofNullable(struct.getFieldsMap().get(name))
        .filter(value -> value.getKindCase() != KindCase.NULL_VALUE);
  }

  /// The string of a name.
  public Optional<String> string(String name) {
    return value(name)
        .map(value -> require(value, KindCase.STRING_VALUE, name, "a string").getStringValue());
  }

  /// The string of a name, or the fallback where it is unset.
  public String string(String name, String fallback) {
    return string(name).orElse(fallback);
  }

  /// The number of a name.
  public Optional<Double> number(String name) {
    return value(name)
        .map(value -> require(value, KindCase.NUMBER_VALUE, name, "a number").getNumberValue());
  }

  /// The whole number of a name within a range, or the fallback where it is unset.
  public int integer(String name, int fallback, int least, int most) {
    Optional<Double> number = number(name);
    if (number.isEmpty()) {
      return fallback;
    }
    double value = number.get();
    if (value != Math.rint(value) || value < least || value > most) {
      throw FlowException.invalid(
          "%s: %s (expected: a whole number %d..%d)".formatted(name, shown(value), least, most));
    }
    return (int) value;
  }

  /// The truth of a name, or the fallback where it is unset.
  public boolean bool(String name, boolean fallback) {
    return value(name)
        .map(value -> require(value, KindCase.BOOL_VALUE, name, "true or false").getBoolValue())
        .orElse(fallback);
  }

  /// The nested object of a name.
  public Optional<Struct> object(String name) {
    return value(name)
        .map(value -> require(value, KindCase.STRUCT_VALUE, name, "an object").getStructValue());
  }

  private static Value require(Value value, KindCase kind, String name, String expected) {
    if (value.getKindCase() != kind) {
      throw FlowException.invalid("%s: %s (expected: %s)".formatted(name, shown(value), expected));
    }
    return value;
  }

  private static String shown(Value value) {
    return switch (value.getKindCase()) {
      case NUMBER_VALUE -> shown(value.getNumberValue());
      case STRING_VALUE -> '"' + value.getStringValue() + '"';
      case BOOL_VALUE -> String.valueOf(value.getBoolValue());
      case STRUCT_VALUE -> "an object";
      case LIST_VALUE -> "a list";
      case NULL_VALUE, KIND_NOT_SET -> "null";
    };
  }

  private static String shown(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? String.valueOf((long) value)
        : String.valueOf(value);
  }
}
