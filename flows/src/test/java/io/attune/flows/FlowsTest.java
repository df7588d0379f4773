package io.attune.flows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FlowsTest {
  private final Flows flows = Flows.with(Map.of(), Map.of());

  @ParameterizedTest
  @ValueSource(strings = {"search", "hello-qa"})
  void readsEveryReadyMadeFlowWithoutWarning(String name) {
    FlowPlan plan = flows.open(name);

    assertThat(plan.warnings()).isEmpty();
    assertThat(plan.executors())
        .extracting(ExecutorPlan::uses)
        .containsExactly("Encoder", "Indexer", "Evaluator");
    assertThat(plan.gateway().ports()).containsOnlyKeys(Protocol.GRPC, Protocol.HTTP);
    assertThat(plan.graph().needs())
        .containsExactly(
            Map.entry("encoder", List.of("gateway")),
            Map.entry("indexer", List.of("encoder")),
            Map.entry("evaluator", List.of("indexer")));
    assertThat(plan.graph().last()).contains("evaluator");
  }

  @Test
  void namesTheReadyMadeFlowsWhereThereIsNoneOfAName() {
    assertThatThrownBy(() -> flows.open("serch"))
        .isInstanceOf(FlowProblemsException.class)
        .hasMessage(
            "serch: no such Flow (expected: a YAML file, or did you mean search? It must be one of"
                + " search, hello-qa)");
  }
}
