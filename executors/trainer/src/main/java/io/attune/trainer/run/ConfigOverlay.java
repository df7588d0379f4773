package io.attune.trainer.run;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A configuration whose values give way to others.
final class ConfigOverlay {
  private static final String EVALUATION = "EvaluationCallback";

  /// Choices by name that have options of their own, `loss_options`.
  private static final Set<String> CHOICES =
      Set.of("model", "loss", "miner", "optimizer", "scheduler");

  private final Map<String, ConfigNode> entries;
  private final Map<String, Integer> lines;

  private ConfigOverlay(ConfigNode.Mapping own) {
    this.entries = new LinkedHashMap<>(own.entries());
    this.lines = new LinkedHashMap<>(own.lines());
  }

  static ConfigNode.Mapping of(ConfigNode.Mapping own, ConfigNode.Mapping instead) {
    ConfigOverlay overlay = new ConfigOverlay(own);
    overlay.makeRoom(instead);
    instead.entries().forEach(overlay::put);
    return new ConfigNode.Mapping(overlay.entries, overlay.lines, own.line());
  }

  private void makeRoom(ConfigNode.Mapping instead) {
    for (String choice : CHOICES) {
      ConfigNode other = instead.entries().get(choice);
      ConfigNode own = entries.get(choice);
      if (other != null && own != null && !other.shown().equals(quoted(own))) {
        remove(choice + "_options");
      }
    }
    if (instead.entries().containsKey("eval_queries")) {
      remove("eval_index"); // it goes with the queries
      if (entries.get("callbacks") instanceof ConfigNode.Sequence callbacks) {
        evaluate(callbacks, instead);
      }
    }
  }

  /// Lets an evaluation without a caption have other queries; its other options stay.
  private void evaluate(ConfigNode.Sequence callbacks, ConfigNode.Mapping instead) {
    List<ConfigNode> changed = new ArrayList<>();
    for (ConfigNode callback : callbacks.items()) {
      ConfigNode.Mapping options = options(callback);
      if (options == null || options.entries().containsKey("caption")) {
        changed.add(callback);
        continue;
      }
      Map<String, ConfigNode> renamed = new LinkedHashMap<>(options.entries());
      renamed.remove("query_data");
      renamed.remove("index_data");
      instead
          .entries()
          .forEach((key, value) -> {
            if (key.equals("eval_queries")) {
              renamed.put("query_data", value);
            } else if (key.equals("eval_index")) {
              renamed.put("index_data", value);
            }
          });
      changed.add(
          new ConfigNode.Mapping(
              Map.of(EVALUATION, new ConfigNode.Mapping(renamed, options.lines(), options.line())),
              Map.of(),
              callback.line()));
      replaced = true;
    }
    entries.put("callbacks", new ConfigNode.Sequence(changed, callbacks.line()));
  }

  /// Whether the queries have found their evaluation, and need none of their own.
  private boolean replaced;

  private static ConfigNode.@Nullable Mapping options(ConfigNode callback) {
    return callback instanceof ConfigNode.Mapping named
            && named.entries().get(EVALUATION) instanceof ConfigNode.Mapping options
        ? options
        : null;
  }

  /// As a text from a command line is shown.
  private static String quoted(ConfigNode own) {
    return own instanceof ConfigNode.Scalar scalar ? '"' + scalar.text() + '"' : own.shown();
  }

  private void put(String key, ConfigNode value) {
    if (replaced && (key.equals("eval_queries") || key.equals("eval_index"))) {
      return;
    }
    ConfigNode before = entries.get(key);
    if (before instanceof ConfigNode.Mapping own && value instanceof ConfigNode.Mapping more) {
      Map<String, ConfigNode> both = new LinkedHashMap<>(own.entries());
      both.putAll(more.entries());
      Map<String, Integer> places = new LinkedHashMap<>(own.lines());
      places.keySet().removeAll(more.entries().keySet());
      entries.put(key, new ConfigNode.Mapping(both, places, own.line()));
    } else {
      entries.put(key, value);
      lines.remove(key);
    }
  }

  private void remove(String key) {
    entries.remove(key);
    lines.remove(key);
  }
}
