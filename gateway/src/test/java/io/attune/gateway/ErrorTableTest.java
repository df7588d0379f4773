package io.attune.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.proto.jina.DataRequestProto;
import io.attune.proto.jina.JinaSingleDataRequestRPCGrpc;
import io.attune.proto.jina.StatusProto;
import io.attune.runtime.CallMetadata;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.channel.ExecutorChannel;
import io.attune.runtime.testing.FailingExecutor;
import io.attune.runtime.testing.Requests;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/// Tests the table of docs/errors.md cell by cell, through a gateway.
class ErrorTableTest {
  private static TestFlow flow;
  private static Map<String, List<String>> table;

  @BeforeAll
  static void start() throws Exception {
    flow = TestFlow.of(new FailingExecutor());
    table =
        Files.readAllLines(Path.of("../docs/errors.md")).stream()
            .filter(line -> line.matches("\\| [A-Z_]+ \\|.*"))
            .map(line -> Arrays.stream(line.split("\\|")).map(String::trim).toList())
            .collect(Collectors.toMap(cells -> cells.get(1), cells -> cells.subList(3, 6)));
  }

  @AfterAll
  static void stop() throws Exception {
    flow.close();
  }

  @ParameterizedTest
  @EnumSource(ErrorCode.class)
  void stream(ErrorCode code) {
    assertThat(cell(code, 0)).isEqualTo("answer");
    DataRequestProto request = Requests.of("/" + code, "text");
    List<DataRequestProto> answers = new ArrayList<>();
    try (ExecutorChannel channel = ExecutorChannel.open("127.0.0.1:" + flow.flow().grpcPort())) {
      channel.stream(
          List.of(request, Requests.of("/nobody")).iterator(), 1, CallMetadata.NONE, answers::add);
    }
    assertThat(answers).hasSize(2);
    assertInBand(answers.getFirst(), request, code);
    assertThat(answers.get(1).getHeader().hasStatus()).as("the stream goes on").isFalse();
  }

  @ParameterizedTest
  @EnumSource(ErrorCode.class)
  void unary(ErrorCode code) {
    AtomicReference<Metadata> headers = new AtomicReference<>();
    AtomicReference<Metadata> trailers = new AtomicReference<>();
    DataRequestProto request = Requests.of("/" + code, "text");
    String cell;
    try {
      DataRequestProto answer =
          JinaSingleDataRequestRPCGrpc.newBlockingStub(
                  ClientInterceptors.intercept(
                      flow.channel(),
                      MetadataUtils.newCaptureMetadataInterceptor(headers, trailers)))
              .processSingleData(request);
      assertInBand(answer, request, code);
      assertThat(trailers.get().get(CallMetadata.IS_ERROR)).isEqualTo("true");
      cell = "answer, `is-error`";
    } catch (StatusRuntimeException refusal) {
      assertThat(refusal.getStatus().getDescription()).contains("asked for " + code);
      assertThat(trailers.get().containsKey(CallMetadata.IS_ERROR)).isFalse();
      cell = "status " + refusal.getStatus().getCode();
    }
    assertThat(cell).isEqualTo(cell(code, 1));
  }

  @ParameterizedTest
  @EnumSource(ErrorCode.class)
  void http(ErrorCode code) throws Exception {
    String body = "{\"data\": [{\"text\": \"a\"}]}";
    TestFlow.Answer answer = flow.post("/" + code, body);

    assertThat(cell(code, 2)).startsWith(String.valueOf(answer.code()));
    JsonNode header = answer.json().get("header");
    assertThat(header.at("/status/code").intValue()).isEqualTo(1);
    assertThat(header.at("/status/description").asString()).contains("asked for " + code);
    assertThat(header.at("/status/exception/name").asString()).isEqualTo(code.name());
    assertThat(header.get("requestId").asString()).hasSize(32);
    assertThat(header.get("execEndpoint").asString()).isEqualTo("/" + code);
    if (answer.code() == 200) {
      assertThat(answer.json().at("/data/0/text").asString()).isEqualTo("a");
    } else {
      assertThat(answer.detail()).contains("asked for " + code);
    }
  }

  private static String cell(ErrorCode code, int column) {
    return Objects.requireNonNull(table.get(code.name()), code.name()).get(column);
  }

  private static void assertInBand(
      DataRequestProto answer, DataRequestProto request, ErrorCode code) {
    StatusProto status = answer.getHeader().getStatus();
    assertThat(status.getCode()).isEqualTo(StatusProto.StatusCode.ERROR);
    assertThat(status.getDescription()).contains("asked for " + code);
    assertThat(status.getException().getName()).isEqualTo(code.name());
    assertThat(answer.getHeader().getRequestId()).isEqualTo(request.getHeader().getRequestId());
    assertThat(answer.getRoutesList()).extracting(r -> r.getExecutor()).contains("gateway", "one");
  }
}
