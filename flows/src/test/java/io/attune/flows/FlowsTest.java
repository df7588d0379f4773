package io.attune.flows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FlowsTest {
  private final Flows flows = Flows.with(Map.of("MODEL", "mini"), Map.of());

  @TempDir private Path folder = Path.of("");

  @ParameterizedTest
  @CsvSource({"search, ''", "hello-qa, Feedback"})
  void readsEveryReadyMadeFlowWithoutWarning(String name, String between) {
    FlowPlan plan = flows.open(name);

    assertThat(plan.warnings()).isEmpty();
    assertThat(plan.executors())
        .extracting(ExecutorPlan::uses)
        .containsExactlyElementsOf(
            Stream.of("Encoder", "Indexer", between, "Evaluator")
                .filter(uses -> !uses.isEmpty())
                .toList());
    assertThat(plan.gateway().ports()).containsOnlyKeys(Protocol.GRPC, Protocol.HTTP);
    List<String> names = plan.executors().stream().map(ExecutorPlan::name).toList();
    for (int i = 0; i < names.size(); i++) {
      assertThat(plan.graph().needs())
          .containsEntry(names.get(i), List.of(i == 0 ? "gateway" : names.get(i - 1)));
    }
    assertThat(plan.graph().last()).contains("evaluator");
  }

  @Test
  void theReadyMadeFlowOfTrainingListensHereAlone() {
    FlowPlan plan = flows.open("fit");

    assertThat(plan.warnings()).isEmpty();
    assertThat(plan.executors()).extracting(ExecutorPlan::uses).containsExactly("Trainer");
    assertThat(plan.gateway().host()).isEqualTo("127.0.0.1");
    assertThat(plan.gateway().ports()).containsOnlyKeys(Protocol.GRPC, Protocol.HTTP);
  }

  @Test
  void theReadyMadeFlowThatLearnsNotesWhatTheIndexerFound() {
    FlowPlan plan = flows.open("learn");

    assertThat(plan.warnings()).isEmpty();
    assertThat(plan.graph().needs())
        .containsExactly(
            Map.entry("encoder", List.of("gateway")),
            Map.entry("indexer", List.of("encoder")),
            Map.entry("feedback", List.of("indexer")),
            Map.entry("evaluator", List.of("feedback")),
            Map.entry("trainer", List.of("evaluator")));
    assertThat(plan.gateway().host()).isEqualTo("127.0.0.1");
    assertThat(plan.executors().get(2).workspace().getParent())
        .as("the trainer finds its neighbour's folder")
        .isEqualTo(plan.executors().get(4).workspace().resolve("../../feedback").normalize());
  }

  @Test
  void namesTheReadyMadeFlowsWhereThereIsNoneOfAName() {
    assertThatThrownBy(() -> flows.open("serch"))
        .isInstanceOf(FlowProblemsException.class)
        .hasMessage(
            "serch: no such Flow (expected: a YAML file, or did you mean search? It must be one of"
                + " search, hello-qa, fit, learn)");
    assertThatThrownBy(() -> flows.named("nothing")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void readsExecutorsFromFilesAndPutsTheirOwnKeysOver() throws IOException {
    write(
        "encoder.yml",
        """
        jtype: MyEncoder
        with: {model: '${{ ENV.MODEL }}', batch: 1}
        metas: {name: enc, workspace: state, py_modules: [x.py]}
        requests: {/search: /encode, /index: /encode}
        dynamic_batching: {/encode: {preferred_batch_size: 8}}
        """);
    Path file =
        write(
            "flow.yml",
            """
            jtype: Flow
            executors:
              - name: encoder
                uses: encoder.yml
                uses_with: {batch: 2}
                uses_requests: {/index: /other}
                uses_dynamic_batching: {/other: {preferred_batch_size: 4, timeout: 5}}
              - uses: {jtype: Inline, with: {a: [1, {b: null}]}}
              - uses: !Tagged {with: {c: 1}}
            """);

    FlowPlan plan = flows.file(file);

    ExecutorPlan encoder = plan.executors().getFirst();
    assertThat(encoder.uses()).isEqualTo("MyEncoder");
    assertThat(encoder.usesWith()).isEqualTo(Map.of("model", "mini", "batch", 2L));
    assertThat(encoder.usesRequests()).isEqualTo(Map.of("/search", "/encode", "/index", "/other"));
    assertThat(encoder.dynamicBatching())
        .isEqualTo(
            Map.of(
                "/encode",
                new DynamicBatching(8, Duration.ofSeconds(10), false),
                "/other",
                new DynamicBatching(4, Duration.ofMillis(5), false)));
    assertThat(encoder.workspace()).isEqualTo(Path.of("state", "encoder", "0"));
    assertThat(plan.executors().get(1).uses()).isEqualTo("Inline");
    assertThat(plan.executors().get(2).uses()).isEqualTo("Tagged");
    assertThat(plan.warnings())
        .hasToString("[encoder.yml:3: metas.py_modules: no effect, it is for Python]");
  }

  @Test
  void readsDeploymentsInlineAndFromFiles() throws IOException {
    write(
        "deployment.yml",
        """
        jtype: Deployment
        version: '1'
        with: {name: fromFile, uses: Encoder, timeout_send: 50}
        """);
    Path file =
        write(
            "flow.yml",
            """
            !Flow
            version: '1'
            with: {timeout_send: 70}
            deployments:
              - deployment.yml
              - jtype: Deployment
                needs: gateway
                with: {name: inline}
              - name: plain
            """);

    FlowPlan plan = flows.file(file);

    assertThat(plan.executors())
        .extracting(ExecutorPlan::name)
        .containsExactly("fromFile", "inline", "plain");
    assertThat(plan.graph().needs().get("inline")).containsExactly("gateway");
    assertThat(plan.executors().get(0).timeoutSend()).isEqualTo(Duration.ofMillis(50));
    assertThat(plan.executors().get(2).timeoutSend()).isEqualTo(Duration.ofMillis(70));
  }

  @Test
  void readsOneExecutorAlone() throws IOException {
    Path own = write("own.yml", "jtype: Encoder\nwith: {a: 1}\n");
    Path deployment =
        write(
            "deployment.yml",
            "!Deployment\nwith: {name: d, uses: own.yml, port: 1234, quiet: true}\n");

    List<Problem> warnings = new ArrayList<>();
    ExecutorPlan alone = flows.executor(own, null, warnings::add);
    assertThat(alone.uses()).isEqualTo("Encoder");
    assertThat(alone.name()).isEqualTo("encoder");
    assertThat(alone.usesWith()).isEqualTo(Map.of("a", 1L));
    assertThat(warnings).isEmpty();
    ExecutorPlan deployed = flows.executor(deployment, null, warnings::add);
    assertThat(deployed.name()).isEqualTo("d");
    assertThat(deployed.uses()).isEqualTo("Encoder");
    assertThat(deployed.port()).isEqualTo(1234);
    assertThat(warnings)
        .singleElement()
        .asString()
        .endsWith(
            "deployment.yml:2: with.quiet: no effect, logging is set where the Flow is started");
    assertThat(flows.executor(deployment, "mine", _ -> {}).workspace())
        .isEqualTo(Path.of("workspace", "mine", "0"));
  }

  @Test
  void tellsAllProblemsOfAllFilesTogether() throws IOException {
    write("bad.yml", "jtype: X\nwiht: {}\nrequests: [1]\n");
    Path file =
        write(
            "flow.yml",
            """
            jtype: Flwo
            version: '7'
            gatewya: {}
            gateway:
              prefetch: many
              prot: 1
            executors:
              - uses: bad.yml
              - uses: gone.yml
                shards: 0
            """);

    assertThatThrownBy(() -> flows.file(file))
        .isInstanceOfSatisfying(
            FlowProblemsException.class,
            failure ->
                assertThat(failure.problems())
                    .extracting(problem ->
                        Path.of(problem.file()).getFileName()
                            + ":"
                            + problem.line()
                            + ": "
                            + problem.message())
                    .containsExactly(
                        "flow.yml:1: jtype: Flwo (expected: Flow)",
                        "flow.yml:2: version: \"7\" (expected: '1')",
                        "flow.yml:3: gatewya: unknown key (expected: did you mean gateway? It must"
                            + " be one of jtype, version, with, gateway, executors, deployments)",
                        "flow.yml:5: gateway.prefetch: \"many\" (expected: a whole number, 0 or"
                            + " more)",
                        "flow.yml:6: gateway.prot: unknown key (expected: did you mean port?)",
                        "flow.yml:9: gone.yml: no such file",
                        "flow.yml:10: executors[1].shards: 0 (expected: a whole number, 1..1024)",
                        "bad.yml:2: wiht: unknown key (expected: did you mean with?)",
                        "bad.yml:3: requests: a list (expected: a mapping)"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'[]'                                        | f.yml:1: a list (expected: a mapping with jtype: Flow)",
        "'version: 1'                                | f.yml:1: jtype: not given (expected: Flow)",
        "'jtype: Flow\nexecutors: 5'                 | f.yml:2: executors: 5 (expected: a list)",
        "'jtype: Flow\nexecutors: [5]'               | f.yml:2: executors[0]: 5 (expected: a mapping, or the path of a Deployment's file)",
        "'jtype: Flow\nexecutors: []\ndeployments: []' | f.yml:3: deployments: beside executors (expected: one of the two)",
        "'jtype: Flow\nexecutors: [{uses: \"a b\"}]' | f.yml:2: executors[0].uses: \"a b\" (expected: an executor's name or a YAML file)",
        "'jtype: Flow\nexecutors: [{uses: \"docker://x\"}]' | f.yml:2: executors[0].uses: docker:// is not available yet",
        "'jtype: Flow\nexecutors: [{uses: \"jinaai://a/b\"}]' | f.yml:2: executors[0].uses: jinaai:// is not available yet",
        "'jtype: Flow\nexecutors: [{uses: {with: {}}}]' | f.yml:2: jtype: not given (expected: the name of the executor to use)",
        "'jtype: Flow\nexecutors: [{uses: ''..yml''}]' | f.yml:2: ..yml: no such file",
        "'jtype: Flow\nwith: {nmae: x}'              | f.yml:2: with.nmae: unknown key (expected: did you mean name?)",
        "'jtype: Flow\nwith: {attune: {live: [mini]}}' | f.yml:2: with.attune.live: \"mini\" (expected: name@version, such as all-MiniLM-L6-v2@1)",
        "'jtype: Flow\nwith: {attune: {live: [mini@0]}}' | f.yml:2: with.attune.live: \"mini@0\"",
        "'jtype: Flow\npods: []'                     | f.yml:2: pods: unknown key (expected: ",
      })
  void refusesWhatIsNoFlow(String text, String message) {
    assertThatThrownBy(() -> flows.text("f.yml", text, folder))
        .isInstanceOf(FlowProblemsException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void refusesFilesThatAreNone() throws IOException {
    Path binary = folder.resolve("binary.yml");
    Files.write(binary, new byte[] {(byte) 0xff, (byte) 0xfe, 0, 1});
    Path large = write("large.yml", "a".repeat(5 << 20));
    Path empty = write("empty.yml", "");

    assertThatThrownBy(() -> flows.file(folder))
        .hasMessageContaining("a folder (expected: a file)");
    assertThatThrownBy(() -> flows.file(binary)).hasMessageContaining("not UTF-8 text");
    assertThatThrownBy(() -> flows.file(large)).hasMessageContaining("too many characters");
    assertThatThrownBy(() -> flows.file(empty)).hasMessageContaining("empty (expected");
    Path gone = folder.resolve("gone.yml");
    assertThatThrownBy(() -> flows.file(gone))
        .isInstanceOf(FlowProblemsException.class)
        .hasMessage(gone + ": no such file");
  }

  @Test
  void readsNoFileForAReadyMadeFlow() {
    assertThatThrownBy(
            () -> flows.text("f.yml", "jtype: Flow\nexecutors: [../x.yml]", folder.resolve("gone")))
        .hasMessage("f.yml:2: ../x.yml: no such file");
  }

  @Test
  void replacesPartsOfAPlan() {
    FlowPlan plan = flows.named("search");
    ExecutorPlan encoder = plan.executor("encoder").orElseThrow();

    FlowPlan changed =
        plan.withGateway(plan.gateway().withPorts(Map.of(Protocol.GRPC, 0)).withHost("127.0.0.1"))
            .withExecutor(encoder.withOptions(Map.of("a", 1)).withWorkspace(Path.of("elsewhere")));

    assertThat(changed.gateway().ports()).isEqualTo(Map.of(Protocol.GRPC, 0));
    assertThat(changed.gateway().host()).isEqualTo("127.0.0.1");
    assertThat(changed.executor("encoder").orElseThrow().usesWith()).isEqualTo(Map.of("a", 1));
    assertThat(changed.executor("encoder").orElseThrow().workspace())
        .isEqualTo(Path.of("elsewhere"));
    assertThat(changed.executors()).hasSize(3);
    assertThat(changed.graph()).isEqualTo(plan.graph());
  }

  private Path write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.write(file, text.getBytes(StandardCharsets.UTF_8));
    return file;
  }
}
