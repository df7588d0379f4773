package io.attune.gateway;

import io.attune.flows.FlowPlan;
import io.attune.flows.Flows;
import io.attune.gateway.embedded.EmbeddedFlow;
import io.attune.proto.jina.JinaRPCGrpc;
import io.attune.proto.jina.JinaSingleDataRequestRPCGrpc;
import io.attune.proto.jina.JinaSingleDataRequestRPCGrpc.JinaSingleDataRequestRPCBlockingStub;
import io.attune.proto.jina.JinaSingleDataRequestRPCGrpc.JinaSingleDataRequestRPCFutureStub;
import io.attune.runtime.Executor;
import io.attune.runtime.ExecutorContext;
import io.attune.runtime.ExecutorFactory;
import io.attune.runtime.registry.ExecutorRegistry;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A Flow of test executors behind real ports, with callers for both.
public final class TestFlow implements AutoCloseable {
  /// Both ports, any free ones.
  public static final String PORTS =
      """
      jtype: Flow
      gateway: {protocol: [GRPC, HTTP], port: [0, 0], host: 127.0.0.1}
      """;

  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private final EmbeddedFlow flow;
  private final ManagedChannel channel;
  private final HttpClient http = HttpClient.newHttpClient();

  private TestFlow(EmbeddedFlow flow) {
    this.flow = flow;
    this.channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", flow.grpcPort()).usePlaintext().build();
  }

  /// Starts one executor, `one`, on both ports.
  public static TestFlow of(Executor executor) throws InterruptedException {
    return start(PORTS + "executors: [{name: one, uses: Test, retries: 0}]", executor);
  }

  /// Starts a Flow in which every `uses: Test` is the same executor.
  public static TestFlow start(String yaml, Executor executor) throws InterruptedException {
    ExecutorFactory factory =
        new ExecutorFactory() {
          @Override
          public String name() {
            return "Test";
          }

          @Override
          public Executor create(ExecutorContext context) {
            return executor;
          }
        };
    FlowPlan plan = Flows.with(Map.of(), Map.of()).text("test.yml", yaml, Path.of("target/flow"));
    return new TestFlow(EmbeddedFlow.start(plan, ExecutorRegistry.of(factory)));
  }

  /// The Flow.
  public EmbeddedFlow flow() {
    return flow;
  }

  /// The channel to its gRPC port.
  public ManagedChannel channel() {
    return channel;
  }

  /// `process_single_data`.
  public JinaSingleDataRequestRPCBlockingStub single() {
    return JinaSingleDataRequestRPCGrpc.newBlockingStub(channel);
  }

  /// `process_single_data`, not waiting.
  public JinaSingleDataRequestRPCFutureStub later() {
    return JinaSingleDataRequestRPCGrpc.newFutureStub(channel);
  }

  /// `Call`.
  public JinaRPCGrpc.JinaRPCStub stream() {
    return JinaRPCGrpc.newStub(channel);
  }

  /// A request to the web port, to be changed and built.
  public HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:%d%s".formatted(flow.webPort(), path)))
        .header("content-type", "application/json");
  }

  /// What the web port answers.
  public Answer send(HttpRequest.Builder request) throws IOException, InterruptedException {
    return Answer.of(http.send(request.build(), BodyHandlers.ofString()));
  }

  /// What it answers to a JSON body.
  public Answer post(String path, String body) throws IOException, InterruptedException {
    return send(request(path).POST(BodyPublishers.ofString(body)));
  }

  /// What it answers to a GET.
  public Answer get(String path) throws IOException, InterruptedException {
    return send(request(path).GET());
  }

  /// The HTTP client.
  public HttpClient http() {
    return http;
  }

  /// What the web port answered.
  ///
  /// @param code the status
  /// @param text the body
  public record Answer(int code, String text) {
    static Answer of(HttpResponse<String> response) {
      return new Answer(response.statusCode(), response.body());
    }

    /// The body as JSON.
    public JsonNode json() {
      return MAPPER.readTree(text);
    }

    /// What a refusal says.
    public String detail() {
      return json().path("detail").asString("");
    }
  }

  @Override
  public void close() {
    channel.shutdownNow();
    http.shutdownNow();
    flow.close();
  }
}
