package io.attune.flows;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// How requests move through a Flow: which executor waits for which.
///
/// Acyclic by construction: an executor needs only executors that come before it. `gateway` stands
/// for the request as it came in. An executor that the answer does not wait for is floating: it is
/// called, and nobody waits for it.
///
/// @param needs for each executor, after those it needs, what it waits for, in the order given:
///   names of executors, or [#GATEWAY]; several make it a joiner
/// @param end the executor whose documents are the answer; null where the request itself is
public record FlowGraph(Map<String, List<String>> needs, @Nullable String end) {
  /// The name that stands for the incoming request.
  public static final String GATEWAY = "gateway";

  public FlowGraph {
    Map<String, List<String>> copy = new LinkedHashMap<>();
    for (Map.Entry<String, List<String>> entry : needs.entrySet()) {
      for (String need : entry.getValue()) {
        if (!need.equals(GATEWAY) && !copy.containsKey(need)) {
          throw new IllegalArgumentException(
              "needs: %s (expected: gateway or an executor before %s: %s)"
                  .formatted(need, entry.getKey(), copy.keySet()));
        }
      }
      copy.put(entry.getKey(), List.copyOf(entry.getValue()));
    }
    if (end != null && !copy.containsKey(end)) {
      throw new IllegalArgumentException(
          "end: %s (expected: one of %s)".formatted(end, copy.keySet()));
    }
    needs = Collections.unmodifiableMap(copy);
  }

  /// The executors in an order in which each comes after what it needs.
  public List<String> names() {
    return List.copyOf(needs.keySet());
  }

  /// The executors that are called once a node is done; for [#GATEWAY], those called first.
  public List<String> after(String node) {
    return needs.entrySet().stream()
        .filter(entry -> entry.getValue().contains(node))
        .map(Map.Entry::getKey)
        .toList();
  }

  /// Whether the executor joins several branches.
  public boolean joins(String executor) {
    return needs.getOrDefault(executor, List.of()).size() > 1;
  }

  /// Whether nobody waits for the executor: neither the answer nor anything the answer waits for.
  public boolean floating(String executor) {
    return !awaited(executor, end);
  }

  private boolean awaited(String executor, @Nullable String by) {
    if (by == null) {
      return false;
    }
    Set<String> seen = new HashSet<>();
    Deque<String> open = new ArrayDeque<>(List.of(by));
    while (!open.isEmpty()) {
      String node = open.pop();
      if (node.equals(executor)) {
        return true;
      }
      if (seen.add(node)) {
        open.addAll(needs.getOrDefault(node, List.of()));
      }
    }
    return false;
  }

  /// The executor whose documents are the answer; empty where the request itself is.
  public Optional<String> last() {
    return Optional.ofNullable(end);
  }
}
