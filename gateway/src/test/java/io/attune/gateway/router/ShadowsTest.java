package io.attune.gateway.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.gateway.graph.Node;
import io.attune.gateway.message.Envelope;
import io.attune.proto.jina.DataRequestProto;
import io.attune.runtime.CallMetadata;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;
import io.attune.runtime.testing.Requests;
import io.grpc.Context;
import io.grpc.Metadata;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What the router asks again, and when.
class ShadowsTest extends RouterHarness {
  private static final ModelVersion OLD = new ModelVersion("mini", 1);
  private static final ModelVersion NEW = new ModelVersion("mini", 2);

  private final Told told = new Told();

  /// A trial that goes on until it is over.
  private static final class Told implements LiveModels.Shadow {
    private final List<Double> agreed = new ArrayList<>();
    private final List<Boolean> ended = new CopyOnWriteArrayList<>();
    private int dropped;
    private final AtomicInteger held = new AtomicInteger();
    private boolean isOver;

    @Override
    public LiveModels.@Nullable Stamp stamp() {
      if (isOver) {
        return null;
      }
      held.incrementAndGet();
      return new LiveModels.Stamp() {
        @Override
        public List<ModelVersion> models() {
          return List.of(NEW);
        }

        @Override
        public void hold() {
          held.incrementAndGet();
        }

        @Override
        public void release() {
          held.decrementAndGet();
        }

        @Override
        public void ended(boolean isAnswered, long nanos) {
          ended.add(isAnswered);
        }
      };
    }

    @Override
    public void agreed(double share) {
      agreed.add(share);
    }

    @Override
    public void dropped() {
      dropped++;
    }
  }

  @BeforeEach
  void shadows() {
    live = List.of(OLD);
    searching = _ -> List.of(OLD);
    shadow = told;
  }

  /// An executor that finds some documents, numbered from another number on in each call.
  private static FakeExecutor finding(String name, int found, int... firsts) {
    int[] call = {0};
    return new FakeExecutor(
        name, request -> found(request, found, firsts[Math.min(call[0]++, firsts.length - 1)]));
  }

  /// An executor that finds fewer documents in the second call.
  private static FakeExecutor findingFewer(String name, int found, int later) {
    int[] call = {0};
    return new FakeExecutor(name, request -> found(request, call[0]++ == 0 ? found : later, 0));
  }

  private static DataRequestProto found(DataRequestProto request, int found, int first) {
    DocumentArray documents = Requests.documents(request);
    for (Document document : documents) {
      List<Document> matches = new ArrayList<>();
      for (int i = first; i < first + found; i++) {
        matches.add(Document.ofText("").id("d" + i));
      }
      document.matches(matches);
    }
    return with(request, documents);
  }

  private Router routing(FakeExecutor executor) {
    Router router = router(List.of(Node.of("a")), "a");
    executors.put("a", executor);
    return router;
  }

  private static DataRequestProto search() {
    return Requests.of(ENDPOINT, "x");
  }

  @Test
  void asksAgainAfterTheAnswerAsBulkWorkAndWithoutImpressions() throws Exception {
    FakeExecutor executor = finding("a", 12, 0, 3);
    Router router = routing(executor);
    List<Integer> asked = new ArrayList<>();
    router.route(Inbound.of(Envelope.from(search())), outcome -> asked.add(executor.asked.size()));

    assertThat(asked).containsExactly(1);
    assertThat(executor.headers)
        .extracting(headers -> headers.get(CallMetadata.MODEL))
        .containsExactly("mini@1", "mini@2");
    assertThat(executor.headers)
        .extracting(headers -> headers.get(CallMetadata.PRIORITY))
        .containsExactly("interactive", "bulk");
    List<DataRequestProto> sent = List.copyOf(executor.asked);
    assertThat(sent.get(0).getParameters().getFieldsMap()).doesNotContainKey("impressions");
    assertThat(sent.get(1).getParameters().getFieldsOrThrow("impressions").getBoolValue())
        .isFalse();
    assertThat(sent.get(1).getParameters().getFieldsMap()).doesNotContainKey("__results__");
    assertThat(sent.get(1).getData()).isEqualTo(sent.get(0).getData());
    assertThat(told.agreed).containsExactly(0.7); // 0..9 and 3..12
    assertThat(told.ended).containsExactly(true);
    assertThat(told.held).hasValue(0);
  }

  @Test
  void comparesTheLongerListWhereThereAreFewAndNothingWhereThereIsNone() throws Exception {
    Router router = routing(finding("a", 4, 0, 2));
    answered(router, search());
    assertThat(told.agreed).containsExactly(0.5);

    executors.put("a", findingFewer("a", 4, 2));
    answered(router, search());
    assertThat(told.agreed).containsExactly(0.5, 0.5);

    executors.put("a", finding("a", 0, 0));
    answered(router, search());
    assertThat(told.agreed).hasSize(2);
    assertThat(told.ended).containsExactly(true, true, true);
  }

  @Test
  void asksNothingAgainThatIsNoSearchOrFailed() throws Exception {
    Router router = routing(finding("a", 1, 0));
    route(router, "/index", CallMetadata.NONE);
    route(router, "/count", CallMetadata.NONE);
    assertThat(executor("a").asked).hasSize(2);

    executors.put(
        "a", finding("a", 1, 0).failing(new FlowException(ErrorCode.UNAVAILABLE, "away")));
    outcome(router, search());
    assertThat(executor("a").asked).hasSize(1);
    assertThat(told.ended).isEmpty();
  }

  @Test
  void countsAnErrorOfTheNewVersion() throws Exception {
    FakeExecutor executor = finding("a", 1, 0).holding();
    Router router = routing(executor);
    route(router, ENDPOINT, CallMetadata.NONE);
    executor.release();
    executor.erring();
    executor.release();
    assertThat(told.ended).containsExactly(false);
    assertThat(told.agreed).isEmpty();
    assertThat(told.held).hasValue(0);
  }

  /// An executor that answers the old version's calls, and hangs in all others until the caller
  /// gives up, which it hears of as a channel does.
  private static FakeExecutor hanging(String name) {
    return new FakeExecutor(name, request -> found(request, 1, 0)) {
      @Override
      public void call(List<Envelope> parts, Metadata headers, Reply reply) {
        if (OLD.toString().equals(headers.get(CallMetadata.MODEL))) {
          super.call(parts, headers, reply);
        } else {
          Context.current()
              .addListener(
                  given ->
                      reply.failed(
                          new FlowException(
                              ErrorCode.DEADLINE_EXCEEDED,
                              String.valueOf(given.cancellationCause()))),
                  Runnable::run);
        }
      }
    };
  }

  @Test
  @Timeout(20)
  void countsAnErrorOfTheNewVersionWhereItHangsAndGoesOn() throws Exception {
    limits = new RouterLimits(100, 1 << 20, Duration.ofMillis(20));
    Router router = routing(hanging("a"));
    for (int i = 0; i < 5; i++) {
      answered(router, search());
    }
    while (told.ended.size() < 5 || told.held.get() > 0) {
      Thread.sleep(1);
    }
    assertThat(told.ended).containsOnly(false);
    assertThat(told.agreed).isEmpty();
    assertThat(told.dropped).isZero();
    assertThat(router.awaitIdle(Duration.ofSeconds(5))).isTrue();
  }

  @Test
  @Timeout(20)
  void theLimitOfThoseUnderWayStandsWhenTheGatewayStops() throws Exception {
    limits = new RouterLimits(100, 1 << 20, Duration.ofSeconds(1)); // not over before it stops
    Router router = routing(hanging("a"));
    answered(router, search());
    router.drain();
    assertThat(router.awaitIdle(Duration.ofSeconds(10))).isTrue();
    assertThat(told.ended).containsExactly(false);
  }

  @Test
  void dropsWhatComesWhileTooManyWait() throws Exception {
    FakeExecutor executor = finding("a", 1, 0);
    Router router = routing(executor);
    executor.holding();
    int searches = 100;
    for (int i = 0; i < searches; i++) {
      route(router, ENDPOINT, CallMetadata.NONE);
    }
    for (int i = 0; i < searches; i++) {
      executor.release();
    }
    assertThat(executor.asked).hasSize(searches + 2);
    assertThat(told.dropped).isEqualTo(searches - 2 - 64);
    for (int i = 0; i < 66; i++) {
      executor.release();
    }
    assertThat(executor.asked).hasSize(searches + 66);
    assertThat(told.ended).hasSize(66);
    assertThat(told.held).hasValue(0);
  }

  @Test
  void forgetsWhatWaitsOnceTheTrialIsOverOrTheGatewayStops() throws Exception {
    FakeExecutor executor = finding("a", 1, 0);
    Router router = routing(executor);
    executor.holding();
    for (int i = 0; i < 8; i++) {
      route(router, ENDPOINT, CallMetadata.NONE);
    }
    for (int i = 0; i < 8; i++) {
      executor.release();
    }
    told.isOver = true;
    executor.release();
    executor.release();
    assertThat(executor.asked).hasSize(10);
    told.isOver = false;
    for (int i = 0; i < 4; i++) {
      route(router, ENDPOINT, CallMetadata.NONE);
    }
    for (int i = 0; i < 4; i++) {
      executor.release();
    }
    assertThat(executor.asked).hasSize(16);
    router.drain();
    executor.release();
    executor.release();
    assertThat(executor.asked).hasSize(16);
    assertThat(router.awaitIdle(Duration.ofSeconds(5))).isTrue();
  }
}
