package io.attune.gateway.graph;

import io.attune.runtime.FlowException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A Flow's graph: nodes by number, in an order in which every node comes after those it needs.
///
/// Made once; a request carries only arrays indexed by a node's number. A node from which no way
/// leads to an end is floating: it is called, and the answer neither waits for it nor shows it.
public final class Topology {
  /// The number that stands for the incoming request among a node's parents.
  public static final int REQUEST = -1;

  private final List<Node> nodes;
  private final int[][] parents;
  private final int[][] children;
  private final int[] roots;
  private final int[] ends;
  private final BitSet awaited = new BitSet();

  private Topology(List<Node> nodes, List<String> ends) {
    this.nodes = List.copyOf(nodes);
    Map<String, Integer> numbers = new HashMap<>();
    numbers.put(Node.GATEWAY, REQUEST);
    for (int i = 0; i < nodes.size(); i++) {
      numbers.put(nodes.get(i).name(), i);
    }
    this.parents = new int[nodes.size()][];
    for (int i = 0; i < nodes.size(); i++) {
      parents[i] = nodes.get(i).needs().stream().mapToInt(numbers::get).toArray();
    }
    this.ends = ends.stream().mapToInt(numbers::get).toArray();
    for (int end : this.ends) {
      await(end);
    }
    this.roots = following(REQUEST);
    this.children = new int[nodes.size()][];
    for (int i = 0; i < nodes.size(); i++) {
      children[i] = following(i);
    }
  }

  /// The graph of the nodes.
  ///
  /// @param ends the nodes whose answers are merged into the caller's; empty where the request is
  ///   its own answer
  /// @throws FlowException where a name is used twice or unknown, or nodes need each other
  public static Topology of(List<Node> nodes, List<String> ends) {
    Map<String, Node> waiting = new LinkedHashMap<>();
    for (Node node : nodes) {
      if (waiting.put(node.name(), node) != null || node.name().equals(Node.GATEWAY)) {
        throw wrong("executor: " + node.name() + " (expected: a name that is not taken)");
      }
    }
    for (Node node : nodes) {
      check("needs of " + node.name(), node.needs(), waiting.keySet(), true);
      if (node.needs().isEmpty()) {
        throw wrong("needs of " + node.name() + ": nothing (expected: at least gateway)");
      }
    }
    check("ends", ends, waiting.keySet(), false);
    return new Topology(ordered(waiting), ends);
  }

  private static List<Node> ordered(Map<String, Node> waiting) {
    List<Node> ordered = new ArrayList<>();
    Set<String> placed = new HashSet<>(Set.of(Node.GATEWAY));
    while (!waiting.isEmpty()) {
      int before = ordered.size();
      for (Node node : List.copyOf(waiting.values())) {
        if (placed.containsAll(node.needs())) {
          ordered.add(node);
          placed.add(node.name());
          waiting.remove(node.name());
        }
      }
      if (ordered.size() == before) {
        throw wrong("needs: " + waiting.keySet() + " need each other (expected: no cycle)");
      }
    }
    return ordered;
  }

  private static void check(String what, List<String> names, Set<String> known, boolean gateway) {
    Set<String> seen = new HashSet<>();
    for (String name : names) {
      if (!known.contains(name) && !(gateway && name.equals(Node.GATEWAY))) {
        throw wrong("%s: %s (expected: one of %s)".formatted(what, name, known));
      }
      if (!seen.add(name)) {
        throw wrong("%s: %s twice (expected: once)".formatted(what, name));
      }
    }
  }

  private static FlowException wrong(String message) {
    return FlowException.invalid(message);
  }

  private void await(int node) {
    if (node != REQUEST && !awaited.get(node)) {
      awaited.set(node);
      for (int parent : parents[node]) {
        await(parent);
      }
    }
  }

  /// The nodes that follow one, those that are waited for first.
  private int[] following(int node) {
    List<Integer> first = new ArrayList<>();
    List<Integer> floating = new ArrayList<>();
    for (int i = 0; i < parents.length; i++) {
      for (int parent : parents[i]) {
        if (parent == node) {
          (awaited.get(i) ? first : floating).add(i);
        }
      }
    }
    first.addAll(floating);
    return first.stream().mapToInt(Integer::intValue).toArray();
  }

  /// The number of nodes.
  public int size() {
    return nodes.size();
  }

  /// The nodes in order.
  public List<Node> nodes() {
    return nodes;
  }

  /// The node of a number.
  public Node node(int number) {
    return nodes.get(number);
  }

  /// Whether the answer to the caller does not wait for a node.
  public boolean floating(int number) {
    return !awaited.get(number);
  }

  /// What a node waits for, as its `needs` lists it: numbers of nodes, or [#REQUEST].
  public int[] parents(int number) {
    return parents[number];
  }

  /// The nodes that get a node's answer, those that are waited for first.
  public int[] children(int number) {
    return children[number];
  }

  /// The nodes that get the request as the caller sent it, those that are waited for first.
  public int[] roots() {
    return roots;
  }

  /// The nodes whose answers are merged into the caller's.
  public int[] ends() {
    return ends;
  }
}
