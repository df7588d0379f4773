package io.attune.gateway.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.runtime.FlowException;
import java.util.List;
import org.junit.jupiter.api.Test;

class TopologyTest {
  @Test
  void ordersNodesAfterWhatTheyNeed() {
    Topology topology =
        Topology.of(
            List.of(Node.of("c", "b", "gateway"), Node.of("b", "a"), Node.of("a")), List.of("c"));

    assertThat(topology.nodes()).extracting(Node::name).containsExactly("a", "b", "c");
    assertThat(topology.parents(2)).containsExactly(1, Topology.REQUEST);
    assertThat(topology.roots()).containsExactly(0, 2);
    assertThat(topology.ends()).containsExactly(2);
  }

  @Test
  void nodesWithoutAWayToAnEndFloat() {
    Topology topology =
        Topology.of(
            List.of(Node.of("a"), Node.of("log", "a"), Node.of("more", "log"), Node.of("b", "a")),
            List.of("b"));

    assertThat(topology.floating(0)).isFalse();
    assertThat(topology.floating(1)).isTrue();
    assertThat(topology.node(1).name()).isEqualTo("log");
    assertThat(topology.children(0)).as("awaited first").containsExactly(3, 1);
  }

  @Test
  void refusesCyclesAndUnknownAndDoubleNames() {
    assertThatThrownBy(
            () -> Topology.of(List.of(Node.of("a", "b"), Node.of("b", "a")), List.of("a")))
        .isInstanceOf(FlowException.class)
        .hasMessageContaining("need each other");
    assertThatThrownBy(() -> Topology.of(List.of(Node.of("a", "z")), List.of("a")))
        .hasMessageContaining("needs of a: z (expected: one of [a])");
    assertThatThrownBy(() -> Topology.of(List.of(Node.of("a"), Node.of("a")), List.of("a")))
        .hasMessageContaining("executor: a");
    assertThatThrownBy(() -> Topology.of(List.of(Node.of("gateway")), List.of()))
        .hasMessageContaining("executor: gateway");
    assertThatThrownBy(() -> Topology.of(List.of(Node.of("a")), List.of("b")))
        .hasMessageContaining("ends: b");
  }
}
