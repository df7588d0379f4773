package io.attune.gateway.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.document.Document;
import io.attune.flows.FlowPlan;
import io.attune.flows.Flows;
import io.attune.proto.jina.DataRequestProto;
import io.attune.proto.jina.JinaDiscoverEndpointsRPCGrpc;
import io.attune.proto.jina.JinaGatewayDryRunRPCGrpc;
import io.attune.proto.jina.JinaSingleDataRequestRPCGrpc;
import io.attune.proto.jina.JinaSingleDataRequestRPCGrpc.JinaSingleDataRequestRPCFutureStub;
import io.attune.proto.jina.RouteProto;
import io.attune.proto.jina.StatusProto.StatusCode;
import io.attune.runtime.Answer;
import io.attune.runtime.Endpoints;
import io.attune.runtime.Executor;
import io.attune.runtime.ExecutorContext;
import io.attune.runtime.ExecutorFactory;
import io.attune.runtime.FlowException;
import io.attune.runtime.Handler;
import io.attune.runtime.Parameters;
import io.attune.runtime.registry.ExecutorRegistry;
import io.attune.runtime.server.ExecutorServer;
import io.attune.runtime.server.ServerOptions;
import io.attune.runtime.testing.EchoExecutor;
import io.attune.runtime.testing.FailingExecutor;
import io.attune.runtime.testing.Requests;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedFlowTest {
  private static final String TWO_ECHOES =
      """
      jtype: Flow
      with:
        port: 0
      executors:
        - name: one
          uses: Echo
        - name: two
          uses: Echo
      """;

  private final List<Executor> made = new ArrayList<>();
  private final List<ManagedChannel> channels = new ArrayList<>();
  @TempDir Path folder;

  @AfterEach
  void closeChannels() {
    channels.forEach(ManagedChannel::shutdownNow);
  }

  @Test
  void runsAllExecutorsBehindTheGatewayAndClosesThem() throws Exception {
    try (EmbeddedFlow flow = EmbeddedFlow.start(plan(TWO_ECHOES), factories())) {
      ManagedChannel channel = channel(flow);
      DataRequestProto request = Requests.of("/count", "a", "b");
      DataRequestProto answer =
          JinaSingleDataRequestRPCGrpc.newBlockingStub(channel).processSingleData(request);

      assertThat(answer.getData()).isEqualTo(request.getData());
      assertThat(answer.getHeader().getRequestId()).isEqualTo(request.getHeader().getRequestId());
      assertThat(answer.getRoutesList())
          .extracting(RouteProto::getExecutor)
          .containsExactly("gateway", "one", "two");
      Map<String, ?> results =
          answer.getParameters().getFieldsOrThrow("__results__").getStructValue().getFieldsMap();
      assertThat(results).containsOnlyKeys("one", "two");
      assertThat(
              JinaGatewayDryRunRPCGrpc.newBlockingStub(channel)
                  .dryRun(com.google.protobuf.Empty.getDefaultInstance())
                  .getCode())
          .isEqualTo(StatusCode.SUCCESS);
      assertThat(
              JinaDiscoverEndpointsRPCGrpc.newBlockingStub(channel)
                  .endpointDiscovery(com.google.protobuf.Empty.getDefaultInstance())
                  .getEndpointsList())
          .contains("/count", "/index")
          .doesNotContain("/clear");
      assertThat(flow.registry().scrape())
          .contains("jina_successful_requests_total{runtime_name=\"gateway/rep-0\"} 2.0");
    }
    assertThat(made).hasSize(2).allMatch(executor -> ((EchoExecutor) executor).closed());
  }

  @Test
  void anExecutorListensWhereTheFlowGivesItAPort() throws Exception {
    String yaml =
        """
        jtype: Flow
        with: {port: 0, host: 127.0.0.1}
        executors: [{name: one, uses: Echo, port: 0}, {name: two, uses: Echo}]
        """;
    try (EmbeddedFlow flow = EmbeddedFlow.start(plan(yaml), factories())) {
      assertThat(flow.executorPort("two")).isEqualTo(-1);
      ManagedChannel channel =
          ManagedChannelBuilder.forAddress("127.0.0.1", flow.executorPort("one"))
              .usePlaintext()
              .build();
      channels.add(channel);
      DataRequestProto request = Requests.of("/count", "a", "b");
      assertThat(
              JinaSingleDataRequestRPCGrpc.newBlockingStub(channel)
                  .processSingleData(request)
                  .getData())
          .isEqualTo(request.getData());
    }
  }

  @Test
  void servesTheMetricsPagesThatAreAskedFor() throws Exception {
    String yaml =
        """
        jtype: Flow
        with: {port: 0, host: 127.0.0.1}
        gateway: {monitoring: true}
        executors: [{name: one, uses: Echo, monitoring: true}, {name: two, uses: Echo}]
        """;
    try (EmbeddedFlow flow = EmbeddedFlow.start(plan(yaml), factories());
        HttpClient client = HttpClient.newHttpClient()) {
      assertThat(flow.metricsPorts()).containsOnlyKeys("gateway", "one");
      var _ =
          JinaSingleDataRequestRPCGrpc.newBlockingStub(channel(flow))
              .processSingleData(Requests.of("/count", "a"));
      for (int port : flow.metricsPorts().values()) {
        HttpRequest page =
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics")).build();
        assertThat(client.send(page, BodyHandlers.ofString()).body())
            .contains("runtime_name=\"one/rep-0\"");
      }
    }
  }

  @Test
  @Timeout(30)
  void waitsForAnExecutorAsLongAsItSaysItself() {
    String yaml =
        """
        jtype: Flow
        with: {port: 0}
        executors: [{name: gone, external: true, port: 1, timeout_ready: 1, retries: 0}]
        """;
    assertThatThrownBy(() -> EmbeddedFlow.start(plan(yaml), factories()))
        .isInstanceOf(FlowException.class)
        .hasMessageContaining("gone")
        .hasMessageEndingWith(": gave up");
  }

  @Test
  void refusesAdminEndpointsOnThePublicPort() throws Exception {
    try (EmbeddedFlow flow = EmbeddedFlow.start(plan(TWO_ECHOES), factories())) {
      assertThatThrownBy(() ->
              JinaSingleDataRequestRPCGrpc.newBlockingStub(channel(flow))
                  .processSingleData(Requests.of("/clear")))
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.PERMISSION_DENIED));
    }
  }

  @Test
  void tellsWhichExecutorsThereAreWhereUsesIsUnknown() {
    String yaml =
        """
        jtype: Flow
        with: {port: 0}
        executors: [{name: one, uses: Ecco}]
        """;
    assertThatThrownBy(() -> EmbeddedFlow.start(plan(yaml), factories()))
        .isInstanceOf(FlowException.class)
        .hasMessageContaining("executor one: uses: Ecco (expected: one of Broken, Counting, Echo");
  }

  @Test
  void closesWhatItStartedWhereOneExecutorCannotBeMade() {
    String yaml =
        """
        jtype: Flow
        with: {port: 0}
        executors: [{name: one, uses: Echo}, {name: two, uses: Broken}]
        """;
    assertThatThrownBy(() -> EmbeddedFlow.start(plan(yaml), factories()))
        .isInstanceOf(FlowException.class)
        .hasMessageContaining("executor two: model: none (expected: one)");
    assertThat(made).singleElement().matches(executor -> ((EchoExecutor) executor).closed());
  }

  @Test
  void dynamicBatchingOfTheExecutorsFileAndTheFlowReachesTheQueue() throws Exception {
    Files.writeString(
        folder.resolve("executor.yml"),
        """
        jtype: Counting
        dynamic_batching:
          /count: {preferred_batch_size: 2, timeout: 3600000}
          /other: {preferred_batch_size: 100, timeout: 3600000}
        """);
    String yaml =
        """
        jtype: Flow
        with: {port: 0}
        executors:
          - name: one
            uses: executor.yml
            uses_dynamic_batching:
              /other: {preferred_batch_size: 3, timeout: 3600000}
        """;
    try (EmbeddedFlow flow = EmbeddedFlow.start(plan(yaml), factories())) {
      JinaSingleDataRequestRPCFutureStub stub =
          JinaSingleDataRequestRPCGrpc.newFutureStub(channel(flow));
      Future<DataRequestProto> one = stub.processSingleData(Requests.of("/count", "a"));
      Future<DataRequestProto> two = stub.processSingleData(Requests.of("/count", "b"));
      Future<DataRequestProto> three = stub.processSingleData(Requests.of("/other", "a", "b", "c"));

      assertThat(texts(one)).containsExactly("2");
      assertThat(texts(two)).containsExactly("2");
      assertThat(texts(three)).containsExactly("3", "3", "3");
    }
  }

  private static List<String> texts(Future<DataRequestProto> answer) throws Exception {
    return Requests.documents(answer.get(30, TimeUnit.SECONDS)).stream()
        .map(Document::text)
        .toList();
  }

  /// Writes into each document how many came with it.
  private static void counting(Endpoints endpoints) {
    Handler count =
        call -> {
          call.documents().forEach(d -> d.text(String.valueOf(call.documents().size())));
          return Answer.unchanged();
        };
    endpoints.read("/count", count).read("/other", count);
  }

  /// The version of the file may be gone by now.
  @Test
  void servesNothingWhereTheRecordOfWhatIsLiveCannotBeRead() throws Exception {
    Path record = folder.resolve("gateway/rollouts/live/m/1/record.json");
    Files.createDirectories(record.getParent());
    Files.writeString(record, "{");
    EchoExecutor echo = new EchoExecutor();
    ExecutorContext context =
        new ExecutorContext("one", Parameters.EMPTY, folder, new SimpleMeterRegistry());
    try (ExecutorServer server =
        ExecutorServer.start(echo, context, ServerOptions.onPort(0).host("127.0.0.1"))) {
      String yaml =
          """
          jtype: Flow
          gateway: {port: 0, attune: {admin_port: 0}}
          executors: [{name: one, uses: Echo, external: true, host: 127.0.0.1, port: %d}]
          """
              .formatted(server.port());
      try (EmbeddedFlow flow = EmbeddedFlow.start(plan(yaml).withWorkspace(folder), factories())) {
        assertThatThrownBy(() ->
                JinaSingleDataRequestRPCGrpc.newBlockingStub(channel(flow))
                    .processSingleData(Requests.of("/count", "a")))
            .isInstanceOf(StatusRuntimeException.class)
            .hasMessageContaining("does not know what is live: live/m: ");
      }
    }
  }

  private FlowPlan plan(String yaml) {
    return Flows.with(Map.of(), Map.of()).text("test.yml", yaml, folder);
  }

  private ManagedChannel channel(EmbeddedFlow flow) {
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", flow.grpcPort()).usePlaintext().build();
    channels.add(channel);
    return channel;
  }

  private ExecutorRegistry factories() {
    return ExecutorRegistry.of(
        new Named(
            "Echo",
            _ -> {
              EchoExecutor echo = new EchoExecutor();
              synchronized (made) {
                made.add(echo);
              }
              return echo;
            }),
        new Named("Counting", _ -> EmbeddedFlowTest::counting),
        new Named("Failing", _ -> new FailingExecutor()),
        new Named(
            "Broken",
            _ -> {
              throw FlowException.invalid("model: none (expected: one)");
            }));
  }

  /// A factory of a name.
  private record Named(String name, java.util.function.Function<ExecutorContext, Executor> makes)
      implements ExecutorFactory {
    @Override
    public Executor create(ExecutorContext context) {
      return makes.apply(context);
    }
  }
}
