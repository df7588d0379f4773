package io.attune.flows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What the YAML of a Flow becomes: a test for each thing that it may say, so that it is long.
class PlanTest {
  @Test
  void readsHowTunedModelsGoLive() {
    String flow = "jtype: Flow\ngateway: {attune: {promote: %s}}\nexecutors: [{}]\n";

    assertThat(plan(flow.formatted("{}")).gateway().promotion())
        .isEqualTo(new GatewayPlan.Promotion("feedback", 0, 600));
    assertThat(
            plan(flow.formatted("{experiment: e, min_gain: -0.01, drain_seconds: 3}"))
                .gateway()
                .promotion())
        .isEqualTo(new GatewayPlan.Promotion("e", -0.01, 3));
  }

  @Test
  void appliesAllDefaults() {
    FlowPlan plan = plan("jtype: Flow\nexecutors: [{}]\n");

    assertThat(plan.name()).isEqualTo("flow");
    assertThat(plan.live()).isEmpty();
    assertThat(plan.gateway())
        .isEqualTo(
            new GatewayPlan(
                "gateway",
                "0.0.0.0",
                Map.of(Protocol.GRPC, 0),
                1000,
                null,
                Duration.ofMinutes(10),
                -1,
                128 << 20,
                new GatewayPlan.Web(false, true, true, "Attune", ""),
                false,
                0,
                null,
                null,
                Path.of("workspace", "gateway")));
    assertThat(plan.executors())
        .containsExactly(
            new ExecutorPlan(
                "executor0",
                "BaseExecutor",
                Map.of(),
                Map.of(),
                Map.of(),
                null,
                "0.0.0.0",
                -1,
                Path.of("workspace", "executor0", "0"),
                Duration.ofMinutes(10),
                null,
                3,
                true,
                Map.of(),
                false,
                0,
                128 << 20));
  }

  @Test
  void carriesEveryKeyThatIsNotItsDefault() {
    FlowPlan plan =
        plan(
            """
            jtype: Flow
            with: {name: mine, workspace: state, env: {A: 1, B: 1}, attune: {live: [mini@2]}}
            gateway:
              name: door
              host: 127.0.0.1
              protocol: [http, grpc]
              port: [8080, 8081]
              prefetch: 0
              timeout_send: 100
              timeout_ready: -1
              retries: 2
              grpc_server_options: {grpc.max_receive_message_length: -1}
              cors: true
              no_debug_endpoints: true
              no_crud_endpoints: true
              title: T
              description: D
              monitoring: true
              port_monitoring: 9090
              attune:
                admin_port: 1
                admin_host: 0.0.0.0
                admin_token: 0123456789abcdef
                coordinator: first:54334
                advertise: second
                lease_seconds: 4
            executors:
              - name: one
                uses: Encoder
                uses_with: {model: m}
                uses_requests: {/a: /b}
                uses_dynamic_batching: {/b: {preferred_batch_size: 3, timeout: 7, flush_all: true}}
                host: 127.0.0.1
                port: 9999
                workspace: own
                timeout_ready: 5
                timeout_send: -1
                retries: 9
                no_reduce: true
                env: {B: 2}
                monitoring: true
                port_monitoring: 9091
                grpc_server_options: {grpc.max_receive_message_length: 1000}
            """);

    assertThat(plan.name()).isEqualTo("mine");
    assertThat(plan.live()).containsExactly("mini@2");
    assertThat(plan.gateway())
        .isEqualTo(
            new GatewayPlan(
                "door",
                "127.0.0.1",
                Map.of(Protocol.GRPC, 8081, Protocol.HTTP, 8080),
                0,
                Duration.ofMillis(100),
                null,
                2,
                Integer.MAX_VALUE,
                new GatewayPlan.Web(true, false, false, "T", "D"),
                true,
                9090,
                new GatewayPlan.Admin(
                    "0.0.0.0",
                    1,
                    null,
                    "0123456789abcdef",
                    "first:54334",
                    "second",
                    Duration.ofSeconds(4)),
                null,
                Path.of("state", "door")));
    assertThat(plan.gateway().toString()).doesNotContain("0123456789abcdef");
    assertThat(plan.executors())
        .containsExactly(
            new ExecutorPlan(
                "one",
                "Encoder",
                Map.of("model", "m"),
                Map.of("/a", "/b"),
                Map.of("/b", new DynamicBatching(3, Duration.ofMillis(7), true)),
                null,
                "127.0.0.1",
                9999,
                Path.of("own", "one", "0"),
                Duration.ofMillis(5),
                null,
                9,
                false,
                Map.of("A", "1", "B", "2"),
                true,
                9091,
                1000));
  }

  @Test
  void givesKeysOfWithToGatewayAndExecutors() {
    FlowPlan plan =
        plan(
            """
            jtype: Flow
            with: {port: 4321, protocol: http, timeout_send: 30, retries: 1, prefetch: 5, cors: true}
            executors: [{name: a}, {name: b, timeout_send: 40, retries: 2}]
            """);

    assertThat(plan.gateway().ports()).isEqualTo(Map.of(Protocol.HTTP, 4321));
    assertThat(plan.gateway().prefetch()).isEqualTo(5);
    assertThat(plan.gateway().timeoutSend()).isEqualTo(Duration.ofMillis(30));
    assertThat(plan.executors())
        .extracting(ExecutorPlan::timeoutSend)
        .containsExactly(Duration.ofMillis(30), Duration.ofMillis(40));
    assertThat(plan.executors()).extracting(ExecutorPlan::retries).containsExactly(1, 2);
    assertThat(plan.executors()).extracting(ExecutorPlan::port).containsExactly(-1, -1);
    assertThat(plan.warnings()).isEmpty();
  }

  @Test
  void anExecutorIsWaitedForAsItSaysItselfOrElseAsTheGatewaySays() {
    FlowPlan plan =
        plan(
            """
            jtype: Flow
            gateway: {timeout_ready: 7}
            executors: [{name: a}, {name: b, timeout_ready: 5}, {name: c, timeout_ready: -1}]
            """);
    assertThat(plan.executors())
        .extracting(ExecutorPlan::timeoutReady)
        .containsExactly(Duration.ofMillis(7), Duration.ofMillis(5), null);
  }

  @Test
  void aHostForTheWholeFlowIsForPortsThatAreGiven() {
    FlowPlan plan =
        plan(
            """
            jtype: Flow
            with: {host: 127.0.0.1}
            executors: [{name: a, uses: Encoder}, {name: b, uses: Encoder, port: 0}]
            """);
    assertThat(plan.warnings()).isEmpty();
    assertThat(plan.executors()).extracting(ExecutorPlan::host).containsOnly("127.0.0.1");
    assertThat(plan.executors()).extracting(ExecutorPlan::port).containsExactly(-1, 0);
  }

  @Test
  void tellsAWrongKeyOfWithOnce() {
    assertThatThrownBy(
            () -> plan("jtype: Flow\nwith: {retries: x}\nexecutors: [{name: a}, {name: b}]\n"))
        .hasMessage("f.yml:2: with.retries: \"x\" (expected: a whole number, -1..1000)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "executors: [{shards: 2}]",
        "executors: [{replicas: 2}]",
        "executors: [{when: {tags__a: {$eq: 1}}}]",
        "executors: [{stateful: true}]",
        "executors: [{protocol: http}]",
        "executors: [{compression: gzip}]",
        "executors: [{exit_on_exceptions: [ValueError]}]",
        "executors: [{ssl_certfile: x}]",
        "executors: [{tracing: true}]",
        "executors: [{metrics: true}]",
        "executors: [{uses_dynamic_batching: {/a: {preferred_batch_size: 1, use_custom_metric: true}}}]",
        "gateway: {protocol: websocket}",
        "gateway: {uses: MyGateway}",
        "gateway: {replicas: 2}",
        "gateway: {stateful: true}",
        "gateway: {expose_graphql_endpoint: true}",
        "gateway: {expose_endpoints: {/a: {http_path: /b}}}",
        "gateway: {proxy: true}",
        "gateway: {ssl_keyfile: x}",
        "gateway: {compression: Deflate}",
        "gateway: {tracing: true}",
        "gateway: {metrics: true}",
      })
  void saysWhatIsNotAvailableYet(String text) {
    assertThatThrownBy(() -> plan("jtype: Flow\n" + text))
        .isInstanceOf(FlowProblemsException.class)
        .hasMessageStartingWith("f.yml:2: ")
        .hasMessageContaining("is not available yet (expected: ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "executors: [{py_modules: x.py}]",
        "executors: [{install_requirements: true}]",
        "executors: [{output_array_type: numpy}]",
        "executors: [{allow_concurrent: true}]",
        "executors: [{polling: ALL}]",
        "executors: [{polling: {/index: ANY, '*': ALL}}]",
        "executors: [{uses_before: X}]",
        "executors: [{volumes: [a]}]",
        "executors: [{gpus: all}]",
        "executors: [{grpc_metadata: {a: b}}]",
        "executors: [{uses_metas: {keywords: [a]}}]",
        "executors: [{title: t}]",
        "executors: [{shard_id: 0}]",
        "executors: [{quiet: true}]",
        "executors: [{env: {A: 1}}]",
        "executors: [{timeout_ctrl: 5}]",
        "executors: [{port_monitoring: 9090}]",
        "executors: [{uses: Encoder, host: 127.0.0.1}]",
        "executors: [{port: 9090}]",
        "gateway: {env: {A: 1}}",
        "gateway: {timeout_ctrl: 5}",
        "gateway: {port_monitoring: 9090}",
        "with: {env: {A: 1}}",
        "with: {timeout_ctrl: 5}",
        "executors: [{grpc_server_options: {grpc.keepalive_time_ms: 1}}]",
        "gateway: {uvicorn_kwargs: {loop: asyncio}}",
        "gateway: {uses_with: {a: 1}}",
        "gateway: {floating: true}",
        "gateway: {graph_description: '{}'}",
        "gateway: {entrypoint: x}",
        "with: {reload: true}",
        "with: {log_config: x}",
        "with: {kwargs: {}}",
        "executors: [{external: true, port: 1, monitoring: true}]",
        "executors: [{external: true, port: 1, workspace: w}]",
        "executors: [{external: true, port: 1, uses_metas: {workspace: w}}]",
        "executors: [{external: true, port: 1, uses_requests: {/a: /b}}]",
        "executors: [{external: true, port: 1, uses_dynamic_batching: {/a: {preferred_batch_size: 1}}}]",
      })
  void warnsOfWhatHasNoEffect(String text) {
    FlowPlan plan = plan("jtype: Flow\n" + text);

    assertThat(plan.warnings())
        .singleElement()
        .hasToString(plan.warnings().getFirst().toString())
        .satisfies(warning ->
            assertThat(warning.toString()).startsWith("f.yml:2: ").contains("no effect"));
  }

  @Test
  void whatAnExternalExecutorInheritsIsForTheOthers() {
    String text =
        """
        jtype: Flow
        with: {monitoring: true, workspace: w}
        executors:
          - {name: near, uses: Encoder}
          - name: far
            external: true
            port: 1
            uses: Indexer
            uses_with: {metric: cosine}
        """;
    assertThat(plan(text).warnings()).isEmpty();
    assertThat(plan(text + "    monitoring: true\n    port_monitoring: 9\n").warnings())
        .extracting(Problem::toString)
        .containsExactly(
            "f.yml:10: executors[1].monitoring: no effect, it is external: set it where it is started",
            "f.yml:11: executors[1].port_monitoring: no effect, it is external: set it where it is started");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gateway: {protocol: [grpc, http], port: 1}; gateway.port: 1 of them (expected: 2, one for each protocol: [GRPC, HTTP])",
        "gateway: {protocol: [grpc, grpc]}; gateway.protocol: [GRPC, GRPC] (expected: each protocol once)",
        "gateway: {protocol: [grpc, http], port: [1, 1]}; gateway.port: [1, 1] (expected: each port once)",
        "gateway: {protocol: smtp}; gateway.protocol: \"smtp\" (expected: one of GRPC, HTTP, WEBSOCKET)",
        "gateway: {prefetch: -1}; gateway.prefetch: -1 (expected: a whole number, 0 or more)",
        "gateway: {prefetch: 1.5}; gateway.prefetch: 1.5 (expected: a whole number, 0 or more)",
        "gateway: {cors: maybe}; gateway.cors: \"maybe\" (expected: true or false)",
        "gateway: {timeout_send: 0}; gateway.timeout_send: 0 (expected: -1 for no limit, or 1 or more)",
        "gateway: {timeout_ready: 99999999999}; gateway.timeout_ready: 99999999999 (expected: a whole number, -1 or more)",
        "gateway: {title: [a]}; gateway.title: a list (expected: a string)",
        "gateway: {env: [a]}; gateway.env: a list (expected: a mapping)",
        "gateway: {env: {A: [1]}}; gateway.env.A: a list (expected: a string)",
        "gateway: []; gateway: a list (expected: a mapping)",
        "gateway: {attune: {admin_port: 1, admin_host: 0.0.0.0}}; gateway.attune.admin_host: 0.0.0.0 without a token (expected: 127.0.0.1, or an admin_token of 16 characters or more)",
        "gateway: {attune: {admin: 1}}; gateway.attune.admin: unknown key (expected: did you mean admin_host? It must be one of admin_port, admin_http_port, admin_host, admin_token, coordinator, advertise, lease_seconds, promote)",
        "gateway: {attune: {coordinator: 'a:1'}}; gateway.attune.coordinator: a:1 without admin_port (expected: both)",
        "gateway: {attune: {admin_http_port: 1}}; gateway.attune.admin_http_port: 1 without admin_port (expected: the gateway that coordinates has both ports)",
        "gateway: {attune: {admin_port: 1, coordinator: 'a:1', admin_http_port: 2}}; gateway.attune.admin_http_port: 2 beside coordinator (expected: the gateway that coordinates has both ports)",
        "gateway: {attune: {promote: {min_gain: 2}}}; gateway.attune.promote.min_gain: 2 (expected: -1..1)",
        "gateway: {attune: {promote: {gain: 0}}}; gateway.attune.promote.gain: unknown key (expected: did you mean min_gain? It must be one of experiment, min_gain, drain_seconds)",
        "gateway: {attune: {admin_port: 1, coordinator: 'a:1', promote: {}}}; gateway.attune.promote: beside coordinator (expected: the gateway that coordinates has it)",
        "gateway: {attune: {admin_port: 1, lease_seconds: 2}}; gateway.attune.lease_seconds: 2 (expected: a whole number, 3..3600)",
        "gateway: {attune: {admin_port: 1, coordinator: a}}; gateway.attune.coordinator: \"a\" (expected: host:port)",
        "executors: [{polling: SOME}]; executors[0].polling: \"SOME\" (expected: one of ANY, ALL, ALL_ASYNC)",
        "executors: [{method: subtract}]; executors[0].method: \"subtract\" (expected: one of ADD, NEEDS, NEEDS_ALL, INSPECT, GATHER_INSPECT)",
        "executors: [{uses_dynamic_batching: {/a: {timeout: 1}}}]; executors[0].uses_dynamic_batching./a: no preferred_batch_size (expected: a number of documents)",
        "executors: [{uses_dynamic_batching: {/a: {preferred_batch_size: 0}}}]; executors[0].uses_dynamic_batching./a.preferred_batch_size: 0 (expected: a whole number, 1..1000000)",
        "executors: [{uses_with: 5}]; executors[0].uses_with: 5 (expected: a mapping)",
        "executors: [{use_with: {}}]; executors[0].use_with: unknown key (expected: did you mean uses_with?)",
        "executors: [{external: true, port: 1, grpc_metadata: {a b: c}}]; grpc_metadata: \"a b\" (expected: a name of letters, digits, -, _ and ., that does not end in -bin)",
        "executors: [{external: true, port: 1, grpc_metadata: {A-Bin: c}}]; grpc_metadata: \"A-Bin\" (expected: a name of letters, digits, -, _ and ., that does not end in -bin)",
        "with: {inspect: NO}; with.inspect: \"NO\" (expected: one of HANG, REMOVE, COLLECT)",
      })
  void refusesWrongValues(String row) {
    String text = row.substring(0, row.indexOf("; "));
    String message = row.substring(row.indexOf("; ") + 2);

    assertThatThrownBy(() -> plan("jtype: Flow\n" + text))
        .isInstanceOf(FlowProblemsException.class)
        .hasMessage("f.yml:2: " + message);
  }

  @Test
  void aGatewaysWorkspaceThatIsNoPathIsAProblemWithoutExecutorsToo() {
    assertThatThrownBy(() -> plan("jtype: Flow\ngateway: {workspace: \"a\\0b\"}\n"))
        .isInstanceOf(FlowProblemsException.class)
        .hasMessageMatching("(?s)f\\.yml:\\d+: workspace: \"a.b\" \\(expected: a folder's path\\)");
  }

  @Test
  void recordsRefuseWhatCannotBe() {
    assertThatThrownBy(() -> new DynamicBatching(0, Duration.ZERO, false))
        .hasMessage("preferred_batch_size: 0 (expected: 1 or more)");
    assertThatThrownBy(() -> new DynamicBatching(1, Duration.ofMillis(-1), false))
        .hasMessageStartingWith("timeout: ");
    FlowPlan plan = plan("jtype: Flow\nexecutors: [{name: a}]\n");
    assertThatThrownBy(() -> plan.gateway().withPorts(Map.of())).hasMessageStartingWith("ports: ");
    ExecutorPlan stranger = plan("jtype: Flow\nexecutors: [{name: b}]\n").executors().getFirst();
    assertThatThrownBy(() -> plan.withExecutor(stranger))
        .hasMessage("executor: b (expected: one of [a])");
    assertThat(List.of(new Problem("f", 0, "m"), new Problem("f", 2, "m")))
        .hasToString("[f: m, f:2: m]");
  }

  private static FlowPlan plan(String text) {
    return Flows.with(Map.of(), Map.of()).text("f.yml", text, Path.of("."));
  }
}
