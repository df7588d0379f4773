package io.attune.gateway.router;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.gateway.graph.Node;
import io.attune.gateway.message.Envelope;
import io.attune.proto.jina.DataRequestProto;
import io.attune.proto.jina.HeaderProto;
import io.attune.proto.jina.RouteProto;
import io.attune.proto.jina.StatusProto;
import io.attune.proto.jina.StatusProto.StatusCode;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.testing.Requests;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// How a request goes along the graph of a Flow, and what comes back.
class RouterTest extends RouterHarness {
  @Test
  void linearFlowVisitsExecutorsInOrder() throws Exception {
    Router router = router(List.of(Node.of("a"), Node.of("b", "a"), Node.of("c", "b")), "c");

    DataRequestProto answer = answered(router, Requests.of(ENDPOINT, "x", "y"));

    assertThat(texts(answer)).containsExactly("x a b c", "y a b c");
    assertThat(routes(answer)).containsExactly("gateway", "a", "b", "c");
    RouteProto gateway = answer.getRoutes(0);
    assertThat(gateway.hasStartTime()).isTrue();
    assertThat(gateway.hasEndTime()).isTrue();
    assertThat(answer.getHeader().hasStatus()).isFalse();
  }

  @Test
  void emptyFlowAnswersTheRequestItself() throws Exception {
    Router router = router(List.of());
    DataRequestProto request = Requests.of(ENDPOINT, "x");

    DataRequestProto answer = answered(router, request);

    assertThat(answer.getData()).isEqualTo(request.getData());
    assertThat(routes(answer)).containsExactly("gateway");
  }

  @Test
  void bifurcatingBranchesAreMergedAtTheEnd() throws Exception {
    Router router =
        router(List.of(Node.of("root"), Node.of("a", "root"), Node.of("b", "root")), "a", "b");
    executors.put("a", tagging("a"));
    executors.put("b", tagging("b"));

    DataRequestProto answer = answered(router, Requests.of(ENDPOINT, "x"));

    assertThat(Requests.documents(answer).get(0).tags().getFieldsMap())
        .as("left wins")
        .containsOnlyKeys("a");
    assertThat(routes(answer)).containsExactly("gateway", "root", "a", "b");
  }

  @Test
  void joinerGetsTheMergedBranches() throws Exception {
    Router router =
        router(List.of(Node.of("a"), Node.of("b"), Node.of("join", "b", "a", "gateway")), "join");
    executors.put("a", adding("fromA"));
    executors.put("b", adding("fromB"));

    DataRequestProto answer = answered(router, Requests.of(ENDPOINT, "x"));

    assertThat(texts(answer)).containsExactly("x join", "fromB join", "fromA join");
    assertThat(executor("join").parts).isEqualTo(1);
  }

  @Test
  void completeGraphWithTwoJoinsWaitsForAllParents() throws Exception {
    Router router =
        router(
            List.of(
                Node.of("a"),
                Node.of("b", "a"),
                Node.of("c", "a"),
                Node.of("d", "b", "c"),
                Node.of("e", "gateway"),
                Node.of("f", "d", "e")),
            "f");
    executor("c").holding();
    List<Outcome> outcomes = new ArrayList<>();
    router.route(Inbound.of(Envelope.from(Requests.of(ENDPOINT, "x"))), outcomes::add);

    assertThat(executor("d").asked).isEmpty();
    assertThat(outcomes).isEmpty();

    executor("c").release();

    assertThat(outcomes).hasSize(1);
    DataRequestProto answer = outcomes.getFirst().message().toProto();
    assertThat(routes(answer)).containsExactly("gateway", "a", "b", "c", "d", "e", "f");
    assertThat(texts(answer)).containsExactly("x a b d f");
  }

  @Test
  void joinerThatDoesNotReduceGetsOnePartPerParentWithItsSender() throws Exception {
    Router router =
        router(
            List.of(Node.of("a"), Node.of("b"), new Node("join", List.of("b", "a"), false)),
            "join");

    answered(router, Requests.of(ENDPOINT, "x"));

    FakeExecutor join = executor("join");
    assertThat(join.parts).isEqualTo(2);
    assertThat(join.asked)
        .extracting(request -> request.getRoutes(0).getExecutor())
        .containsExactly("b", "a");
  }

  @Test
  void floatingExecutorIsCalledAndNotAwaited() throws Exception {
    Router router = router(List.of(Node.of("a"), Node.of("log", "a"), Node.of("b", "a")), "b");
    executor("log").holding();

    DataRequestProto answer = answered(router, Requests.of(ENDPOINT, "x"));

    assertThat(routes(answer)).containsExactly("gateway", "a", "b");
    assertThat(executor("log").held).hasSize(1);
    assertThat(router.awaitIdle(Duration.ZERO)).as("draining waits for it").isFalse();
    executor("log").release();
    assertThat(router.awaitIdle(Duration.ZERO)).isTrue();
  }

  @Test
  void flowOfFloatingExecutorsAnswersTheRequestUntouched() throws Exception {
    Router router = router(List.of(Node.of("log")));
    DataRequestProto request = Requests.of(ENDPOINT, "x");

    assertThat(answered(router, request).getData()).isEqualTo(request.getData());
    assertThat(executor("log").asked).hasSize(1);
  }

  @Test
  void failureOfAFloatingExecutorIsNotTheCallers() throws Exception {
    Router router = router(List.of(Node.of("a"), Node.of("log", "a")), "a");
    executor("log").failing(new FlowException(ErrorCode.UNAVAILABLE, "gone"));

    assertThat(texts(answered(router, Requests.of(ENDPOINT, "x")))).containsExactly("x a");
  }

  @Test
  void unboundAndUntargetedExecutorsAreSkipped() throws Exception {
    Router router =
        router(List.of(Node.of("foo"), Node.of("foo2", "foo"), Node.of("bar", "foo2")), "bar");

    DataRequestProto targeted =
        answered(router, header(Requests.of(ENDPOINT, "x"), h -> h.setTargetExecutor("foo")));
    DataRequestProto unbound = answered(router, Requests.of("/nobody", "x"));

    assertThat(texts(targeted)).containsExactly("x foo foo2");
    assertThat(routes(targeted)).containsExactly("gateway", "foo", "foo2");
    assertThat(executor("foo").asked.element().getHeader().hasTargetExecutor()).isFalse();
    assertThat(targeted.getHeader().hasTargetExecutor()).isFalse();
    assertThat(texts(unbound)).containsExactly("x");
  }

  @Test
  void errorStopsTheChainAndIsTheAnswer() throws Exception {
    Router router = router(List.of(Node.of("a"), Node.of("b", "a"), Node.of("c", "b")), "c");
    executors.put(
        "b",
        new FakeExecutor(
                "b",
                request ->
                    request.toBuilder()
                        .setHeader(
                            request.getHeader().toBuilder()
                                .setStatus(
                                    StatusProto.newBuilder()
                                        .setCode(StatusCode.ERROR)
                                        .setDescription("ValueError('no')")))
                        .build())
            .erring());

    Outcome outcome = outcome(router, Requests.of(ENDPOINT, "x"));

    assertThat(outcome).isInstanceOf(Outcome.Failed.class);
    DataRequestProto answer = outcome.message().toProto();
    assertThat(answer.getHeader().getStatus().getDescription()).isEqualTo("ValueError('no')");
    assertThat(routes(answer)).containsExactly("gateway", "a", "b");
    assertThat(answer.getRoutes(2).getStatus().getCode()).isEqualTo(StatusCode.ERROR);
    assertThat(executor("c").asked).isEmpty();
    assertThat(meters.get("jina.failed.requests").counter().count()).isEqualTo(1);
  }

  @Test
  void unreachableExecutorIsNamedWithItsAddress() throws Exception {
    Router router = router(List.of(Node.of("a"), Node.of("b", "a")), "b");
    executor("b").failing(new FlowException(ErrorCode.UNAVAILABLE, "connection refused"));

    Outcome outcome = outcome(router, Requests.of(ENDPOINT, "x"));

    assertThat(outcome).isInstanceOf(Outcome.Refused.class);
    StatusProto status = outcome.message().header().getStatus();
    assertThat(status.getDescription()).isEqualTo("b at fake://b: connection refused");
    assertThat(status.getException().getName()).isEqualTo("UNAVAILABLE");
    assertThat(status.getException().getExecutor()).isEqualTo("b");
    assertThat(outcome.message().payload().isEmpty()).isTrue();
  }

  @Test
  void theFirstFailedExecutorOfTheGraphIsToldWhicheverFailsFirst() throws Exception {
    Router router = router(List.of(Node.of("a"), Node.of("b"), Node.of("j", "a", "b")), "j");
    executor("a").holding().failing(new FlowException(ErrorCode.INTERNAL, "a is late"));
    executor("b").failing(new FlowException(ErrorCode.UNAVAILABLE, "b is first"));
    List<Outcome> outcomes = new ArrayList<>();
    router.route(Inbound.of(Envelope.from(Requests.of(ENDPOINT, "x"))), outcomes::add);
    assertThat(outcomes).isEmpty();

    executor("a").release();

    assertThat(outcomes).hasSize(1);
    assertThat(((Outcome.Refused) outcomes.getFirst()).cause()).hasMessageContaining("a is late");
    assertThat(executor("j").asked).isEmpty();
  }

  @Test
  void parametersGoToWhomTheyAreFor() throws Exception {
    Router router = router(List.of(Node.of("a"), Node.of("b", "a")), "b");
    Struct nested = Struct.newBuilder().putFields("top_k", number(3)).build();
    Struct parameters =
        Struct.newBuilder()
            .putFields("top_k", number(1))
            .putFields("a__model", text("m"))
            .putFields("other__x", text("gone"))
            .putFields(
                "__results__",
                Value.newBuilder().setStructValue(Struct.getDefaultInstance()).build())
            .putFields("b", Value.newBuilder().setStructValue(nested).build())
            .build();

    DataRequestProto answer =
        answered(router, Requests.with(Requests.of(ENDPOINT, "x"), parameters));

    Map<String, Value> a = executor("a").asked.element().getParameters().getFieldsMap();
    Map<String, Value> b = executor("b").asked.element().getParameters().getFieldsMap();
    assertThat(a).containsEntry("model", text("m")).containsEntry("top_k", number(1));
    assertThat(a).doesNotContainKeys("a__model", "other__x");
    assertThat(b).containsEntry("top_k", number(3)).doesNotContainKeys("model", "a__model");
    assertThat(answer.getParameters()).isEqualTo(parameters);
  }

  @Test
  void resultsOfAllExecutorsAreMerged() throws Exception {
    Router router = router(List.of(Node.of("a"), Node.of("b", "a")), "b");
    executors.put("a", returning("a"));
    executors.put("b", returning("b"));
    Struct parameters = Struct.newBuilder().putFields("k", number(1)).build();

    DataRequestProto answer =
        answered(router, Requests.with(Requests.of(ENDPOINT, "x"), parameters));

    Struct results = answer.getParameters().getFieldsOrThrow("__results__").getStructValue();
    assertThat(results.getFieldsMap()).containsOnlyKeys("a", "b");
    assertThat(answer.getParameters().getFieldsMap()).containsEntry("k", number(1));
  }

  @Test
  void pickledDocumentsAndUnknownFieldsPassABranchingFlowUntouched() throws Exception {
    Router router = router(List.of(Node.of("a"), Node.of("b"), Node.of("join", "a", "b")), "join");
    executors.replaceAll((name, _) -> new FakeExecutor(name, request -> request));
    ByteString payload =
        DataRequestProto.newBuilder()
            .setData(
                DataRequestProto.DataContentProto.newBuilder()
                    .setDocsBytes(ByteString.copyFrom(new byte[] {0, -1, 7})))
            .setUnknownFields(
                com.google.protobuf.UnknownFieldSet.newBuilder()
                    .addField(
                        777,
                        com.google.protobuf.UnknownFieldSet.Field.newBuilder().addVarint(5).build())
                    .build())
            .build()
            .toByteString();
    Envelope request =
        Envelope.of(
                HeaderProto.newBuilder().setExecEndpoint(ENDPOINT).build(),
                Struct.getDefaultInstance())
            .withPayload(payload);
    List<Outcome> outcomes = new ArrayList<>();
    router.route(Inbound.of(request), outcomes::add);

    assertThat(outcomes).singleElement().isInstanceOf(Outcome.Answered.class);
    assertThat(outcomes.getFirst().message().payload()).isEqualTo(payload);
  }

  @Test
  void differentPickledDocumentsCannotBeMerged() throws Exception {
    Router router = router(List.of(Node.of("a"), Node.of("b"), Node.of("j", "a", "b")), "j");
    executors.put("a", new FakeExecutor("a", request -> pickled(request, "one")));
    executors.put("b", new FakeExecutor("b", request -> pickled(request, "two")));

    Outcome outcome = outcome(router, Requests.of(ENDPOINT, "x"));

    assertThat(((Outcome.Refused) outcome).cause().code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(((Outcome.Refused) outcome).cause()).hasMessageContaining("docs_bytes");
  }
}
