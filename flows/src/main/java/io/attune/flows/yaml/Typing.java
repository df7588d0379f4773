package io.attune.flows.yaml;

import io.attune.flows.yaml.YamlNode.Scalar;
import io.attune.flows.yaml.YamlNode.Sequence;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The type of a value that was put in for a variable: whole number, number, boolean, null for the
/// empty text, a list for `[a, b]`, else text; quotes around it keep it text.
final class Typing {
  private static final Pattern QUOTED = Pattern.compile("['\"].*['\"]");
  private static final Pattern INTEGER = Pattern.compile("[-+]?[0-9]{1,18}");
  private static final Pattern NUMBER =
      Pattern.compile("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?");

  private Typing() {}

  static YamlNode of(String text, Place at) {
    if (text.startsWith("[") && text.endsWith("]")) {
      List<YamlNode> items = new ArrayList<>();
      String inside = text.replace("[", "").replace("]", "").strip();
      if (!inside.isEmpty()) {
        for (String item : inside.split(",", -1)) {
          items.add(new Scalar(scalar(item.strip()), at));
        }
      }
      return new Sequence(items, at);
    }
    return new Scalar(scalar(text), at);
  }

  private static @Nullable Object scalar(String text) {
    if (text.length() > 1 && QUOTED.matcher(text).matches()) {
      return text.substring(1, text.length() - 1);
    }
    String stripped = text.strip();
    if (INTEGER.matcher(stripped).matches()) {
      return Long.parseLong(stripped);
    }
    if (NUMBER.matcher(stripped).matches()) {
      double number = Double.parseDouble(stripped);
      return Double.isInfinite(number) ? text : (Object) number;
    }
    if (text.equalsIgnoreCase("true") || text.equalsIgnoreCase("false")) {
      return Boolean.valueOf(text);
    }
    return text.isEmpty() ? null : text;
  }
}
