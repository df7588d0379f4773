package io.attune.trainer.option;

import io.attune.runtime.FlowException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One setting of something that is chosen by name.
///
/// @param name as the library that it follows names it
/// @param type what values it takes
/// @param defaultValue in the type's normal form; null where leaving it out means "none"
/// @param help one sentence
public record Option(String name, OptionType type, @Nullable Object defaultValue, String help) {

  /// A number from `least` up.
  public static Option atLeast(String name, double defaultValue, double least, String help) {
    return new Option(name, new OptionType.Real(least, Double.MAX_VALUE), defaultValue, help);
  }

  /// A finite number above 0.
  public static Option positive(String name, double defaultValue, String help) {
    return new Option(
        name, new OptionType.Real(Double.MIN_NORMAL, Double.MAX_VALUE), defaultValue, help);
  }

  /// A number from `least` to `most`.
  public static Option between(
      String name, double defaultValue, double least, double most, String help) {
    return new Option(name, new OptionType.Real(least, most), defaultValue, help);
  }

  /// Any finite number.
  public static Option real(String name, double defaultValue, String help) {
    return new Option(
        name, new OptionType.Real(-Double.MAX_VALUE, Double.MAX_VALUE), defaultValue, help);
  }

  /// A whole number from `least` up.
  public static Option whole(String name, long defaultValue, long least, String help) {
    return new Option(name, new OptionType.Whole(least, Long.MAX_VALUE, ""), defaultValue, help);
  }

  /// True or false.
  public static Option flag(String name, boolean defaultValue, String help) {
    return new Option(name, new OptionType.Flag(), defaultValue, help);
  }

  /// One of some names.
  public static Option oneOf(String name, String defaultValue, List<String> names, String help) {
    return new Option(name, new OptionType.OneOf(names), defaultValue, help);
  }

  /// A value in its normal form.
  ///
  /// @throws FlowException where it is not what this option takes
  Object read(Object raw) {
    Object value = type.read(raw);
    if (value == null) {
      throw FlowException.invalid("%s: %s (expected: %s)".formatted(name, raw, type.expected()));
    }
    return value;
  }
}
