package io.attune.gateway.graph;

import io.attune.runtime.Access;
import io.attune.runtime.channel.Discovery;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The plans of a Flow, one per endpoint that any executor declares, compiled once.
///
/// Every other endpoint shares one plan, in which only executors bound to `/default` are called, so
/// that endpoint names from the network take no memory.
public final class Plans {
  /// The endpoint that answers every other one.
  public static final String DEFAULT = "/default";

  private final Map<String, Plan> byEndpoint;
  private final Plan other;
  private final Map<String, Access> endpoints;

  private Plans(Map<String, Plan> byEndpoint, Plan other, Map<String, Access> endpoints) {
    this.byEndpoint = Map.copyOf(byEndpoint);
    this.other = other;
    this.endpoints = Collections.unmodifiableMap(new TreeMap<>(endpoints));
  }

  /// Compiles the plans.
  ///
  /// @param discovered what each executor answers, by name; an executor that is not in it is never
  ///   called
  public static Plans of(Topology topology, Map<String, Discovery> discovered) {
    List<Discovery> ordered = new ArrayList<>();
    Map<String, Access> endpoints = new HashMap<>();
    for (Node node : topology.nodes()) {
      Discovery bindings = discovered.getOrDefault(node.name(), new Discovery(Map.of()));
      ordered.add(bindings);
      bindings.endpoints().forEach((name, access) -> endpoints.merge(name, access, Plans::higher));
    }
    Discovery[] bindings = ordered.toArray(Discovery[]::new);
    Map<String, Plan> plans = new HashMap<>();
    for (String endpoint : endpoints.keySet()) {
      plans.put(endpoint, Plan.of(topology, bindings, endpoint));
    }
    return new Plans(plans, Plan.of(topology, bindings, DEFAULT), endpoints);
  }

  private static Access higher(Access one, Access two) {
    return one.compareTo(two) >= 0 ? one : two;
  }

  /// The plan of an endpoint, compared exactly.
  public Plan of(String endpoint) {
    return byEndpoint.getOrDefault(endpoint, other);
  }

  /// The endpoints that executors declare, sorted, each with its highest access class.
  public Map<String, Access> endpoints() {
    return endpoints;
  }
}
