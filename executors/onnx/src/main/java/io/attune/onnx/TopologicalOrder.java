package io.attune.onnx;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;

/// Kahn's algorithm over a graph's nodes, with the file's order between independent nodes.
final class TopologicalOrder {
  private final Graph graph;
  private final int[] waitingFor;

  TopologicalOrder(Graph graph) {
    this.graph = graph;
    waitingFor = new int[graph.nodes().size()];
  }

  List<Node> nodes() {
    PriorityQueue<Integer> ready = new PriorityQueue<>();
    for (Node node : graph.nodes()) {
      waitingFor[node.index()] = producersOf(node).size();
      if (waitingFor[node.index()] == 0) {
        ready.add(node.index());
      }
    }
    List<Node> order = new ArrayList<>(waitingFor.length);
    for (Integer next = ready.poll(); next != null; next = ready.poll()) {
      Node node = graph.nodes().get(next);
      order.add(node);
      for (int consumer : consumersOf(node)) {
        if (--waitingFor[consumer] == 0) {
          ready.add(consumer);
        }
      }
    }
    if (order.size() < waitingFor.length) {
      throw new InvalidModelException(
          "%s: reads a value that depends on its own output (expected: an acyclic graph)"
              .formatted(onCycle()));
    }
    return order;
  }

  private Set<Integer> producersOf(Node node) {
    Set<Integer> producers = new HashSet<>();
    for (String input : node.inputs()) {
      graph.producer(input).ifPresent(producer -> producers.add(producer.index()));
    }
    for (String input : Graph.captured(node)) {
      graph.producer(input).ifPresent(producer -> producers.add(producer.index()));
    }
    return producers;
  }

  private Set<Integer> consumersOf(Node node) {
    Set<Integer> consumers = new HashSet<>();
    for (String output : node.outputs()) {
      graph.consumers(output).forEach(consumer -> consumers.add(consumer.index()));
    }
    return consumers;
  }

  /// Walks back from a node that never became ready, always to a producer that did not either,
  /// until one comes twice: that one lies on a cycle.
  private Node onCycle() {
    int current = 0;
    while (waitingFor[current] == 0) {
      current++;
    }
    Set<Integer> seen = new HashSet<>();
    while (seen.add(current)) {
      current =
          producersOf(graph.nodes().get(current)).stream()
              .filter(producer -> waitingFor[producer] > 0)
              .mapToInt(Integer::intValue)
              .min()
              .orElseThrow();
    }
    return graph.nodes().get(current);
  }
}
