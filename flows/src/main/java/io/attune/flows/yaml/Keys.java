package io.attune.flows.yaml;

import io.attune.flows.yaml.YamlNode.Entry;
import io.attune.flows.yaml.YamlNode.Mapping;
import io.attune.flows.yaml.YamlNode.Scalar;
import io.attune.flows.yaml.YamlNode.Sequence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads the keys of one mapping into types, and notes every problem with its line.
///
/// Each key that a record has is asked for once; [#finish] then refuses those nobody asked for. A
/// value of the wrong type is noted and read as unset, so that reading goes on. Written by hand
/// because a binder that stops at the first wrong value, without its line, cannot tell all at once.
public final class Keys {
  private final String path;
  private final Mapping mapping;
  private final Mapping inherited;
  private final String inheritedPath;
  private final Problems problems;
  private final Set<String> asked = new LinkedHashSet<>();

  private Keys(
      String path, Mapping mapping, String inheritedPath, Mapping inherited, Problems problems) {
    this.path = path;
    this.mapping = mapping;
    this.inheritedPath = inheritedPath;
    this.inherited = inherited;
    this.problems = problems;
  }

  /// The keys of a mapping.
  ///
  /// @param path what messages call it: `gateway`; empty for the document itself
  public static Keys of(String path, Mapping mapping, Problems problems) {
    return new Keys(path, mapping, "", Mapping.empty(mapping.at()), problems);
  }

  /// The same keys, with those of another mapping where this one has none.
  ///
  /// @param except the keys that are not taken from there
  public Keys inheriting(String from, Mapping defaults, Set<String> except) {
    Map<String, Entry> entries = new LinkedHashMap<>(defaults.entries());
    entries.keySet().removeAll(except);
    return new Keys(path, mapping, from, new Mapping(null, entries, defaults.at()), problems);
  }

  /// Where the mapping stands.
  public Place at() {
    return mapping.at();
  }

  /// Where a key stands; the mapping's place where it is unset.
  public Place at(String key) {
    Entry entry = entry(key);
    return entry == null ? mapping.at() : entry.at();
  }

  /// Whether a key is given, be it null.
  public boolean has(String key) {
    asked.add(key);
    return entry(key) != null;
  }

  /// Whether a key is given here, and not where it is inherited from.
  public boolean hasOwn(String key) {
    asked.add(key);
    return mapping.entries().containsKey(key);
  }

  /// The node of a key; null where it is unset or null.
  public @Nullable YamlNode node(String key) {
    asked.add(key);
    Entry entry = entry(key);
    if (entry == null || (entry.value() instanceof Scalar scalar && scalar.value() == null)) {
      return null;
    }
    return entry.value();
  }

  /// The text of a key; numbers and booleans count as text.
  public @Nullable String string(String key) {
    YamlNode node = node(key);
    if (node == null) {
      return null;
    }
    String text = text(node);
    if (text == null) {
      wrong(key, node, "a string");
    }
    return text;
  }

  /// The text of a key, or the fallback where it is unset.
  public String string(String key, String fallback) {
    String text = string(key);
    return text == null ? fallback : text;
  }

  /// The whole number of a key within a range.
  public @Nullable Integer integer(String key, int least, int most) {
    YamlNode node = node(key);
    return node == null ? null : integer(key, node, least, most);
  }

  /// The whole number of a key within a range, or the fallback where it is unset.
  public int integer(String key, int fallback, int least, int most) {
    Integer number = integer(key, least, most);
    return number == null ? fallback : number;
  }

  /// The truth of a key, or the fallback where it is unset; YAML 1.1's `yes` and `on` count.
  public boolean bool(String key, boolean fallback) {
    YamlNode node = node(key);
    if (node == null) {
      return fallback;
    }
    switch (String.valueOf(text(node)).toLowerCase(Locale.ROOT)) {
      case "true", "yes", "on" -> {
        return true;
      }
      case "false", "no", "off" -> {
        return false;
      }
      default -> wrong(key, node, "true or false");
    }
    return fallback;
  }

  /// The value of an enumeration, without regard to case.
  public <E extends Enum<E>> @Nullable E oneOf(String key, Class<E> type) {
    YamlNode node = node(key);
    return node == null ? null : oneOf(key, node, type);
  }

  /// The values of an enumeration: one or a list of them; empty where the key is unset.
  public <E extends Enum<E>> List<E> manyOf(String key, Class<E> type) {
    List<E> values = new ArrayList<>();
    for (YamlNode item : items(key)) {
      E value = oneOf(key, item, type);
      if (value != null) {
        values.add(value);
      }
    }
    return values;
  }

  /// The texts of a key: one or a list of them; empty where it is unset.
  public List<String> strings(String key) {
    List<String> values = new ArrayList<>();
    for (YamlNode item : items(key)) {
      String text = text(item);
      if (text == null) {
        wrong(key, item, "a string or a list of strings");
      } else {
        values.add(text);
      }
    }
    return values;
  }

  /// The whole numbers of a key: one or a list of them; empty where it is unset.
  public List<Integer> integers(String key, int least, int most) {
    List<Integer> values = new ArrayList<>();
    for (YamlNode item : items(key)) {
      Integer number = integer(key, item, least, most);
      if (number != null) {
        values.add(number);
      }
    }
    return values;
  }

  /// The mapping of a key; null where it is unset.
  public @Nullable Mapping mapping(String key) {
    YamlNode node = node(key);
    if (node instanceof Mapping found) {
      return found;
    }
    if (node != null) {
      wrong(key, node, "a mapping");
    }
    return null;
  }

  /// The keys of the mapping of a key; no keys where it is unset.
  public Keys keys(String key) {
    Mapping found = mapping(key);
    return of(pathOf(key), found == null ? Mapping.empty(at(key)) : found, problems);
  }

  /// The mapping of a key as plain values; empty where it is unset.
  public Map<String, @Nullable Object> values(String key) {
    Mapping found = mapping(key);
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    if (found != null) {
      found.entries().forEach((name, entry) -> values.put(name, entry.value().plain()));
    }
    return Collections.unmodifiableMap(values);
  }

  /// The mapping of a key with texts as values; empty where it is unset.
  public Map<String, String> texts(String key) {
    Mapping found = mapping(key);
    Map<String, String> texts = new LinkedHashMap<>();
    if (found != null) {
      found
          .entries()
          .forEach((name, entry) -> {
            String text = text(entry.value());
            if (text == null) {
              problems.error(
                  entry.at(),
                  "%s.%s: %s (expected: a string)"
                      .formatted(pathOf(key), name, entry.value().kind()));
            } else {
              texts.put(name, text);
            }
          });
    }
    return Collections.unmodifiableMap(texts);
  }

  /// The items of a key that is a list, or its one value; empty where it is unset.
  public List<YamlNode> items(String key) {
    YamlNode node = node(key);
    if (node == null) {
      return List.of();
    }
    return node instanceof Sequence sequence ? sequence.items() : List.of(node);
  }

  /// Notes that a key's value is wrong.
  public void error(String key, String was, String expected) {
    problems.error(at(key), "%s: %s (expected: %s)".formatted(pathOf(key), was, expected));
  }

  /// Notes that a key is read and does nothing.
  public void warn(String key, String why) {
    problems.warn(at(key), "%s: no effect, %s".formatted(pathOf(key), why));
  }

  /// Notes that what a key asks for is not available yet.
  public void notYet(String key, String was, String instead) {
    error(key, was + " is not available yet", instead);
  }

  /// Reads keys that have no effect here, and says so where one is given.
  public void ignore(String why, Collection<String> keys) {
    for (String key : keys) {
      if (has(key)) {
        warn(key, why);
      }
    }
  }

  /// The keys that were asked for.
  public Set<String> asked() {
    return Collections.unmodifiableSet(asked);
  }

  /// Refuses the mapping's own keys that nobody asked for.
  public void finish() {
    finish(Set.of());
  }

  /// Refuses the mapping's own keys that nobody asked for and that are not among those given.
  public void finish(Collection<String> others) {
    Set<String> known = new LinkedHashSet<>(asked);
    known.addAll(others);
    mapping
        .entries()
        .forEach((key, entry) -> {
          if (!known.contains(key)) {
            problems.error(
                entry.at(),
                "%s: unknown key (expected: %s)"
                    .formatted(pathOf(key), Nearest.expected(key, known)));
          }
        });
  }

  private @Nullable Entry entry(String key) {
    Entry own = mapping.entries().get(key);
    return own != null ? own : inherited.entries().get(key);
  }

  private String pathOf(String key) {
    boolean own = mapping.entries().containsKey(key) || !inherited.entries().containsKey(key);
    String prefix = own ? path : inheritedPath;
    return prefix.isEmpty() ? key : prefix + "." + key;
  }

  private @Nullable Integer integer(String key, YamlNode node, int least, int most) {
    String expected =
        "a whole number, " + least + (most == Integer.MAX_VALUE ? " or more" : ".." + most);
    try {
      long number = Long.parseLong(String.valueOf(text(node)));
      if (number >= least && number <= most) {
        return (int) number;
      }
    } catch (NumberFormatException _) {
      // falls through to the one message
    }
    wrong(key, node, expected);
    return null;
  }

  private <E extends Enum<E>> @Nullable E oneOf(String key, YamlNode node, Class<E> type) {
    String text = String.valueOf(text(node));
    List<String> names = Arrays.stream(type.getEnumConstants()).map(Enum::name).toList();
    for (E constant : type.getEnumConstants()) {
      if (constant.name().equalsIgnoreCase(text)) {
        return constant;
      }
    }
    wrong(key, node, "one of " + String.join(", ", names));
    return null;
  }

  private static @Nullable String text(YamlNode node) {
    return node instanceof Scalar(Object value, Place _) && value != null ? value.toString() : null;
  }

  private void wrong(String key, YamlNode node, String expected) {
    Place at = node.at().line() > 0 ? node.at() : at(key);
    problems.error(at, "%s: %s (expected: %s)".formatted(pathOf(key), node.kind(), expected));
  }
}
