package io.attune.trainer.run;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A configuration as a tree, whichever way it came: with lines from YAML, without from a map.
sealed interface ConfigNode {
  /// The line it stands in, from 1; 0 where it was not read from a file.
  int line();

  /// The node as text, number, truth, null, list or map.
  @Nullable Object plain();

  /// What messages call it.
  default String shown() {
    return switch (this) {
      case Scalar scalar -> scalar.quoted() ? '"' + scalar.text() + '"' : scalar.text();
      case Sequence _ -> "a list";
      case Mapping _ -> "a mapping";
    };
  }

  /// One value.
  ///
  /// @param text as it was written
  /// @param quoted whether it is text whatever it looks like
  record Scalar(String text, boolean quoted, int line) implements ConfigNode {
    private static final Pattern WHOLE = Pattern.compile("[-+]?[0-9]{1,18}");
    private static final Pattern NUMBER =
        Pattern.compile("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?");

    boolean isNull() {
      return !quoted && (text.isEmpty() || text.equals("null") || text.equals("~"));
    }

    /// As YAML 1.2's core schema reads it.
    @Override
    public @Nullable Object plain() {
      if (isNull()) {
        return null;
      }
      if (quoted) {
        return text;
      }
      if (text.equalsIgnoreCase("true") || text.equalsIgnoreCase("false")) {
        return Boolean.valueOf(text);
      }
      if (WHOLE.matcher(text).matches()) {
        return Long.valueOf(text);
      }
      return NUMBER.matcher(text).matches() ? Double.valueOf(text) : text;
    }
  }

  /// A list.
  record Sequence(List<ConfigNode> items, int line) implements ConfigNode {
    @Override
    public List<@Nullable Object> plain() {
      List<@Nullable Object> plain = new ArrayList<>();
      items.forEach(item -> plain.add(item.plain()));
      return plain;
    }
  }

  /// Keys and values.
  ///
  /// @param lines the line of each key
  record Mapping(Map<String, ConfigNode> entries, Map<String, Integer> lines, int line)
      implements ConfigNode {
    static Mapping empty(int line) {
      return new Mapping(Map.of(), Map.of(), line);
    }

    @Override
    public Map<String, @Nullable Object> plain() {
      Map<String, @Nullable Object> plain = new LinkedHashMap<>();
      entries.forEach((key, value) -> plain.put(key, value.plain()));
      return plain;
    }
  }

  /// The tree of a map as programs make it: a text is a text, whatever it looks like.
  static Mapping of(Map<String, ?> map) {
    Map<String, ConfigNode> entries = new LinkedHashMap<>();
    map.forEach((key, value) -> entries.put(key, of(value)));
    return new Mapping(entries, Map.of(), 0);
  }

  private static ConfigNode of(@Nullable Object value) {
    return switch (value) {
      case null -> new Scalar("null", false, 0);
      case Map<?, ?> map -> {
        Map<String, Object> named = new LinkedHashMap<>();
        map.forEach((key, each) -> named.put(String.valueOf(key), each));
        yield of(named);
      }
      case Iterable<?> list -> {
        List<ConfigNode> items = new ArrayList<>();
        list.forEach(item -> items.add(of(item)));
        yield new Sequence(items, 0);
      }
      case String text -> new Scalar(text, true, 0);
      case Object scalar -> new Scalar(scalar.toString(), false, 0);
    };
  }
}
