package io.attune.trainer.run;

import io.attune.runtime.FlowException;
import io.attune.runtime.registry.Spelling;
import io.attune.trainer.option.Catalog;
import io.attune.trainer.option.Choice;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Reads the keys of one mapping into types and notes every problem with its line, so that all are
/// told at once. A wrong value is noted and read as its default; keys nobody asked for are refused
/// by [#finish].
final class ConfigKeys {
  private final String path;
  private final ConfigNode.Mapping mapping;
  private final Problems problems;
  private final Set<String> asked = new LinkedHashSet<>();

  ConfigKeys(String path, ConfigNode.Mapping mapping, Problems problems) {
    this.path = path;
    this.mapping = mapping;
    this.problems = problems;
  }

  /// What is wrong with one configuration.
  static final class Problems {
    private static final int MOST = 50;
    private final String file;
    private final List<String> messages = new ArrayList<>();

    /// @param file what messages call it; empty where there is none
    Problems(String file) {
      this.file = file;
    }

    void add(int line, String message) {
      if (messages.size() < MOST) {
        messages.add(line > 0 ? file + ":" + line + ": " + message : message);
      }
    }

    void throwIfAny() {
      if (!messages.isEmpty()) {
        throw FlowException.invalid(String.join("\n", messages));
      }
    }
  }

  boolean has(String key) {
    return node(key) != null;
  }

  /// The node of a key; null where it is unset or null.
  @Nullable ConfigNode node(String key) {
    asked.add(key);
    ConfigNode node = mapping.entries().get(key);
    return node instanceof ConfigNode.Scalar scalar && scalar.isNull() ? null : node;
  }

  @Nullable String text(String key) {
    ConfigNode node = node(key);
    if (node == null) {
      return null;
    }
    if (node instanceof ConfigNode.Scalar scalar && !scalar.text().isBlank()) {
      return scalar.text();
    }
    wrong(key, node, "a text");
    return null;
  }

  String text(String key, String fallback) {
    String text = text(key);
    return text == null ? fallback : text;
  }

  /// The text of a key that must be there.
  String required(String key, String expected) {
    if (!has(key)) {
      problems.add(mapping.line(), pathOf(key) + ": missing (expected: " + expected + ")");
    }
    return text(key, "");
  }

  /// One text or a list of them; none where the key is unset.
  List<String> texts(String key) {
    ConfigNode node = node(key);
    List<String> texts = new ArrayList<>();
    for (ConfigNode item : items(node)) {
      if (item instanceof ConfigNode.Scalar scalar && !scalar.text().isBlank()) {
        texts.add(scalar.text());
      } else {
        wrong(key, item, "a text or a list of texts");
      }
    }
    return List.copyOf(texts);
  }

  private static List<ConfigNode> items(@Nullable ConfigNode node) {
    if (node == null) {
      return List.of();
    }
    return node instanceof ConfigNode.Sequence sequence ? sequence.items() : List.of(node);
  }

  /// The nodes of a list, or the one value.
  List<ConfigNode> items(String key) {
    return items(node(key));
  }

  @Nullable Long whole(String key, long least, long most) {
    ConfigNode node = node(key);
    if (node == null) {
      return null;
    }
    try {
      // 3.0 is whole: numbers of a request have no other form
      long value = new BigDecimal(number(node)).longValueExact();
      if (value >= least && value <= most) {
        return value;
      }
    } catch (ArithmeticException | NumberFormatException _) {
      // falls through to the one message
    }
    wrong(key, node, "a whole number, " + least + ".." + most);
    return null;
  }

  int whole(String key, int fallback, int least, int most) {
    Long value = whole(key, (long) least, (long) most);
    return value == null ? fallback : value.intValue();
  }

  private static String number(ConfigNode node) {
    String text = node instanceof ConfigNode.Scalar scalar ? scalar.text() : "";
    return text.length() > 40 ? "" : text;
  }

  /// A number above one bound and up to another.
  ///
  /// @param expected how messages write the range
  double number(String key, double fallback, Range range, String expected) {
    ConfigNode node = node(key);
    if (node == null) {
      return fallback;
    }
    try {
      double value = Double.parseDouble(number(node));
      if (range.holds(value)) {
        return value;
      }
    } catch (NumberFormatException _) {
      // falls through to the one message
    }
    wrong(key, node, "a number, " + expected);
    return fallback;
  }

  /// Which numbers are right; never NaN.
  interface Range {
    boolean holds(double value);
  }

  boolean truth(String key, boolean fallback) {
    ConfigNode node = node(key);
    if (node == null) {
      return fallback;
    }
    if (node.plain() instanceof Boolean value) {
      return value;
    }
    wrong(key, node, "true or false");
    return fallback;
  }

  /// One of a set of texts, without regard to case.
  String oneOf(String key, String fallback, Set<String> values) {
    String text = text(key);
    if (text == null) {
      return fallback;
    }
    String lower = text.toLowerCase(Locale.ROOT);
    if (!values.contains(lower)) {
      error(key, text, Spelling.expected(text, values));
      return fallback;
    }
    return lower;
  }

  /// The mapping of a key as plain values; none where it is unset.
  Map<String, @Nullable Object> options(String key) {
    ConfigNode node = node(key);
    if (node instanceof ConfigNode.Mapping found) {
      return found.plain();
    }
    if (node != null) {
      wrong(key, node, "a mapping");
    }
    return Map.of();
  }

  /// A name of a catalog with its options, under `key` and `key_options`, the defaults added.
  ///
  /// @param fallback the name where none is given
  Chosen chosen(String key, String fallback, Catalog<? extends Choice> catalog) {
    String name = text(key, fallback);
    Map<String, @Nullable Object> given = options(key + "_options");
    String at = key;
    try {
      Choice choice = catalog.named(name);
      at = key + "_options";
      return new Chosen(name, new LinkedHashMap<>(choice.check(given).asMap()));
    } catch (FlowException e) {
      problems.add(mapping.lines().getOrDefault(at, mapping.line()), at(at, key, e));
      return Chosen.of(fallback);
    }
  }

  private String at(String at, String key, FlowException failure) {
    String message = String.valueOf(failure.getMessage());
    return at.equals(key) ? message : pathOf(at) + "." + message;
  }

  /// The keys of the mapping of a key; none where it is unset.
  ConfigKeys within(String key) {
    ConfigNode node = node(key);
    if (node instanceof ConfigNode.Mapping found) {
      return new ConfigKeys(pathOf(key), found, problems);
    }
    if (node != null) {
      wrong(key, node, "a mapping");
    }
    return new ConfigKeys(pathOf(key), ConfigNode.Mapping.empty(mapping.line()), problems);
  }

  /// Runs what refuses values by exception, and notes that.
  ///
  /// @param key whose value is judged
  <T> T judged(String key, T fallback, Supplier<T> judge) {
    try {
      return judge.get();
    } catch (FlowException e) {
      problems.add(
          mapping.lines().getOrDefault(key, mapping.line()), pathOf(key) + "." + e.getMessage());
      return fallback;
    }
  }

  /// Notes that a key's value is wrong.
  void error(String key, String was, String expected) {
    problems.add(
        mapping.lines().getOrDefault(key, mapping.line()),
        "%s: %s (expected: %s)".formatted(pathOf(key), was, expected));
  }

  /// Refuses a key that others have, with a reason.
  void refuse(String key, String why) {
    if (mapping.entries().containsKey(key)) {
      error(key, "no option here", why);
    }
    asked.add(key);
  }

  /// Refuses keys nobody asked for.
  ///
  /// @param hidden keys that were asked for and are not to be proposed
  void finish(Set<String> hidden) {
    Set<String> known = new LinkedHashSet<>(asked);
    known.removeAll(hidden);
    for (String key : mapping.entries().keySet()) {
      if (!asked.contains(key)) {
        error(key, "unknown key", Spelling.expected(key, known));
      }
    }
  }

  private void wrong(String key, ConfigNode node, String expected) {
    problems.add(
        node.line() > 0 ? node.line() : mapping.lines().getOrDefault(key, 0),
        "%s: %s (expected: %s)".formatted(pathOf(key), node.shown(), expected));
  }

  private String pathOf(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }
}
