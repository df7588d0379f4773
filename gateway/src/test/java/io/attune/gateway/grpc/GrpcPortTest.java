package io.attune.gateway.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.Empty;
import io.attune.gateway.TestFlow;
import io.attune.proto.docarray.DocumentProto;
import io.attune.proto.jina.DataRequestListProto;
import io.attune.proto.jina.DataRequestProto;
import io.attune.proto.jina.JinaDataRequestRPCGrpc;
import io.attune.proto.jina.JinaGatewayDryRunRPCGrpc;
import io.attune.proto.jina.JinaInfoRPCGrpc;
import io.attune.proto.jina.JinaSingleDocumentRequestRPCGrpc;
import io.attune.proto.jina.SingleDocumentRequestProto;
import io.attune.proto.jina.StatusProto.StatusCode;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.channel.ExecutorChannel;
import io.attune.runtime.error.Failures;
import io.attune.runtime.testing.EchoExecutor;
import io.attune.runtime.testing.Requests;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class GrpcPortTest {
  private static TestFlow flow;

  @BeforeAll
  static void start() throws Exception {
    String yaml =
        """
        jtype: Flow
        gateway:
          protocol: [GRPC, HTTP]
          port: [0, 0]
          host: 127.0.0.1
          grpc_server_options: {grpc.max_receive_message_length: 10000}
        executors: [{name: one, uses: Test}]
        """;
    flow = TestFlow.start(yaml, new EchoExecutor());
  }

  @AfterAll
  static void stop() throws Exception {
    flow.close();
  }

  @Test
  void servesHealthForEveryService() {
    for (String service : List.of("", "jina.JinaRPC", "jina.JinaGatewayDryRunRPC")) {
      HealthCheckRequest request = HealthCheckRequest.newBuilder().setService(service).build();
      assertThat(HealthGrpc.newBlockingStub(flow.channel()).check(request).getStatus())
          .as(service)
          .isEqualTo(ServingStatus.SERVING);
    }
  }

  @Test
  void listsItsServicesByReflection() throws Exception {
    assertThat(reflected(flow.channel()))
        .contains(
            "jina.JinaRPC",
            "jina.JinaSingleDataRequestRPC",
            "jina.JinaDiscoverEndpointsRPC",
            "jina.JinaGatewayDryRunRPC",
            "jina.JinaInfoRPC",
            "grpc.health.v1.Health",
            "grpc.reflection.v1alpha.ServerReflection")
        .doesNotContain("jina.JinaDataRequestRPC");
  }

  @Test
  void servicesThatAreNotServedAreUnimplemented() {
    assertThatThrownBy(() ->
            JinaSingleDocumentRequestRPCGrpc.newBlockingStub(flow.channel())
                .streamDoc(SingleDocumentRequestProto.getDefaultInstance())
                .hasNext())
        .satisfies(failure -> assertThat(code(failure)).isEqualTo(Status.Code.UNIMPLEMENTED));
    assertThatThrownBy(() ->
            JinaDataRequestRPCGrpc.newBlockingStub(flow.channel())
                .processData(DataRequestListProto.getDefaultInstance()))
        .satisfies(failure -> assertThat(code(failure)).isEqualTo(Status.Code.UNIMPLEMENTED));
  }

  @Test
  void answersDryRunAndStatus() {
    assertThat(
            JinaGatewayDryRunRPCGrpc.newBlockingStub(flow.channel())
                .dryRun(Empty.getDefaultInstance())
                .getCode())
        .isEqualTo(StatusCode.SUCCESS);
    assertThat(
            JinaInfoRPCGrpc.newBlockingStub(flow.channel())
                ._status(Empty.getDefaultInstance())
                .getJinaMap())
        .containsKeys("attune", "jina", "docarray");
  }

  @Test
  void refusesAMessageThatIsTooLargeAndServesOn() {
    assertThatThrownBy(
            () -> flow.single().processSingleData(Requests.of("/echo", "x".repeat(20_000))))
        .hasMessageContaining("10000")
        .satisfies(failure -> assertThat(code(failure)).isEqualTo(Status.Code.RESOURCE_EXHAUSTED));
    assertThat(Requests.documents(flow.single().processSingleData(Requests.of("/echo", "x"))))
        .hasSize(1);
  }

  @Test
  void refusesBytesThatAreNoMessage() {
    try (ExecutorChannel caller = ExecutorChannel.open("127.0.0.1:" + flow.flow().grpcPort())) {
      for (byte[] bytes :
          List.of(
              new byte[] {10, 127, 1},
              new byte[] {34, 127, 1},
              new byte[] {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1},
              new byte[] {0, 0, 0})) {
        assertThat(refused(caller, ByteString.copyFrom(bytes)).code())
            .isEqualTo(ErrorCode.INVALID_ARGUMENT);
      }
    }
  }

  @Test
  void documentsNestedTooDeepAreRefusedByTheExecutorThatReadsThem() {
    DocumentProto document = DocumentProto.newBuilder().setText("inmost").build();
    for (int i = 0; i < 200; i++) {
      document = DocumentProto.newBuilder().addChunks(document).build();
    }
    DataRequestProto.Builder request = Requests.of("/echo").toBuilder();
    request.getDataBuilder().getDocsBuilder().addDocs(document);
    try (ExecutorChannel caller = ExecutorChannel.open("127.0.0.1:" + flow.flow().grpcPort())) {
      assertThat(refused(caller, request.build().toByteString()).code())
          .isEqualTo(ErrorCode.INVALID_ARGUMENT);
    }
  }

  @Test
  void adminEndpointsAreRefusedOnAStreamToo() {
    try (ExecutorChannel caller = ExecutorChannel.open("127.0.0.1:" + flow.flow().grpcPort())) {
      caller.stream(
          List.of(Requests.of("/clear"), Requests.of("/index")).iterator(),
          1,
          io.attune.runtime.CallMetadata.NONE,
          answer -> {
            boolean admin = answer.getHeader().getExecEndpoint().equals("/clear");
            assertThat(answer.getHeader().getStatus().getException().getName())
                .isEqualTo(admin ? "PERMISSION_DENIED" : "");
          });
    }
  }

  private static FlowException refused(ExecutorChannel caller, ByteString message) {
    try {
      caller.send(message, new Metadata()).get(30, TimeUnit.SECONDS);
    } catch (ExecutionException failure) {
      return Failures.from(failure);
    } catch (Exception failure) {
      throw new AssertionError(failure);
    }
    throw new AssertionError("not refused");
  }

  private static Status.Code code(Throwable failure) {
    return ((StatusRuntimeException) failure).getStatus().getCode();
  }

  private static List<String> reflected(ManagedChannel channel) throws Exception {
    CompletableFuture<List<String>> names = new CompletableFuture<>();
    StreamObserver<ServerReflectionRequest> question =
        ServerReflectionGrpc.newStub(channel)
            .serverReflectionInfo(
                new StreamObserver<>() {
                  @Override
                  public void onNext(ServerReflectionResponse answer) {
                    names.complete(
                        answer.getListServicesResponse().getServiceList().stream()
                            .map(ServiceResponse::getName)
                            .toList());
                  }

                  @Override
                  public void onError(Throwable failure) {
                    names.completeExceptionally(failure);
                  }

                  @Override
                  public void onCompleted() {}
                });
    question.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
    question.onCompleted();
    return names.get(30, TimeUnit.SECONDS);
  }
}
