package io.attune.flows.config;

import io.attune.flows.yaml.Problems;
import io.attune.flows.yaml.YamlNode.Entry;
import io.attune.flows.yaml.YamlNode.Mapping;
import java.util.LinkedHashMap;
import java.util.Map;

/// Other names that Jina's parsers take for a key.
final class Aliases {
  private static final Map<String, String> KEYS =
      Map.of(
          "ports", "port",
          "port_expose", "port",
          "port_in", "port",
          "protocols", "protocol",
          "host_in", "host");

  private Aliases() {}

  /// The mapping with the keys' own names in place of the others; a key that is given under two
  /// names is noted.
  static Mapping resolve(Mapping mapping, Problems problems) {
    Map<String, Entry> entries = new LinkedHashMap<>();
    Map<String, String> given = new LinkedHashMap<>();
    mapping
        .entries()
        .forEach((key, entry) -> {
          String name = KEYS.getOrDefault(key, key);
          if (entries.putIfAbsent(name, entry) == null) {
            given.put(name, key);
          } else {
            problems.error(
                entry.at(),
                "%s: beside %s (expected: one of the two)".formatted(key, given.get(name)));
          }
        });
    return new Mapping(mapping.type(), entries, mapping.at());
  }

  /// The mapping with [#resolve] applied to the mappings of some of its keys.
  static Mapping within(Mapping mapping, Problems problems, String... keys) {
    Map<String, Entry> entries = new LinkedHashMap<>(mapping.entries());
    for (String key : keys) {
      entries.computeIfPresent(
          key,
          (_, entry) ->
              entry.value() instanceof Mapping nested
                  ? new Entry(entry.at(), resolve(nested, problems))
                  : entry);
    }
    return new Mapping(mapping.type(), entries, mapping.at());
  }
}
