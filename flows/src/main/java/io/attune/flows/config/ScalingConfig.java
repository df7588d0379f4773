package io.attune.flows.config;

import io.attune.flows.yaml.Keys;
import io.attune.flows.yaml.YamlNode;
import io.attune.flows.yaml.YamlNode.Mapping;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How an executor is multiplied, and which documents it gets.
///
/// @param shards `shards`, default 1: parts that hold different documents (more are not available
///   yet)
/// @param replicas `replicas`, default 1: equal copies (more are not available yet)
/// @param polling `polling`, default ANY: which shards a request goes to, for all endpoints;
///   without effect on one shard
/// @param pollingOf the same by endpoint, `*` for the others
/// @param usesBefore `uses_before`: an executor before the shards; without effect on one shard
/// @param usesAfter `uses_after`: an executor after the shards; without effect on one shard
/// @param when `when`: the condition documents must meet (not available yet)
/// @param stateful `stateful`, default false: replicas agree by RAFT (not available yet)
public record ScalingConfig(
    int shards,
    int replicas,
    @Nullable Polling polling,
    Map<String, String> pollingOf,
    @Nullable String usesBefore,
    @Nullable String usesAfter,
    Map<String, @Nullable Object> when,
    boolean stateful) {
  /// Which shards a request goes to.
  public enum Polling {
    ANY,
    ALL,
    ALL_ASYNC
  }

  static ScalingConfig read(Keys keys) {
    YamlNode polling = keys.node("polling");
    boolean byEndpoint = polling instanceof Mapping;
    ScalingConfig config =
        new ScalingConfig(
            keys.integer("shards", 1, 1, 1024),
            keys.integer("replicas", 1, 1, 1024),
            byEndpoint ? null : keys.oneOf("polling", Polling.class),
            byEndpoint ? keys.texts("polling") : Map.of(),
            keys.string("uses_before"),
            keys.string("uses_after"),
            keys.values("when"),
            keys.bool("stateful", false));
    config.check(keys);
    return config;
  }

  private void check(Keys keys) {
    if (shards > 1) {
      keys.notYet("shards", String.valueOf(shards), "1");
    }
    if (replicas > 1) {
      keys.notYet("replicas", String.valueOf(replicas), "1");
    }
    if (!when.isEmpty()) {
      keys.notYet("when", "a condition", "none");
    }
    if (stateful) {
      keys.notYet("stateful", "true", "false");
    }
    for (String key : new String[] {"polling", "uses_before", "uses_after"}) {
      if (keys.has(key) && shards == 1) {
        keys.warn(key, "it applies to more than one shard");
      }
    }
  }
}
