package io.attune.trainer.option;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What values an option takes. A value may come typed, from YAML or JSON, or as text, from a
/// command line.
public sealed interface OptionType {
  /// The value in its normal form, which YAML and JSON can hold: Boolean, Long, Double, String, or
  /// a list of these. Null where it is not such a value.
  @Nullable Object read(Object raw);

  /// What a value must be, for messages and help.
  String expected();

  /// A number from `least` to `most`, both allowed; from [Double#MIN_NORMAL] means above 0.
  record Real(double least, double most) implements OptionType {
    @Override
    public @Nullable Object read(Object raw) {
      Double value = number(raw);
      return value != null && value >= least && value <= most ? value : null;
    }

    @Override
    public String expected() {
      if (least == Double.MIN_NORMAL) {
        return "a number above 0" + bounds("", plain(most));
      }
      return "a number" + bounds(plain(least), plain(most));
    }

    private static String plain(double bound) {
      if (Double.isInfinite(bound) || Math.abs(bound) == Double.MAX_VALUE) {
        return "";
      }
      return bound == Math.rint(bound) ? Long.toString((long) bound) : Double.toString(bound);
    }
  }

  /// A whole number from `least` to `most`, both allowed; or one word instead.
  ///
  /// @param word such as `all`; empty where only a number will do
  record Whole(long least, long most, String word) implements OptionType {
    @Override
    public @Nullable Object read(Object raw) {
      if (!word.isEmpty() && word.equals(raw)) {
        return word;
      }
      Double value = number(raw);
      if (value == null || value != Math.rint(value) || value < least || value > most) {
        return null;
      }
      return value.longValue();
    }

    @Override
    public String expected() {
      String above = most == Long.MAX_VALUE ? "" : Long.toString(most);
      String number = "a whole number" + bounds(Long.toString(least), above);
      return word.isEmpty() ? number : word + ", or " + number;
    }
  }

  /// True or false.
  record Flag() implements OptionType {
    @Override
    public @Nullable Object read(Object raw) {
      return switch (raw.toString().toLowerCase(Locale.ROOT)) {
        case "true" -> true;
        case "false" -> false;
        default -> null;
      };
    }

    @Override
    public String expected() {
      return "true or false";
    }
  }

  /// One of some names.
  record OneOf(List<String> names) implements OptionType {
    public OneOf {
      names = List.copyOf(names);
    }

    @Override
    public @Nullable Object read(Object raw) {
      return names.contains(raw.toString()) ? raw.toString() : null;
    }

    @Override
    public String expected() {
      return "one of " + String.join(", ", names);
    }
  }

  /// Two numbers, the first not above the second, as a list or as `low,high`.
  record Interval(double least, double most) implements OptionType {
    @Override
    public @Nullable Object read(Object raw) {
      List<Double> values = new ArrayList<>();
      for (Object each : elements(raw)) {
        Object value = new Real(least, most).read(each);
        if (value instanceof Double number) {
          values.add(number);
        } else {
          return null;
        }
      }
      return values.size() == 2 ? values : null;
    }

    @Override
    public String expected() {
      return "two of: " + new Real(least, most).expected();
    }
  }

  /// Texts, as a list or separated by commas.
  record Texts() implements OptionType {
    @Override
    public Object read(Object raw) {
      List<String> texts = new ArrayList<>();
      elements(raw).forEach(each -> texts.add(each.toString().strip()));
      return texts;
    }

    @Override
    public String expected() {
      return "a list of texts";
    }
  }

  private static List<?> elements(Object raw) {
    if (raw instanceof List<?> list) {
      return list;
    }
    String text = raw.toString().strip();
    return text.isEmpty() ? List.of() : List.of(text.split(",", -1));
  }

  private static @Nullable Double number(Object raw) {
    if (raw instanceof Number value) {
      return value.doubleValue();
    }
    try {
      return raw instanceof String text ? Double.valueOf(text.strip()) : null;
    } catch (NumberFormatException _) {
      return null;
    }
  }

  private static String bounds(String least, String most) {
    if (least.isEmpty()) {
      return most.isEmpty() ? "" : " up to " + most;
    }
    return most.isEmpty() ? " from " + least : " from " + least + " to " + most;
  }
}
