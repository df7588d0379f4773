package io.attune.trainer.option;

import io.attune.runtime.FlowException;
import io.attune.runtime.registry.Spelling;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The checked settings of something chosen by name: each option has its value or its default.
public final class Options {
  private final Map<String, Object> values;

  private Options(Map<String, Object> values) {
    this.values = values;
  }

  /// Checks what was given against what there is. A null value means the default.
  ///
  /// @param owner whose options they are, for messages
  /// @throws FlowException naming the unknown option or the impossible value
  public static Options of(
      String owner, List<Option> options, Map<String, ? extends @Nullable Object> given) {
    List<String> names = options.stream().map(Option::name).toList();
    for (String name : given.keySet()) {
      if (!names.contains(name)) {
        throw unknown(owner, name, names);
      }
    }
    Map<String, Object> values = new LinkedHashMap<>();
    for (Option option : options) {
      Object raw = given.get(option.name());
      Object value = raw == null ? option.defaultValue() : option.read(raw);
      if (value != null) {
        values.put(option.name(), value);
      }
    }
    return new Options(Collections.unmodifiableMap(values));
  }

  private static FlowException unknown(String owner, String name, List<String> names) {
    if (names.isEmpty()) {
      return FlowException.invalid("%s: %s has no options (expected: none)".formatted(name, owner));
    }
    String nearest =
        Spelling.nearest(name, names).map(each -> ", did you mean " + each + "?").orElse("");
    return FlowException.invalid(
        "%s: not an option of %s (expected: one of %s%s)"
            .formatted(name, owner, String.join(", ", names), nearest));
  }

  /// The value of a numeric option.
  public double real(String name) {
    return ((Number) get(name)).doubleValue();
  }

  /// The value of a whole-number option.
  public long whole(String name) {
    return ((Number) get(name)).longValue();
  }

  /// The value of a true-or-false option.
  public boolean flag(String name) {
    return (Boolean) get(name);
  }

  /// The value of an option that takes a name.
  public String text(String name) {
    return get(name).toString();
  }

  /// Whether an option has a value; one without a default may have none.
  public boolean has(String name) {
    return values.containsKey(name);
  }

  /// The numbers of an option that takes a list of them; empty where it has no value.
  public Optional<List<Double>> reals(String name) {
    return list(name).map(list -> list.stream().map(each -> (Double) each).toList());
  }

  /// The texts of an option that takes a list of them; empty where it has no value.
  public Optional<List<String>> texts(String name) {
    return list(name).map(list -> new ArrayList<>(list.stream().map(Object::toString).toList()));
  }

  private Optional<List<?>> list(String name) {
    return Optional.ofNullable((List<?>) values.get(name));
  }

  private Object get(String name) {
    return Objects.requireNonNull(values.get(name), name);
  }

  /// All values, defaults included, in the order of the options: what a run records.
  public Map<String, Object> asMap() {
    return values;
  }
}
