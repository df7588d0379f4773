package io.attune.flows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class JinaKeysTest {
  /// The fixture is written by `src/test/python/jina_keys.py` from Jina 3.27.14's own parsers.
  @Test
  void knowsEveryKeyOfJina() throws IOException {
    List<String> unknown = new ArrayList<>();
    for (String row : rows()) {
      String level = row.substring(0, row.indexOf('\t'));
      String key = row.substring(row.indexOf('\t') + 1);
      for (Problem problem : problems(yaml(level, key))) {
        if (problem.message().contains("unknown key")) {
          unknown.add(level + "." + key);
        }
      }
    }
    assertThat(unknown).isEmpty();
    assertThat(rows()).hasSizeGreaterThan(150);
  }

  @Test
  void refusesAKeyThatJinaDoesNotHaveAtEveryLevel() {
    for (String level : List.of("with", "gateway", "executor")) {
      assertThatThrownBy(() -> plan(yaml(level, "time_out_ready")))
          .hasMessageStartingWith("f.yml:2: ")
          .hasMessageContaining(
              "time_out_ready: unknown key (expected: did you mean timeout_ready?");
    }
  }

  @Test
  void takesTheOtherNamesOfAKey() {
    FlowPlan plan =
        plan(
            """
            jtype: Flow
            with: {port_expose: 1, timeout_send: 5}
            gateway: {protocols: [http], host_in: 127.0.0.1}
            executors:
              - {external: true, host_in: h, ports: [2, 3]}
              - {jtype: Deployment, with: {port_in: 4, uses: Encoder}}
            """);
    assertThat(plan.gateway().ports()).isEqualTo(Map.of(Protocol.HTTP, 1));
    assertThat(plan.gateway().host()).isEqualTo("127.0.0.1");
    assertThat(Objects.requireNonNull(plan.executors().getFirst().external()).addresses())
        .hasToString("[grpc://h:2, grpc://h:3]");
    assertThat(plan.executors().getLast().port()).isEqualTo(4);
    assertThat(plan.warnings()).isEmpty();
  }

  @Test
  void refusesAKeyUnderTwoNames() {
    assertThatThrownBy(() -> plan("jtype: Flow\ngateway: {port: 1,\n  port_expose: 2}\n"))
        .hasMessage("f.yml:3: port_expose: beside port (expected: one of the two)");
  }

  private static String yaml(String level, String key) {
    return switch (level) {
      case "executor" -> "jtype: Flow\nexecutors: [{%s: null}]\n".formatted(key);
      default -> "jtype: Flow\n%s: {%s: null}\n".formatted(level, key);
    };
  }

  private static List<Problem> problems(String text) {
    try {
      plan(text);
      return List.of();
    } catch (FlowProblemsException failure) {
      return failure.problems();
    }
  }

  private static FlowPlan plan(String text) {
    return Flows.with(Map.of(), Map.of()).text("f.yml", text, Path.of("."));
  }

  private static List<String> rows() throws IOException {
    try (InputStream in = JinaKeysTest.class.getResourceAsStream("jina-keys.tsv")) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .toList();
    }
  }
}
