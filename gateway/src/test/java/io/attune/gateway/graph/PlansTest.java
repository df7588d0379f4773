package io.attune.gateway.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.runtime.Access;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.channel.Discovery;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlansTest {
  private static final Topology TOPOLOGY =
      Topology.of(
          List.of(Node.of("foo"), Node.of("foo2", "foo"), Node.of("bar", "foo2")), List.of("bar"));
  private final Plans plans =
      Plans.of(
          TOPOLOGY,
          Map.of(
              "foo", new Discovery(Map.of("/index", Access.READ, "/search", Access.READ)),
              "foo2", new Discovery(Map.of("/default", Access.READ)),
              "bar", new Discovery(Map.of("/index", Access.WRITE, "/drop", Access.ADMIN))));

  @Test
  void callsWhatIsBoundExactlyOrToDefault() {
    assertThat(called("/search")).containsExactly("foo", "foo2");
    assertThat(called("/index")).containsExactly("foo", "foo2", "bar");
    assertThat(called("index")).as("no slash is added").containsExactly("foo2");
    assertThat(called("/unknown")).containsExactly("foo2");
  }

  @Test
  void accessIsTheHighestOfWhatIsCalled() {
    assertThat(plans.of("/search").access()).isEqualTo(Access.READ);
    assertThat(plans.of("/index").access()).isEqualTo(Access.WRITE);
    assertThat(plans.of("/drop").access()).isEqualTo(Access.ADMIN);
    assertThat(plans.of("/drop").targeting("foo").access()).isEqualTo(Access.READ);
    assertThat(plans.of("/index").targeting("foo").access()).isEqualTo(Access.READ);
  }

  @Test
  void targetMatchesAtTheStartOfAName() {
    assertThat(called("/index", "foo")).containsExactly("foo", "foo2");
    assertThat(called("/index", "foo$")).containsExactly("foo");
    assertThat(called("/index", "oo2")).isEmpty();
    assertThat(called("/index", "(foo2|bar)")).containsExactly("foo2", "bar");
  }

  @Test
  void tellsAllEndpointsWithTheirAccess() {
    assertThat(plans.endpoints())
        .containsEntry("/index", Access.WRITE)
        .containsEntry("/drop", Access.ADMIN)
        .containsEntry("/search", Access.READ)
        .hasSize(4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"(", "[a", "*", "a{999999999999}"})
  void refusesWhatIsNotAnExpression(String expression) {
    assertThatThrownBy(() -> plans.of("/index").targeting(expression))
        .isInstanceOf(FlowException.class)
        .hasMessageContaining("target_executor")
        .extracting(e -> ((FlowException) e).code())
        .isEqualTo(ErrorCode.INVALID_ARGUMENT);
  }

  @Test
  void refusesExpressionsThatAreExpensiveToMatch() {
    Topology slow = Topology.of(List.of(Node.of("a".repeat(60))), List.of("a".repeat(60)));
    Plan plan =
        Plans.of(slow, Map.of("a".repeat(60), new Discovery(Map.of("/x", Access.READ)))).of("/x");

    assertThatThrownBy(() -> plan.targeting("(.*)*(.*)*(.*)*(.*)*(a|aa)+$b"))
        .hasMessageContaining("cheap to match");
    assertThatThrownBy(() -> plan.targeting("a".repeat(257))).hasMessageContaining("at most 256");
    assertThatThrownBy(() -> plan.targeting("(".repeat(256))).isInstanceOf(FlowException.class);
  }

  private List<String> called(String endpoint) {
    return called(plans.of(endpoint));
  }

  private List<String> called(String endpoint, String target) {
    return called(plans.of(endpoint).targeting(target));
  }

  private static List<String> called(Plan plan) {
    return java.util.stream.IntStream.range(0, plan.topology().size())
        .filter(plan::calls)
        .mapToObj(i -> plan.topology().node(i).name())
        .toList();
  }
}
