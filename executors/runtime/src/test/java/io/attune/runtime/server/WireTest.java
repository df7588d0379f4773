package io.attune.runtime.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.Empty;
import io.attune.proto.docarray.DocumentProto;
import io.attune.proto.jina.DataRequestProto;
import io.attune.proto.jina.JinaInfoProto;
import io.attune.proto.jina.JinaInfoRPCGrpc;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.channel.Address;
import io.attune.runtime.channel.ChannelOptions;
import io.attune.runtime.channel.ExecutorChannel;
import io.attune.runtime.testing.EchoExecutor;
import io.attune.runtime.testing.Requests;
import io.attune.runtime.testing.TestServer;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Tests what only a real port shows.
class WireTest {
  private static final List<String> SERVICES =
      List.of(
          "jina.JinaSingleDataRequestRPC",
          "jina.JinaDataRequestRPC",
          "jina.JinaDiscoverEndpointsRPC",
          "jina.JinaInfoRPC",
          "jina.JinaRPC");
  private static ExecutorServer server;
  private static ManagedChannel channel;

  @BeforeAll
  static void start() {
    server =
        ExecutorServer.start(
            new EchoExecutor(),
            TestServer.context("executor0"),
            ServerOptions.onPort(0).host("127.0.0.1").mostMessageBytes(10_000));
    channel =
        NettyChannelBuilder.forAddress(
                "127.0.0.1", server.port(), InsecureChannelCredentials.create())
            .build();
  }

  @AfterAll
  static void stop() {
    channel.shutdownNow();
    server.close();
  }

  @Test
  void healthKnowsEveryService() {
    for (String service : List.of("", SERVICES.getFirst(), SERVICES.getLast())) {
      HealthCheckRequest request = HealthCheckRequest.newBuilder().setService(service).build();
      assertThat(HealthGrpc.newBlockingStub(channel).check(request).getStatus())
          .as(service)
          .isEqualTo(ServingStatus.SERVING);
    }
  }

  @Test
  void bothReflectionsListEveryService() throws Exception {
    assertThat(reflected(Reflection::v1)).containsAll(SERVICES);
    assertThat(reflected(Reflection::v1alpha))
        .containsAll(SERVICES)
        .doesNotContain("jina.JinaSingleDocumentRequestRPC");
  }

  private static List<String> reflected(
      Function<ManagedChannel, CompletableFuture<List<String>>> reflection) throws Exception {
    return reflection.apply(channel).get(30, TimeUnit.SECONDS);
  }

  @Test
  void refusesAMessageThatIsTooLarge() {
    try (ExecutorChannel caller = ExecutorChannel.open("127.0.0.1:" + server.port())) {
      assertThatThrownBy(() -> caller.call(Requests.of("/echo", "x".repeat(20_000))))
          .asInstanceOf(InstanceOfAssertFactories.type(FlowException.class))
          .returns(ErrorCode.RESOURCE_EXHAUSTED, FlowException::code)
          .extracting(FlowException::getMessage)
          .asString()
          .contains("10000");
      assertThat(Requests.documents(caller.call(Requests.of("/echo", "x")))).hasSize(1);
    }
  }

  @Test
  void refusesAnAnswerThatIsTooLarge() {
    try (ExecutorServer large =
            ExecutorServer.start(
                new EchoExecutor(), TestServer.context("executor0"), ServerOptions.onPort(0));
        ExecutorChannel caller =
            ExecutorChannel.open(
                "executor0",
                List.of(Address.parse("127.0.0.1:" + large.port())),
                ChannelOptions.DEFAULT.mostMessageBytes(10_000))) {
      assertThatThrownBy(() -> caller.call(Requests.of("/echo", "x".repeat(20_000))))
          .asInstanceOf(InstanceOfAssertFactories.type(FlowException.class))
          .returns(ErrorCode.RESOURCE_EXHAUSTED, FlowException::code);
    }
  }

  @Test
  void refusesBytesThatAreNoMessage() {
    try (ExecutorChannel caller = ExecutorChannel.open("127.0.0.1:" + server.port())) {
      CompletableFuture<?> answer =
          caller.send(ByteString.copyFrom(new byte[] {10, 127, 1}), new Metadata());
      assertThatThrownBy(answer::get)
          .cause()
          .asInstanceOf(InstanceOfAssertFactories.type(FlowException.class))
          .returns(ErrorCode.INVALID_ARGUMENT, FlowException::code)
          .returns(
              "message: bytes that are no message (expected: one as the proto files have it)",
              FlowException::getMessage);
    }
  }

  @Test
  void refusesAMessageThatIsNestedTooDeep() {
    DocumentProto document = DocumentProto.newBuilder().setText("inmost").build();
    for (int i = 0; i < 200; i++) {
      document = DocumentProto.newBuilder().addChunks(document).build();
    }
    DataRequestProto.Builder request = Requests.of("/echo").toBuilder();
    request.getDataBuilder().getDocsBuilder().addDocs(document);
    try (ExecutorChannel caller = ExecutorChannel.open("127.0.0.1:" + server.port())) {
      assertThatThrownBy(() -> caller.call(request.build()))
          .asInstanceOf(InstanceOfAssertFactories.type(FlowException.class))
          .returns(ErrorCode.INVALID_ARGUMENT, FlowException::code);
    }
  }

  @Test
  void informationTellsVersionsAndNoSecrets() {
    JinaInfoProto info =
        JinaInfoRPCGrpc.newBlockingStub(channel)._status(Empty.getDefaultInstance());
    assertThat(info.getJinaMap()).containsKeys("attune", "jina", "docarray", "java", "uptime");
    Map<String, String> envs =
        ServerInfo.message(
                Map.of("JINA_AUTH_TOKEN", "s3cret", "JINA_LOG_LEVEL", "DEBUG", "OTHER", "s3cret"))
            .getEnvsMap();
    assertThat(envs)
        .containsEntry("JINA_AUTH_TOKEN", "(set)")
        .containsEntry("JINA_LOG_LEVEL", "DEBUG")
        .containsEntry("JINA_LOG_CONFIG", "(unset)")
        .doesNotContainKey("OTHER");
    assertThat(envs.values().stream().collect(Collectors.joining())).doesNotContain("s3cret");
  }

  @Test
  void pingsAreAnsweredUnlessTheyComeTooOften() throws Exception {
    assertThat(ServerOptions.onPort(0).leastKeepAlive())
        .as("Python's callers ping every 10 s, some every 5 s")
        .isLessThan(Duration.ofSeconds(5));
    assertThat(pinged(server.port())).as("pings without a pause").isLessThan(20);
    try (ExecutorServer patient =
        ExecutorServer.start(
            new EchoExecutor(),
            TestServer.context("executor0"),
            ServerOptions.onPort(0).host("127.0.0.1").leastKeepAlive(Duration.ZERO))) {
      assertThat(pinged(patient.port())).isEqualTo(20);
    }
  }

  /// Sends 20 HTTP/2 pings on a connection without calls, and says how many were answered before
  /// the server hung up.
  private static int pinged(int port) throws IOException {
    byte[] preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    byte[] settings = {0, 0, 0, 4, 0, 0, 0, 0, 0};
    byte[] ping = {0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8};
    int answered = 0;
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(30_000);
      DataInputStream in = new DataInputStream(socket.getInputStream());
      socket.getOutputStream().write(preface);
      socket.getOutputStream().write(settings);
      socket.getOutputStream().write(ping);
      while (answered < 20) {
        int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
        int type = in.readUnsignedByte();
        int flags = in.readUnsignedByte();
        in.readInt();
        in.skipNBytes(length);
        if (type == 7) {
          return answered;
        }
        if (type == 6 && flags == 1) {
          answered++;
          socket.getOutputStream().write(ping);
        }
      }
    }
    return answered;
  }

  @Test
  void theLargestMessageIs128MebibytesUnlessConfigured() {
    assertThat(ServerOptions.onPort(0).mostMessageBytes()).isEqualTo(128 << 20);
    assertThat(ChannelOptions.DEFAULT.mostMessageBytes()).isEqualTo(128 << 20);
  }

  @Test
  void saysWhichPortIsTaken() {
    EchoExecutor executor = new EchoExecutor();
    ServerOptions taken = ServerOptions.onPort(server.port()).host("127.0.0.1");
    assertThatThrownBy(() -> ExecutorServer.start(executor, TestServer.context("executor0"), taken))
        .hasMessageStartingWith("port: 127.0.0.1:%d cannot be bound: ".formatted(server.port()))
        .hasMessageEndingWith(" (expected: a free port)");
    assertThat(executor.closed()).isTrue();
  }

  @Test
  void refusesOptionsThatAreWrong() {
    assertThatThrownBy(() -> ServerOptions.onPort(70_000))
        .hasMessage("port: 70000 (expected: -1..65535)");
    assertThatThrownBy(() -> ServerOptions.onPort(0).mostMessageBytes(0))
        .hasMessage("max_message_bytes: 0 (expected: 1..2147483647)");
    assertThatThrownBy(() -> ServerOptions.onPort(-1))
        .hasMessage("port: none (expected: a port or an in-process name)");
  }
}
