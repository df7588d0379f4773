package io.attune.trainer.run;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A configuration whose values give way to others.
final class ConfigOverlay {
  private static final String EVALUATION = "EvaluationCallback";
  private static final String QUERIES = "eval_queries";
  private static final String INDEX = "eval_index";

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
    Map<String, ConfigNode> given = new LinkedHashMap<>(instead.entries());
    CHOICES.forEach(choice -> overlay.choose(choice, given.get(choice)));
    overlay.evaluate(given);
    given.forEach(overlay::put);
    return new ConfigNode.Mapping(overlay.entries, overlay.lines, own.line());
  }

  /// Another choice does not have the options of the one before.
  private void choose(String choice, @Nullable ConfigNode other) {
    ConfigNode before = entries.get(choice);
    if (other != null && before != null && !Objects.equals(other.plain(), before.plain())) {
      remove(choice + "_options");
    }
  }

  /// Lets the evaluation without a caption have other queries, and the index that goes with them;
  /// its other options stay.
  ///
  /// @param given loses the queries where there is such an evaluation
  private void evaluate(Map<String, ConfigNode> given) {
    ConfigNode queries = given.get(QUERIES);
    if (queries == null) {
      return;
    }
    remove(INDEX);
    if (!(entries.get("callbacks") instanceof ConfigNode.Sequence callbacks)) {
      return;
    }
    List<ConfigNode> changed = new ArrayList<>(callbacks.items());
    for (int i = 0; i < changed.size(); i++) {
      ConfigNode.Mapping options = uncaptioned(changed.get(i));
      if (options != null) {
        changed.set(i, evaluation(options, queries, given.remove(INDEX)));
        given.remove(QUERIES);
        entries.put("callbacks", new ConfigNode.Sequence(changed, callbacks.line()));
        return; // a second one is refused
      }
    }
  }

  private static ConfigNode evaluation(
      ConfigNode.Mapping options, ConfigNode queries, @Nullable ConfigNode index) {
    Map<String, ConfigNode> others = new LinkedHashMap<>(options.entries());
    others.put("query_data", queries);
    others.remove("index_data");
    if (index != null) {
      others.put("index_data", index);
    }
    ConfigNode changed = new ConfigNode.Mapping(others, options.lines(), options.line());
    return new ConfigNode.Mapping(Map.of(EVALUATION, changed), Map.of(), options.line());
  }

  private static ConfigNode.@Nullable Mapping uncaptioned(ConfigNode callback) {
    return callback instanceof ConfigNode.Mapping named
            && named.entries().get(EVALUATION) instanceof ConfigNode.Mapping options
            && !options.entries().containsKey("caption")
        ? options
        : null;
  }

  private void put(String key, ConfigNode value) {
    if (entries.get(key) instanceof ConfigNode.Mapping own
        && value instanceof ConfigNode.Mapping more) {
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
