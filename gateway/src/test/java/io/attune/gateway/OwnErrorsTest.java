package io.attune.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.gateway.web.RolloutsPort;
import io.attune.proto.attune.Rollout;
import io.attune.proto.attune.RolloutRequest;
import io.attune.proto.attune.RolloutsGrpc;
import io.attune.proto.jina.DataRequestProto;
import io.attune.proto.jina.JinaSingleDataRequestRPCGrpc;
import io.attune.proto.jina.StatusProto;
import io.attune.runtime.CallMetadata;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.admin.AdminOptions;
import io.attune.runtime.channel.ExecutorChannel;
import io.attune.runtime.testing.EchoExecutor;
import io.attune.runtime.testing.Requests;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Tests what docs/errors.md says of the gateway's own failures, cell by cell: what it answers
/// where the failure is not one that an executor put into an answer. An executor on gRPC that is
/// not ours stands for all of those.
class OwnErrorsTest {
  private static final Pattern CELL =
      Pattern.compile("(?:200, or )?([0-9]{3})(?: of the gateway)?");

  private static Map<String, Integer> table;
  private static Server foreign;
  private static TestFlow flow;

  @BeforeAll
  static void start() throws Exception {
    table =
        Files.readAllLines(Path.of("../docs/errors.md")).stream()
            .filter(line -> line.matches("\\| [A-Z_]+ \\|.*"))
            .map(line -> line.split(" *\\| *", -1))
            .collect(Collectors.toMap(cells -> cells[1], cells -> own(cells[5])));
    MethodDescriptor<DataRequestProto, byte[]> method =
        JinaSingleDataRequestRPCGrpc.getProcessSingleDataMethod().toBuilder(
                JinaSingleDataRequestRPCGrpc.getProcessSingleDataMethod().getRequestMarshaller(),
                new Bytes())
            .build();
    foreign =
        ServerBuilder.forPort(0)
            .addService(
                ServerServiceDefinition.builder(JinaSingleDataRequestRPCGrpc.SERVICE_NAME)
                    .addMethod(method, ServerCalls.asyncUnaryCall(OwnErrorsTest::answer))
                    .build())
            .build()
            .start();
    flow =
        TestFlow.start(
            TestFlow.PORTS
                + "executors: [{name: one, external: true, retries: 0, port: %d}]"
                    .formatted(foreign.getPort()),
            new EchoExecutor());
  }

  @AfterAll
  static void stop() {
    flow.close();
    foreign.shutdownNow();
  }

  private static int own(String cell) {
    Matcher matcher = CELL.matcher(cell);
    assertThat(matcher.matches()).as(cell).isTrue();
    return Integer.parseInt(matcher.group(1));
  }

  private static int own(ErrorCode code) {
    return Objects.requireNonNull(table.get(code.name()), code.name());
  }

  /// Fails with the code that the endpoint names, or answers what is no message.
  private static void answer(DataRequestProto request, StreamObserver<byte[]> answers) {
    String name = request.getHeader().getExecEndpoint().substring(1);
    if (name.equals("garbage")) {
      answers.onNext("no message".getBytes(StandardCharsets.UTF_8));
      answers.onCompleted();
    } else {
      answers.onError(status(name));
    }
  }

  private static StatusException status(String name) {
    return Status.fromCode(Status.Code.valueOf(name))
        .withDescription("it is " + name)
        .asException();
  }

  @ParameterizedTest
  @EnumSource(ErrorCode.class)
  void whatAnExecutorsTransportSaysIsTheGatewaysStatus(ErrorCode code) throws Exception {
    assertRefused("/" + code, code, "it is " + code);
  }

  @Test
  void anAnswerThatIsNoMessageIsTheGatewaysFailure() throws Exception {
    assertRefused("/garbage", ErrorCode.INTERNAL, "not a DataRequestProto");
  }

  private static void assertRefused(String endpoint, ErrorCode code, String message)
      throws Exception {
    TestFlow.Answer answer =
        flow.post(
            "/post",
            "{\"data\": [{\"text\": \"a\"}], \"execEndpoint\": \"%s\"}".formatted(endpoint));
    assertThat(answer.code()).as(answer.text()).isEqualTo(own(code));
    assertThat(answer.detail()).contains("grpc://127.0.0.1:" + foreign.getPort(), message);
    assertThat(answer.json().at("/header/status/exception/name").asString()).isEqualTo(code.name());
    assertThat(answer.json().at("/header/status/description").asString()).contains(message);
    assertThat(answer.json().get("data")).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(ErrorCode.class)
  void whatRolloutsRefuseHasTheSameStatus(ErrorCode code) throws Exception {
    RolloutsGrpc.RolloutsImplBase rollouts =
        new RolloutsGrpc.RolloutsImplBase() {
          @Override
          public void get(RolloutRequest request, StreamObserver<Rollout> answers) {
            answers.onError(status(request.getRollout()));
          }
        };
    try (RolloutsPort port =
            RolloutsPort.start(new AdminOptions(AdminOptions.LOOPBACK, 0, null), rollouts);
        HttpClient http = HttpClient.newHttpClient()) {
      URI uri = URI.create("http://127.0.0.1:%d/rollouts/%s".formatted(port.port(), code));
      HttpResponse<String> answer =
          http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(own(code));
      assertThat(answer.body()).isEqualTo("{\"detail\":\"it is %s\"}".formatted(code));
    }
  }

  @ParameterizedTest
  @EnumSource(ErrorCode.class)
  void aUnaryCallIsToldByAStatus(ErrorCode code) {
    assertThatThrownBy(() -> flow.single().processSingleData(Requests.of("/" + code, "a")))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            failure -> assertThat(failure.getStatus().getCode().name()).isEqualTo(code.name()))
        .hasMessageContaining("it is " + code);
  }

  @ParameterizedTest
  @EnumSource(ErrorCode.class)
  void aStreamIsToldByAnAnswer(ErrorCode code) {
    List<StatusProto> statuses = new ArrayList<>();
    try (ExecutorChannel channel = ExecutorChannel.open("127.0.0.1:" + flow.flow().grpcPort())) {
      channel.stream(
          List.of(Requests.of("/" + code, "a"), Requests.of("/garbage", "a")).iterator(),
          1,
          CallMetadata.NONE,
          answer -> statuses.add(answer.getHeader().getStatus()));
    }
    assertThat(statuses)
        .extracting(status -> status.getException().getName())
        .containsExactly(code.name(), "INTERNAL");
    assertThat(statuses.getFirst().getDescription()).contains("it is " + code);
  }

  /// Bytes as they are.
  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
