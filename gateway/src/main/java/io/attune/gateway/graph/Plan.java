package io.attune.gateway.graph;

import io.attune.runtime.Access;
import io.attune.runtime.channel.Discovery;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/// The way of one endpoint through a Flow's graph: which nodes are called; the others pass the
/// request on.
public final class Plan {
  private final Topology topology;
  private final Discovery[] bindings;
  private final String endpoint;
  private final BitSet calls;
  private final Access access;

  private Plan(Topology topology, Discovery[] bindings, String endpoint, @Nullable Target target) {
    this.topology = topology;
    this.bindings = bindings;
    this.endpoint = endpoint;
    this.calls = new BitSet(topology.size());
    Access highest = Access.READ;
    for (int i = 0; i < bindings.length; i++) {
      boolean bound = bindings[i].serves(endpoint);
      if (bound && (target == null || target.matches(topology.node(i).name()))) {
        calls.set(i);
        Access needed = bindings[i].access(endpoint);
        highest = needed.compareTo(highest) > 0 ? needed : highest;
      }
    }
    this.access = highest;
  }

  static Plan of(Topology topology, Discovery[] bindings, String endpoint) {
    return new Plan(topology, bindings, endpoint, null);
  }

  /// The same way, calling only the executors that a `target_executor` names.
  ///
  /// @throws io.attune.runtime.FlowException where it is not a regular expression
  public Plan targeting(String expression) {
    return new Plan(topology, bindings, endpoint, Target.of(expression));
  }

  /// The graph.
  public Topology topology() {
    return topology;
  }

  /// Whether a node is called.
  public boolean calls(int node) {
    return calls.get(node);
  }

  /// Whether no node is called, so that the request is its own answer.
  public boolean callsNothing() {
    return calls.isEmpty();
  }

  /// The highest access class among the endpoints called.
  public Access access() {
    return access;
  }
}
