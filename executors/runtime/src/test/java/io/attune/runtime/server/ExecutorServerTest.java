package io.attune.runtime.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.Empty;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.proto.jina.DataRequestListProto;
import io.attune.proto.jina.DataRequestProto;
import io.attune.proto.jina.EndpointsProto;
import io.attune.proto.jina.JinaSingleDocumentRequestRPCGrpc;
import io.attune.proto.jina.RouteProto;
import io.attune.proto.jina.SingleDocumentRequestProto;
import io.attune.runtime.Answer;
import io.attune.runtime.Call;
import io.attune.runtime.CallMetadata;
import io.attune.runtime.ModelVersion;
import io.attune.runtime.Priority;
import io.attune.runtime.testing.EchoExecutor;
import io.attune.runtime.testing.Requests;
import io.attune.runtime.testing.TestServer;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ExecutorServerTest {
  @Test
  void answersWithTheDocumentsOfTheMethod() {
    try (TestServer server =
        TestServer.of(endpoints ->
            endpoints.read(
                "/upper",
                call -> {
                  call.documents()
                      .forEach(d -> d.text(d.text().toUpperCase(java.util.Locale.ROOT)));
                  return Answer.unchanged();
                }))) {
      DataRequestProto request = Requests.of("/upper", "one", "two");
      DataRequestProto answer = server.single().processSingleData(request);
      assertThat(Requests.documents(answer))
          .extracting(Document::text)
          .containsExactly("ONE", "TWO");
      assertThat(answer.getHeader()).isEqualTo(request.getHeader());
      assertThat(answer.getRoutesList())
          .extracting(RouteProto::getExecutor)
          .containsExactly("executor0");
    }
  }

  @Test
  void anUnboundEndpointPassesWhatItCannotRead() {
    try (TestServer server = TestServer.of(new EchoExecutor())) {
      DataRequestProto.Builder request = Requests.of("/unknown").toBuilder();
      request.getDataBuilder().setDocsBytes(ByteString.copyFromUtf8("a pickle"));
      DataRequestProto answer = server.single().processSingleData(request.build());
      assertThat(answer.getData()).isEqualTo(request.getData());
    }
  }

  @Test
  void theDefaultEndpointAnswersWhatIsNotBound() {
    try (TestServer server =
        TestServer.of(endpoints ->
            endpoints
                .read(
                    "/default",
                    call -> Answer.of(DocumentArray.of(Document.ofText(call.endpoint()))))
                .read("/exact", call -> Answer.of(DocumentArray.of())))) {
      assertThat(text(server, "/other")).containsExactly("/other");
      assertThat(text(server, "exact")).as("names are compared exactly").containsExactly("exact");
      assertThat(text(server, "/exact")).isEmpty();
      assertThat(text(server, "_jina_dry_run_")).as("dry run").containsExactly("sent");
    }
  }

  private static List<String> text(TestServer server, String endpoint) {
    return Requests.documents(server.single().processSingleData(Requests.of(endpoint, "sent")))
        .stream()
        .map(Document::text)
        .toList();
  }

  @Test
  void refusesDocumentsItCannotReadWhereTheyAreNeeded() {
    try (TestServer server = TestServer.of(new EchoExecutor())) {
      DataRequestProto.Builder pickled = Requests.of("/echo").toBuilder();
      pickled.getDataBuilder().setDocsBytes(ByteString.copyFromUtf8("a pickle"));
      assertRefused(
          server,
          pickled.build(),
          "data.docs_bytes: 8 bytes, which only Python can read (expected: data.docs)");

      DataRequestProto.Builder second = Requests.of("/echo").toBuilder();
      second
          .getDataBuilder()
          .getDocsBuilder()
          .addDocsBuilder()
          .setId("\n\u0004text\u0012\u0003\n\u0001a");
      assertRefused(
          server,
          second.build(),
          "data.docs: documents of docarray 0.30 or newer (expected: of docarray before 0.30)");
    }
  }

  private static void assertRefused(TestServer server, DataRequestProto request, String message) {
    assertThatThrownBy(() -> server.single().processSingleData(request))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            refused -> {
              assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
              assertThat(refused.getStatus().getDescription()).isEqualTo(message);
            });
  }

  @Test
  void resultsLieUnderTheExecutorsNameBesideThoseOfOthers() {
    try (TestServer server =
        TestServer.of(endpoints ->
            endpoints.read(
                "/r",
                call -> Answer.results(struct("n", 2)).withModel(new ModelVersion("m", 3))))) {
      Struct before =
          Struct.newBuilder()
              .putFields("__results__", value(struct("other", 1)))
              .putFields("limit", value(7))
              .build();
      DataRequestProto answer =
          server.single().processSingleData(Requests.with(Requests.of("/r"), before));
      Struct results = answer.getParameters().getFieldsOrThrow("__results__").getStructValue();
      assertThat(results.getFieldsMap()).containsOnlyKeys("other", "executor0");
      assertThat(results.getFieldsOrThrow("executor0").getStructValue().getFieldsMap())
          .isEqualTo(
              Map.of("n", value(2), "model", Value.newBuilder().setStringValue("m@3").build()));
      assertThat(answer.getParameters().getFieldsOrThrow("limit")).isEqualTo(value(7));
    }
  }

  @Test
  void aJoinerSeesEachParentsDocuments() {
    List<Call.Part> seen = new ArrayList<>();
    try (TestServer server =
        TestServer.of(endpoints ->
            endpoints.read(
                "/join",
                call -> {
                  seen.addAll(call.parts());
                  return Answer.unchanged();
                }))) {
      DataRequestProto left = from("left", Requests.of("/join", "a"));
      DataRequestProto right = from("right", Requests.of("/join", "b", "c"));
      DataRequestProto answer =
          server
              .joined()
              .processData(
                  DataRequestListProto.newBuilder().addRequests(left).addRequests(right).build());
      assertThat(Requests.documents(answer))
          .extracting(Document::text)
          .containsExactly("a", "b", "c");
      assertThat(answer.getHeader()).isEqualTo(left.getHeader());
      assertThat(seen).extracting(Call.Part::executor).containsExactly("left", "right");
      assertThat(seen.get(1).documents()).extracting(Document::text).containsExactly("b", "c");
      assertThatThrownBy(
              () -> server.joined().processData(DataRequestListProto.getDefaultInstance()))
          .hasMessage("INVALID_ARGUMENT: requests: none (expected: 1..)");
    }
  }

  private static DataRequestProto from(String executor, DataRequestProto request) {
    return request.toBuilder().addRoutes(RouteProto.newBuilder().setExecutor(executor)).build();
  }

  @Test
  void theMethodSeesWhatTheCallSaysBesideItsMessage() {
    List<Call> seen = new ArrayList<>();
    try (TestServer server =
        TestServer.of(endpoints ->
            endpoints
                .write(
                    "/index",
                    call -> {
                      seen.add(call);
                      return Answer.unchanged();
                    })
                .read(
                    "/search",
                    call -> {
                      seen.add(call);
                      return Answer.unchanged();
                    }))) {
      Metadata headers = new Metadata();
      new CallMetadata(
              List.of(new ModelVersion("a", 1), new ModelVersion("b", 2)), Priority.BULK, false, 0)
          .writeTo(headers);
      DataRequestProto request = Requests.of("/search");
      server
          .single()
          .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
          .withDeadlineAfter(java.time.Duration.ofMinutes(1))
          .processSingleData(request);
      server.single().processSingleData(Requests.of("/search"));
      server.single().processSingleData(Requests.of("/index"));
      assertThat(seen.getFirst().models())
          .containsExactly(new ModelVersion("a", 1), new ModelVersion("b", 2));
      assertThat(seen.getFirst().requestId()).isEqualTo(request.getHeader().getRequestId());
      assertThat(seen.getFirst().deadline()).isNotNull();
      assertThat(seen)
          .extracting(Call::priority)
          .containsExactly(Priority.BULK, Priority.INTERACTIVE, Priority.BULK);
      assertThat(seen.get(1).deadline()).isNull();
    }
  }

  @Test
  void refusesMetadataThatIsWrong() {
    try (TestServer server = TestServer.of(new EchoExecutor())) {
      assertThat(refusal(server, CallMetadata.MODEL, "a"))
          .isEqualTo("INVALID_ARGUMENT: model: a (expected: name@version)");
      assertThat(refusal(server, CallMetadata.MODEL, "a@1,a@2"))
          .isEqualTo(
              "INVALID_ARGUMENT: x-attune-model: [a@1, a@2] (expected: one version for each model)");
      assertThat(refusal(server, CallMetadata.PRIORITY, "soon"))
          .isEqualTo("INVALID_ARGUMENT: x-attune-priority: soon (expected: interactive or bulk)");
      assertThat(refusal(server, CallMetadata.PREFETCH, "-1"))
          .isEqualTo("INVALID_ARGUMENT: __prefetch__: -1 (expected: a whole number from 0)");
    }
  }

  private static String refusal(TestServer server, Metadata.Key<String> key, String value) {
    Metadata headers = new Metadata();
    headers.put(key, value);
    try {
      server
          .single()
          .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
          .processSingleData(Requests.of("/echo"));
      return "accepted";
    } catch (StatusRuntimeException refused) {
      return String.valueOf(refused.getMessage());
    }
  }

  @Test
  void discoveryTellsEndpointsAndTheirAccess() {
    try (TestServer server = TestServer.of(new EchoExecutor())) {
      EndpointsProto endpoints = server.discovery().endpointDiscovery(Empty.getDefaultInstance());
      assertThat(endpoints.getEndpointsList())
          .containsExactly("_jina_dry_run_", "/echo", "/count", "/parameters", "/index", "/clear");
      assertThat(endpoints.getWriteEndpointsList()).containsExactly("/index");
      Struct clear = endpoints.getSchemas().getFieldsOrThrow("/clear").getStructValue();
      assertThat(clear.getFieldsOrThrow("access").getStringValue()).isEqualTo("admin");
    }
  }

  @Test
  void usesRequestsBindsAnotherMethod() {
    try (TestServer server =
        TestServer.of(
            new EchoExecutor(),
            TestServer.context("executor0"),
            options -> options.usesRequests(Map.of("/total", "count", "/echo", "/count")))) {
      for (String endpoint : List.of("/total", "/echo")) {
        Struct parameters =
            server.single().processSingleData(Requests.of(endpoint, "a")).getParameters();
        assertThat(parameters.getFieldsMap()).as(endpoint).containsKey("__results__");
      }
    }
    assertThatThrownBy(() ->
            TestServer.of(
                new EchoExecutor(),
                TestServer.context("executor0"),
                options -> options.usesRequests(Map.of("/total", "cont"))))
        .hasMessageStartingWith(
            "uses_requests: /total: cont (expected: one of [_jina_dry_run_, /echo,");
  }

  @Test
  void servicesThatAreNotServedAreUnimplemented() {
    try (TestServer server = TestServer.of(new EchoExecutor())) {
      assertThatThrownBy(() ->
              JinaSingleDocumentRequestRPCGrpc.newBlockingStub(server.channel())
                  .streamDoc(SingleDocumentRequestProto.getDefaultInstance())
                  .hasNext())
          .hasMessageStartingWith("UNIMPLEMENTED");
    }
  }

  private static Struct struct(String name, double number) {
    return Struct.newBuilder().putFields(name, value(number)).build();
  }

  private static Value value(double number) {
    return Value.newBuilder().setNumberValue(number).build();
  }

  private static Value value(Struct struct) {
    return Value.newBuilder().setStructValue(struct).build();
  }
}
