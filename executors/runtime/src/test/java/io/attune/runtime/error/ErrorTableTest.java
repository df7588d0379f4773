package io.attune.runtime.error;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.proto.jina.DataRequestListProto;
import io.attune.proto.jina.DataRequestProto;
import io.attune.proto.jina.JinaDataRequestRPCGrpc;
import io.attune.proto.jina.JinaSingleDataRequestRPCGrpc;
import io.attune.proto.jina.StatusProto;
import io.attune.runtime.CallMetadata;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.channel.ExecutorChannel;
import io.attune.runtime.testing.FailingExecutor;
import io.attune.runtime.testing.Requests;
import io.attune.runtime.testing.TestServer;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Tests the table of docs/errors.md cell by cell.
class ErrorTableTest {
  private static TestServer server;
  private static Map<String, List<String>> table;

  @BeforeAll
  static void start() throws IOException {
    server = TestServer.of(new FailingExecutor());
    table =
        Files.readAllLines(Path.of("../../docs/errors.md")).stream()
            .filter(line -> line.matches("\\| [A-Z_]+ \\|.*"))
            .map(line -> Arrays.stream(line.split("\\|")).map(String::trim).toList())
            .collect(Collectors.toMap(cells -> cells.get(1), cells -> cells.subList(3, 6)));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void theTableHasExactlyTheCodes() {
    assertThat(table.keySet())
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(ErrorCode.values()).map(ErrorCode::name).toList());
  }

  @ParameterizedTest
  @EnumSource(ErrorCode.class)
  void stream(ErrorCode code) {
    assertThat(cell(code, 0)).isEqualTo("answer");
    DataRequestProto request = Requests.of("/" + code, "text");
    List<DataRequestProto> answers = new ArrayList<>();
    try (ExecutorChannel channel = ExecutorChannel.open(server.address())) {
      channel.stream(
          List.of(request, Requests.of("/_jina_dry_run_")).iterator(),
          1,
          CallMetadata.NONE,
          answers::add);
    }
    assertThat(answers).hasSize(2);
    assertInBand(answers.getFirst(), request, code);
    assertThat(answers.get(1).getHeader().hasStatus()).as("the stream goes on").isFalse();
  }

  static Stream<Arguments> unary() {
    Function<Channel, Function<DataRequestProto, DataRequestProto>> single =
        channel -> JinaSingleDataRequestRPCGrpc.newBlockingStub(channel)::processSingleData;
    Function<Channel, Function<DataRequestProto, DataRequestProto>> joined =
        channel ->
            request ->
                JinaDataRequestRPCGrpc.newBlockingStub(channel)
                    .processData(DataRequestListProto.newBuilder().addRequests(request).build());
    return Arrays.stream(ErrorCode.values())
        .flatMap(code -> Stream.of(Arguments.of(code, single), Arguments.of(code, joined)));
  }

  @ParameterizedTest
  @MethodSource("unary")
  void unary(
      ErrorCode code, Function<Channel, Function<DataRequestProto, DataRequestProto>> method) {
    AtomicReference<Metadata> headers = new AtomicReference<>();
    AtomicReference<Metadata> trailers = new AtomicReference<>();
    Channel channel =
        ClientInterceptors.intercept(
            server.channel(), MetadataUtils.newCaptureMetadataInterceptor(headers, trailers));
    DataRequestProto request = Requests.of("/" + code, "text");
    String cell;
    try {
      DataRequestProto answer = method.apply(channel).apply(request);
      assertInBand(answer, request, code);
      assertThat(trailers.get().get(CallMetadata.IS_ERROR)).isEqualTo("true");
      cell = "answer, `is-error`";
    } catch (StatusRuntimeException refusal) {
      assertThat(refusal.getStatus().getDescription()).isEqualTo("asked for " + code);
      assertThat(trailers.get().containsKey(CallMetadata.IS_ERROR)).isFalse();
      cell = "status " + refusal.getStatus().getCode();
    }
    assertThat(cell).isEqualTo(cell(code, 1));
  }

  @ParameterizedTest
  @EnumSource(ErrorCode.class)
  void toAJinaGatewayOnlyWhatItTriesAgainIsAStatus(ErrorCode code) {
    Metadata fromJina = new Metadata();
    fromJina.put(CallMetadata.ENDPOINT, "/" + code);
    Channel channel =
        ClientInterceptors.intercept(
            server.channel(), MetadataUtils.newAttachHeadersInterceptor(fromJina));
    DataRequestProto request = Requests.of("/" + code, "text");
    if (code == ErrorCode.UNAVAILABLE || code == ErrorCode.DEADLINE_EXCEEDED) {
      assertThatThrownBy(() ->
              JinaSingleDataRequestRPCGrpc.newBlockingStub(channel).processSingleData(request))
          .isInstanceOf(StatusRuntimeException.class);
    } else {
      assertInBand(
          JinaSingleDataRequestRPCGrpc.newBlockingStub(channel).processSingleData(request),
          request,
          code);
    }
  }

  @ParameterizedTest
  @EnumSource(ErrorCode.class)
  void http(ErrorCode code) {
    String status =
        code.refusal() ? "" + code.http() : "200, or %d of the gateway".formatted(code.http());
    assertThat(status).isEqualTo(cell(code, 2));
  }

  private static String cell(ErrorCode code, int column) {
    return Objects.requireNonNull(table.get(code.name()), code.name()).get(column);
  }

  private static void assertInBand(
      DataRequestProto answer, DataRequestProto request, ErrorCode code) {
    StatusProto status = answer.getHeader().getStatus();
    assertThat(status.getCode()).isEqualTo(StatusProto.StatusCode.ERROR);
    assertThat(status.getDescription()).isEqualTo("asked for " + code);
    assertThat(status.getException().getName()).isEqualTo(code.name());
    assertThat(status.getException().getExecutor()).isEqualTo("FailingExecutor");
    assertThat(answer.getHeader().getRequestId()).isEqualTo(request.getHeader().getRequestId());
    assertThat(answer.getData()).isEqualTo(request.getData());
    assertThat(Failures.in(status)).get().extracting(FlowException::code).isEqualTo(code);
  }

  @ParameterizedTest
  @EnumSource(ErrorCode.class)
  void aCodeComesBackFromItsStatus(ErrorCode code) {
    assertThat(ErrorCode.named(code.name())).contains(code);
    assertThat(ErrorCode.of(code.grpc())).isEqualTo(code);
  }

  @ParameterizedTest
  @EnumSource(value = Status.Code.class, names = "OK", mode = EnumSource.Mode.EXCLUDE)
  void everyStatusOfAPeerIsACode(Status.Code status) {
    assertThat(ErrorCode.of(status)).isNotNull();
  }

  @Test
  void anExceptionThatIsNotOursIsInternalWithItsStack() {
    DataRequestProto answer = server.single().processSingleData(Requests.of("/bug"));
    StatusProto status = answer.getHeader().getStatus();
    assertThat(status.getDescription()).isEqualTo("IllegalStateException: a bug");
    assertThat(status.getException().getName()).isEqualTo("INTERNAL");
    assertThat(status.getException().getStacksList())
        .hasSizeLessThanOrEqualTo(33)
        .first()
        .isEqualTo("java.lang.IllegalStateException: a bug");
  }

  @Test
  void anErrorOfTheMachineIsAnsweredToo() {
    DataRequestProto answer = server.single().processSingleData(Requests.of("/error"));
    assertThat(answer.getHeader().getStatus().getDescription())
        .isEqualTo("StackOverflowError: too deep");
  }
}
