package io.attune.flows.yaml;

import io.attune.flows.yaml.YamlNode.Scalar;
import io.attune.flows.yaml.YamlParser.Unreadable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.events.ScalarEvent;

/// The types of scalars: YAML 1.2's core schema.
final class Scalars {
  static final String CORE = "tag:yaml.org,2002:";

  private static final Pattern NULL = Pattern.compile("~|null|Null|NULL|");
  private static final Pattern BOOL = Pattern.compile("true|True|TRUE|false|False|FALSE");
  private static final Pattern INTEGER = Pattern.compile("[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+");
  private static final Pattern NUMBER =
      Pattern.compile("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?");
  private static final Pattern SPECIAL = Pattern.compile("[-+]?\\.(inf|Inf|INF)|\\.(nan|NaN|NAN)");

  private Scalars() {}

  static Scalar read(ScalarEvent event, Place at) {
    String text = event.getValue();
    String tag = event.getTag().orElse("");
    if (tag.isEmpty()) {
      return new Scalar(event.isPlain() ? plain(text, at) : text, at);
    }
    @Nullable Object value =
        switch (tag) {
          case "!", CORE + "str" -> text;
          case CORE + "int", CORE + "bool", CORE + "null" -> plain(text, at);
          case CORE + "float" ->
              plain(text, at) instanceof Long whole ? whole.doubleValue() : plain(text, at);
          default -> throw new Unreadable(at, "tag %s on a value (expected: none)".formatted(tag));
        };
    if (value instanceof String && !tag.equals("!") && !tag.equals(CORE + "str")) {
      throw new Unreadable(
          at, "\"%s\" (expected: of type %s)".formatted(text, tag.substring(CORE.length())));
    }
    return new Scalar(value, at);
  }

  private static @Nullable Object plain(String text, Place at) {
    if (NULL.matcher(text).matches()) {
      return null;
    }
    if (BOOL.matcher(text).matches()) {
      return Boolean.valueOf(text);
    }
    if (INTEGER.matcher(text).matches()) {
      return integer(text, at);
    }
    if (NUMBER.matcher(text).matches()) {
      double value = Double.parseDouble(text);
      if (Double.isInfinite(value)) {
        throw new Unreadable(at, "%s (expected: a number a double can hold)".formatted(text));
      }
      return value;
    }
    if (SPECIAL.matcher(text).matches()) {
      throw new Unreadable(at, "%s (expected: a finite number)".formatted(text));
    }
    return text;
  }

  private static Object integer(String text, Place at) {
    try {
      if (text.startsWith("0x")) {
        return Long.parseLong(text, 2, text.length(), 16);
      }
      return text.startsWith("0o")
          ? Long.parseLong(text, 2, text.length(), 8)
          : Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new Unreadable(at, "%s (expected: a whole number of at most 64 bits)".formatted(text));
    }
  }
}
