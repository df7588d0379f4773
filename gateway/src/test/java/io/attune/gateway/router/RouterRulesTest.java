package io.attune.gateway.router;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.attune.gateway.graph.Node;
import io.attune.gateway.graph.Topology;
import io.attune.gateway.message.Envelope;
import io.attune.proto.jina.DataRequestProto;
import io.attune.proto.jina.HeaderProto;
import io.attune.runtime.CallMetadata;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.ModelVersion;
import io.attune.runtime.Priority;
import io.attune.runtime.testing.Requests;
import io.grpc.Metadata;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What the router stamps, admits and refuses.
class RouterRulesTest extends RouterHarness {
  @Test
  void readsAreStampedWithLiveOrChosenModelsAndWritesWithLiveOnes() throws Exception {
    live = List.of(new ModelVersion("mini", 3), new ModelVersion("other", 1));
    Router router = router(List.of(Node.of("a")), "a");
    CallMetadata said = new CallMetadata(List.of(new ModelVersion("mini", 2)), null, false, 0);

    route(router, "/search", CallMetadata.NONE);
    route(router, "/search", said);
    route(router, "/index", said);

    assertThat(executor("a").headers)
        .extracting(headers -> headers.get(CallMetadata.MODEL))
        .containsExactly("mini@3, other@1", "mini@2, other@1", "mini@3, other@1");
    assertThat(executor("a").headers)
        .extracting(headers -> headers.get(CallMetadata.PRIORITY))
        .containsExactly("interactive", "interactive", "bulk");
    assertThat(executor("a").headers)
        .extracting(headers -> headers.get(CallMetadata.ENDPOINT))
        .containsExactly("/search", "/search", "/index");
  }

  @Test
  void onlySearchesAreStampedAsSearches() throws Exception {
    List<String> identities = new ArrayList<>();
    searching =
        identity -> {
          identities.add(identity);
          return List.of(new ModelVersion("mini", 4));
        };
    live = List.of(new ModelVersion("mini", 3));
    Router router = router(List.of(Node.of("a")), "a");
    CallMetadata ann = new CallMetadata(List.of(), null, false, 0, "ann");

    route(router, "/search", ann);
    route(router, "/index", ann);
    route(router, "/count", ann);
    route(router, "/other", ann);

    assertThat(identities).containsExactly("session ann");
    assertThat(executor("a").headers)
        .extracting(headers -> headers.get(CallMetadata.MODEL))
        .containsExactly("mini@4", "mini@3", "mini@3");
    assertThat(ended).containsExactly(true);
  }

  @Test
  void bulkReadsStayBulkAndWritesNeverBecomeInteractive() throws Exception {
    Router router = router(List.of(Node.of("a")), "a");

    route(router, "/search", new CallMetadata(List.of(), Priority.BULK, false, 0));
    route(router, "/index", new CallMetadata(List.of(), Priority.INTERACTIVE, false, 0));

    assertThat(executor("a").headers)
        .extracting(headers -> headers.get(CallMetadata.PRIORITY))
        .containsExactly("bulk", "bulk");
  }

  @Test
  void adminEndpointsAreRefused() throws Exception {
    Router router = router(List.of(Node.of("a")), "a");

    Outcome outcome = outcome(router, Requests.of("/clear"));

    assertThat(((Outcome.Refused) outcome).cause().code()).isEqualTo(ErrorCode.PERMISSION_DENIED);
    assertThat(executor("a").asked).isEmpty();
  }

  @Test
  void refusesWhatDoesNotFitAtOnce() throws Exception {
    limits = new RouterLimits(1, 1 << 20);
    Router router = router(List.of(Node.of("a")), "a");
    executor("a").holding();
    List<Outcome> outcomes = new ArrayList<>();
    router.route(Inbound.of(Envelope.from(Requests.of(ENDPOINT, "x"))), outcomes::add);

    Outcome second = outcome(router, Requests.of(ENDPOINT, "y"));

    assertThat(((Outcome.Refused) second).cause().code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
    executor("a").release();
    assertThat(outcomes).singleElement().isInstanceOf(Outcome.Answered.class);
    executor("a").holds = false;
    assertThat(outcome(router, Requests.of(ENDPOINT, "z"))).isInstanceOf(Outcome.Answered.class);
  }

  @Test
  void largeRequestsFitAloneAndNotTogether() throws Exception {
    limits = new RouterLimits(10, 100);
    Router router = router(List.of(Node.of("a")), "a");
    executor("a").holding();
    List<Outcome> outcomes = new ArrayList<>();
    router.route(Inbound.of(Envelope.from(Requests.of(ENDPOINT, "x".repeat(1000)))), outcomes::add);

    Outcome second = outcome(router, Requests.of(ENDPOINT, "y"));

    assertThat(((Outcome.Refused) second).cause()).hasMessageContaining("bytes in flight");
    executor("a").release();
    assertThat(outcomes).singleElement().isInstanceOf(Outcome.Answered.class);
  }

  @Test
  void refusesWhileStartingAndStopping() throws Exception {
    Router starting =
        new Router(
            "gateway",
            Topology.of(List.of(), List.of()),
            List.of(),
            LiveModels.none(),
            limits,
            meters,
            Runnable::run);
    starting.waitingFor("waiting for executor a");
    Outcome early = outcome(starting, Requests.of(ENDPOINT));
    assertThat(((Outcome.Refused) early).cause()).hasMessage("gateway: waiting for executor a");

    Router router = router(List.of(Node.of("a")), "a");
    router.drain();
    Outcome late = outcome(router, Requests.of(ENDPOINT));
    assertThat(((Outcome.Refused) late).cause().code()).isEqualTo(ErrorCode.UNAVAILABLE);
  }

  @Test
  void answerThatIsNoMessageIsAFailureOfTheExecutor() throws Exception {
    Router router = router(List.of(Node.of("a")), "a");
    executors.put(
        "a",
        new FakeExecutor("a", request -> request) {
          @Override
          public void call(List<Envelope> parts, Metadata headers, Reply reply) {
            reply.answered(
                new io.attune.runtime.channel.RawAnswer(ByteString.fromHex("0aff"), false));
          }
        });

    Outcome outcome = outcome(router, Requests.of(ENDPOINT, "x"));

    assertThat(((Outcome.Refused) outcome).cause().code()).isEqualTo(ErrorCode.INTERNAL);
    assertThat(((Outcome.Refused) outcome).cause()).hasMessageContaining("a at fake://a");
  }

  @Test
  void requestWithoutAnIdGetsOneThatExecutorsSeeAndTheAnswerCarries() throws Exception {
    Router router = router(List.of(Node.of("a")), "a");
    DataRequestProto request =
        header(Requests.of(ENDPOINT, "x"), HeaderProto.Builder::clearRequestId);

    String first = answered(router, request).getHeader().getRequestId();
    assertThat(first).matches("[0-9a-f]{32}");
    assertThat(executor("a").asked.element().getHeader().getRequestId()).isEqualTo(first);
    assertThat(answered(router, request).getHeader().getRequestId()).isNotEqualTo(first);
    assertThat(
            outcome(router, header(request, h -> h.setExecEndpoint("/clear"))).message().header())
        .as("a refusal has one, too")
        .extracting(HeaderProto::getRequestId)
        .asString()
        .hasSize(32);
  }

  @Test
  void requestIdIsTheCallersWhateverAnExecutorSays() throws Exception {
    Router router = router(List.of(Node.of("a")), "a");
    executors.put(
        "a", new FakeExecutor("a", request -> header(request, h -> h.setRequestId("mine"))));
    DataRequestProto request = Requests.of(ENDPOINT, "x");

    assertThat(answered(router, request).getHeader().getRequestId())
        .isEqualTo(request.getHeader().getRequestId());
  }
}
