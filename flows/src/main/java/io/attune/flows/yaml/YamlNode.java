package io.attune.flows.yaml;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A node of a YAML document: typed, with its place, free of tags and aliases.
public sealed interface YamlNode {
  /// Where it stands.
  Place at();

  /// The node as plain Java values: lists, maps, and what [Scalar#value] may be.
  @Nullable Object plain();

  /// What the node is, for messages.
  String kind();

  /// A string, whole number (long), number (double), boolean or null.
  record Scalar(@Nullable Object value, Place at) implements YamlNode {
    @Override
    public @Nullable Object plain() {
      return value;
    }

    @Override
    public String kind() {
      return switch (value) {
        case null -> "null";
        case String text -> '"' + (text.length() > 80 ? text.substring(0, 80) + "…" : text) + '"';
        default -> value.toString();
      };
    }
  }

  /// A list.
  record Sequence(List<YamlNode> items, Place at) implements YamlNode {
    public Sequence {
      items = List.copyOf(items);
    }

    @Override
    public @Nullable Object plain() {
      List<@Nullable Object> values = new ArrayList<>(items.size());
      items.forEach(item -> values.add(item.plain()));
      return Collections.unmodifiableList(values);
    }

    @Override
    public String kind() {
      return "a list";
    }
  }

  /// A mapping from strings, in the order of the file.
  ///
  /// @param type the name of its tag (`Flow` for `!Flow`), which equals a `jtype`; null for none
  record Mapping(@Nullable String type, Map<String, Entry> entries, Place at) implements YamlNode {
    public Mapping {
      entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
    }

    /// A mapping without entries.
    public static Mapping empty(Place at) {
      return new Mapping(null, Map.of(), at);
    }

    /// The node of a key; null where it has none.
    public @Nullable YamlNode get(String key) {
      Entry entry = entries.get(key);
      return entry == null ? null : entry.value();
    }

    @Override
    public @Nullable Object plain() {
      Map<String, @Nullable Object> values = new LinkedHashMap<>();
      entries.forEach((key, entry) -> values.put(key, entry.value().plain()));
      return Collections.unmodifiableMap(values);
    }

    @Override
    public String kind() {
      return "a mapping";
    }
  }

  /// The value of a key, and where the key stands.
  record Entry(Place at, YamlNode value) {}
}
