package io.attune.flows.config;

import io.attune.flows.DynamicBatching;
import io.attune.flows.yaml.Keys;
import io.attune.flows.yaml.YamlNode.Mapping;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// `dynamic_batching` and `uses_dynamic_batching`: batching by endpoint.
///
/// Keys of an endpoint: `preferred_batch_size` (whole number, must be given), `timeout` (ms,
/// default 10000), `flush_all` (default false), `use_dynamic_batching` (default true).
final class BatchingConfig {
  private BatchingConfig() {}

  static Map<String, DynamicBatching> read(Keys keys, String key) {
    Mapping endpoints = keys.mapping(key);
    if (endpoints == null) {
      return Map.of();
    }
    Map<String, DynamicBatching> batching = new LinkedHashMap<>();
    Keys named = keys.keys(key);
    for (String endpoint : endpoints.entries().keySet()) {
      endpoint(named, endpoint, batching);
    }
    return Collections.unmodifiableMap(batching);
  }

  private static void endpoint(Keys named, String endpoint, Map<String, DynamicBatching> batching) {
    Keys keys = named.keys(endpoint);
    boolean on = keys.bool("use_dynamic_batching", true);
    Integer size = keys.integer("preferred_batch_size", 1, 1_000_000);
    int millis =
        keys.integer(
            "timeout", (int) DynamicBatching.DEFAULT_TIMEOUT.toMillis(), 0, Integer.MAX_VALUE);
    boolean flushAll = keys.bool("flush_all", false);
    if (keys.bool("use_custom_metric", false)) {
      keys.notYet("use_custom_metric", "true", "false: batches are sized by documents");
    }
    keys.ignore("it is for Python", java.util.List.of("custom_metric"));
    keys.finish();
    if (on && size != null) {
      batching.put(endpoint, new DynamicBatching(size, Duration.ofMillis(millis), flushAll));
    } else if (on && !keys.has("preferred_batch_size")) {
      named.error(endpoint, "no preferred_batch_size", "a number of documents");
    }
  }
}
