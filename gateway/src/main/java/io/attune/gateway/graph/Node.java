package io.attune.gateway.graph;

import java.util.List;

/// One executor in a Flow's graph.
///
/// @param name the executor's name
/// @param needs what it waits for: names of executors, or [#GATEWAY] for the request as it came in
/// @param reduces whether several inputs are merged into one request before it is called
public record Node(String name, List<String> needs, boolean reduces) {
  /// The name that stands for the incoming request.
  public static final String GATEWAY = "gateway";

  public Node {
    needs = List.copyOf(needs);
  }

  /// A node that reduces; one that needs nothing gets the request as it came in.
  public static Node of(String name, String... needs) {
    return new Node(name, needs.length == 0 ? List.of(GATEWAY) : List.of(needs), true);
  }
}
