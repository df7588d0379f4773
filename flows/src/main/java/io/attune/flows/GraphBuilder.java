package io.attune.flows;

import io.attune.flows.config.ExecutorConfig;
import io.attune.flows.config.ExecutorConfig.Method;
import io.attune.flows.config.FlowConfig.Inspect;
import io.attune.flows.yaml.Nearest;
import io.attune.flows.yaml.Place;
import io.attune.flows.yaml.Problems;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Chains the entries of a Flow into a graph, by Jina's rules.
///
/// An entry without `needs` hangs below the last that is not floating; that last one gives the
/// answer. `needs` may name entries that come later; a cycle is refused.
final class GraphBuilder {
  private final Inspect inspect;
  private final Problems problems;
  private final Map<String, Node> nodes = new LinkedHashMap<>();
  private String last = FlowGraph.GATEWAY;

  GraphBuilder(Inspect inspect, Problems problems) {
    this.inspect = inspect;
    this.problems = problems;
  }

  /// Adds an entry; its name in the graph, or null where it is left out.
  @Nullable String add(ExecutorConfig entry) {
    return switch (entry.method()) {
      case ADD -> add(entry, "executor" + nodes.size(), needsOf(entry), !entry.floating());
      case NEEDS -> needs(entry);
      case NEEDS_ALL -> add(entry, "joiner", leaves(), !entry.floating());
      case INSPECT ->
          inspect == Inspect.REMOVE ? null : add(entry, "inspect", List.of(last), false);
      case GATHER_INSPECT -> gather(entry);
    };
  }

  /// Adds the entry that waits for all that inspect, where the Flow asks for it and has not done
  /// so; its name, or null.
  @Nullable String collect(Place at) {
    List<String> needs = inspecting();
    if (inspect != Inspect.COLLECT
        || needs.isEmpty()
        || needs.stream().noneMatch(leaves()::contains)) {
      return null;
    }
    needs.add(last);
    return put("gather_inspect", new Node(needs, at, false), true);
  }

  /// The graph; null, with problems noted, where there is none.
  @Nullable FlowGraph build() {
    for (Map.Entry<String, Node> node : nodes.entrySet()) {
      check(node.getKey(), node.getValue());
    }
    if (problems.failed()) {
      return null;
    }
    Map<String, List<String>> ordered = new LinkedHashMap<>();
    while (ordered.size() < nodes.size()) {
      String next = next(ordered.keySet());
      if (next == null) {
        cycle(ordered.keySet());
        return null;
      }
      ordered.put(next, node(next).needs());
    }
    return new FlowGraph(ordered, last.equals(FlowGraph.GATEWAY) ? null : last);
  }

  private List<String> needsOf(ExecutorConfig entry) {
    return entry.needs().isEmpty() ? List.of(last) : entry.needs();
  }

  private String needs(ExecutorConfig entry) {
    if (entry.needs().size() < 2) {
      problems.error(
          entry.needsAt(),
          "needs: %s (expected: two or more, with method: needs)".formatted(entry.needs()));
    }
    return add(entry, "joiner", needsOf(entry), !entry.floating());
  }

  private @Nullable String gather(ExecutorConfig entry) {
    List<String> needs = inspecting();
    if (needs.isEmpty()) {
      return null;
    }
    needs.add(last);
    return add(entry, "gather_inspect", needs, true);
  }

  private String add(ExecutorConfig entry, String fallback, List<String> needs, boolean chained) {
    String name = entry.name() == null ? fallback : entry.name();
    boolean inspects = entry.method() == Method.INSPECT;
    String free = put(name, new Node(needs, entry.needsAt(), inspects), chained);
    if (!free.equals(name) && entry.name() != null) {
      problems.warn(entry.at(), "name: %s is taken, this one is called %s".formatted(name, free));
    }
    return free;
  }

  private String put(String name, Node node, boolean chained) {
    String free = name;
    for (int number = nodes.size(); nodes.containsKey(free); number++) {
      free = name + number;
    }
    nodes.put(free, node);
    if (chained) {
      last = free;
    }
    return free;
  }

  private List<String> inspecting() {
    List<String> names = new ArrayList<>();
    nodes.forEach((name, node) -> {
      if (node.inspects()) {
        names.add(name);
      }
    });
    return names;
  }

  /// Those that nothing needs so far.
  private List<String> leaves() {
    Set<String> names = new LinkedHashSet<>(nodes.keySet());
    nodes.values().forEach(node -> names.removeAll(node.needs()));
    return names.isEmpty() ? List.of(last) : List.copyOf(names);
  }

  private void check(String name, Node node) {
    for (String need : node.needs()) {
      if (need.equals(name)) {
        problems.error(node.at(), "needs: %s itself (expected: another executor)".formatted(name));
      } else if (!need.equals(FlowGraph.GATEWAY) && !nodes.containsKey(need)) {
        Set<String> known = new LinkedHashSet<>(nodes.keySet());
        known.remove(name);
        known.add(FlowGraph.GATEWAY);
        problems.error(
            node.at(),
            "needs: %s is no executor (expected: %s)"
                .formatted(need, Nearest.expected(need, known)));
      }
    }
  }

  private @Nullable String next(Set<String> done) {
    for (Map.Entry<String, Node> node : nodes.entrySet()) {
      boolean ready =
          node.getValue().needs().stream()
              .allMatch(need -> need.equals(FlowGraph.GATEWAY) || done.contains(need));
      if (ready && !done.contains(node.getKey())) {
        return node.getKey();
      }
    }
    return null;
  }

  private void cycle(Set<String> done) {
    Set<String> path = new LinkedHashSet<>();
    String at =
        nodes.keySet().stream().filter(name -> !done.contains(name)).findFirst().orElseThrow();
    while (path.add(at)) {
      at =
          node(at).needs().stream()
              .filter(need -> nodes.containsKey(need) && !done.contains(need))
              .findFirst()
              .orElseThrow();
    }
    List<String> around = new ArrayList<>(path);
    around = around.subList(around.indexOf(at), around.size());
    problems.error(
        node(at).at(),
        "needs: a cycle, %s → %s (expected: none)".formatted(String.join(" → ", around), at));
  }

  private Node node(String name) {
    Node node = nodes.get(name);
    if (node == null) {
      throw new IllegalStateException("no node " + name);
    }
    return node;
  }

  private record Node(List<String> needs, Place at, boolean inspects) {}
}
