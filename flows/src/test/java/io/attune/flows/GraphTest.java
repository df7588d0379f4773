package io.attune.flows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GraphTest {
  @Test
  void chainsEntriesWithoutNeeds() {
    FlowGraph graph = graph("- {}", "- {name: b}", "- {}");

    assertThat(graph.needs())
        .containsExactly(
            Map.entry("executor0", List.of("gateway")),
            Map.entry("b", List.of("executor0")),
            Map.entry("executor2", List.of("b")));
    assertThat(graph.last()).contains("executor2");
    assertThat(graph.after("gateway")).containsExactly("executor0");
    assertThat(graph.after("executor2")).isEmpty();
  }

  @Test
  void branchesAndJoins() {
    FlowGraph graph =
        graph(
            "- {name: a}",
            "- {name: b, needs: gateway}",
            "- {name: c, needs: a}",
            "- {name: d, needs: [b, c]}");

    assertThat(graph.needs().get("d")).containsExactly("b", "c");
    assertThat(graph.joins("d")).isTrue();
    assertThat(graph.joins("c")).isFalse();
    assertThat(graph.after("gateway")).containsExactly("a", "b");
    assertThat(graph.names()).noneMatch(graph::floating);
  }

  @Test
  void chainsPastFloatingEntries() {
    FlowGraph graph =
        graph("- {name: a}", "- {name: f, floating: true}", "- {name: b}", "- {name: g, needs: f}");

    assertThat(graph.needs().get("b")).containsExactly("a");
    assertThat(graph.last()).contains("g");
    assertThat(graph.floating("b")).isTrue();
    assertThat(graph.floating("f")).isFalse();
  }

  @Test
  void everythingOffThePathToTheAnswerFloats() {
    FlowGraph graph =
        graph(
            "- {name: a}",
            "- {name: f, floating: true}",
            "- {name: g, needs: f, floating: true}",
            "- {name: leaf, needs: gateway}",
            "- {name: end, needs: a}");

    assertThat(graph.last()).contains("end");
    assertThat(graph.names().stream().filter(graph::floating))
        .containsExactlyInAnyOrder("f", "g", "leaf");
  }

  @Test
  void answersTheRequestWhereAllFloatOrNoneIs() {
    assertThat(graph("- {name: a, floating: true}").last()).isEmpty();
    FlowPlan empty = plan("jtype: Flow");
    assertThat(empty.executors()).isEmpty();
    assertThat(empty.graph().last()).isEmpty();
    assertThat(empty.graph().after("gateway")).isEmpty();
  }

  @Test
  void ordersEntriesThatNeedLaterOnes() {
    FlowPlan plan =
        plan(flow("- {name: a, needs: c}", "- {name: b, needs: a}", "- {name: c, needs: gateway}"));

    assertThat(plan.graph().names()).containsExactly("c", "a", "b");
    assertThat(plan.executors()).extracting(ExecutorPlan::name).containsExactly("c", "a", "b");
    assertThat(plan.graph().last()).contains("c");
  }

  @Test
  void joinsByMethod() {
    FlowGraph graph =
        graph(
            "- {name: a}",
            "- {name: b, needs: gateway}",
            "- {method: needs, needs: [a, b]}",
            "- {name: c, needs: gateway}",
            "- {method: needs_all, name: all}");

    assertThat(graph.needs().get("joiner")).containsExactly("a", "b");
    assertThat(graph.needs().get("all")).containsExactly("joiner", "c");
    assertThat(graph.last()).contains("all");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "HANG    | [a, look, b]                 | b",
        "REMOVE  | [a, b]                       | b",
        "COLLECT | [a, look, b, gather_inspect] | gather_inspect",
      })
  void inspectsAsideOfTheChain(String inspect, String names, String end) {
    FlowPlan plan =
        plan(
            """
            jtype: Flow
            with: {inspect: %s}
            executors:
              - {name: a}
              - {name: look, method: inspect}
              - {name: b}
            """
                .formatted(inspect));

    assertThat(plan.graph().names()).hasToString(names);
    assertThat(plan.graph().needs().get("b")).containsExactly("a");
    assertThat(plan.graph().last()).contains(end);
    assertThat(plan.executors()).hasSize(plan.graph().names().size());
  }

  @Test
  void gathersByMethod() {
    FlowGraph graph =
        graph("- {name: a}", "- {name: look, method: inspect}", "- {method: gather_inspect}");

    assertThat(graph.needs().get("gather_inspect")).containsExactly("look", "a");
    assertThat(graph("- {name: a}", "- {method: gather_inspect}").names()).containsExactly("a");
  }

  @Test
  void givesATakenNameANumberAndSaysSo() {
    FlowPlan plan = plan(flow("- {name: a}", "- {name: a}", "- {name: a2}", "- {name: a}"));

    assertThat(plan.graph().names()).containsExactly("a", "a1", "a2", "a3");
    assertThat(plan.warnings())
        .extracting(Problem::toString)
        .containsExactly(
            "f.yml:4: name: a is taken, this one is called a1",
            "f.yml:6: name: a is taken, this one is called a3");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'- {name: encoder}\n  - {name: b, needs: enocder}' | f.yml:4: needs: enocder is no executor (expected: did you mean encoder? It must be one of encoder, gateway)",
        "'- {name: a, needs: a}'                            | f.yml:3: needs: a itself (expected: another executor)",
        "'- {name: a, needs: c}\n  - {name: b}\n  - {name: c, needs: b}' | f.yml:3: needs: a cycle, a → c → b → a (expected: none)",
        "'- {name: a}\n  - {method: needs, needs: a}'        | f.yml:4: needs: [a] (expected: two or more, with method: needs)",
        "'- {name: my-executor}'                            | f.yml:3: executors[0].name: \"my-executor\" (expected: an identifier",
        "'- {name: 1st}'                                    | f.yml:3: executors[0].name: \"1st\" (expected: an identifier",
        "'- {name: gateway}'                                | f.yml:3: executors[0].name: \"gateway\" (expected: another name",
        "'- {name: a/../b}'                                 | f.yml:3: executors[0].name: \"a/../b\" (expected: an identifier",
        "'- {name: a, needs: {b: 1}}'                       | f.yml:3: executors[0].needs: a mapping (expected: a string or a list of strings)",
        "'- {name: a}\n  - {name: b, needs: gateway}\n  - {name: c, needs: [a, b], no_reduce: true}' | f.yml:5: no_reduce: true on c, which joins [a, b], is not available yet",
      })
  void refusesWhatIsNoGraph(String entries, String message) {
    assertThatThrownBy(() -> graph(entries))
        .isInstanceOf(FlowProblemsException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void recordRefusesWhatIsNoGraph() {
    assertThatThrownBy(() -> new FlowGraph(Map.of("a", List.of("b")), "a"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new FlowGraph(Map.of("a", List.of("gateway")), "b"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static FlowGraph graph(String... entries) {
    return plan(flow(entries)).graph();
  }

  private static String flow(String... entries) {
    return "jtype: Flow\nexecutors:\n  " + String.join("\n  ", entries) + "\n";
  }

  private static FlowPlan plan(String text) {
    return Flows.with(Map.of(), Map.of()).text("f.yml", text, Path.of("."));
  }
}
