package io.attune.gateway.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.document.Document;
import io.attune.gateway.TestFlow;
import io.attune.proto.jina.DataRequestProto;
import io.attune.runtime.Answer;
import io.attune.runtime.Call;
import io.attune.runtime.CallMetadata;
import io.attune.runtime.testing.EchoExecutor;
import io.attune.runtime.testing.GatedExecutor;
import io.attune.runtime.testing.Requests;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RequestStreamTest {
  private final Map<String, CountDownLatch> gates =
      Map.of("a", new CountDownLatch(1), "b", new CountDownLatch(1), "c", new CountDownLatch(1));

  @Test
  void answersComeAsTheyAreReady() throws Exception {
    try (TestFlow flow = TestFlow.of(endpoints -> endpoints.read("/wait", this::await))) {
      Caller caller = new Caller(flow, new Metadata());
      caller.send("/wait", "a", "b", "c");
      open("b");
      assertThat(caller.next()).isEqualTo("b");
      open("c");
      assertThat(caller.next()).isEqualTo("c");
      open("a");
      assertThat(caller.next()).isEqualTo("a");
      caller.finish();
    }
  }

  @Test
  void answersComeInTheOrderOfRequestsWhereAskedFor() throws Exception {
    try (TestFlow flow = TestFlow.of(endpoints -> endpoints.read("/wait", this::await))) {
      Metadata ordered = new Metadata();
      ordered.put(CallMetadata.RESULTS_IN_ORDER, "true");
      Caller caller = new Caller(flow, ordered);
      caller.send("/wait", "a", "b", "c");
      open("c");
      open("b");
      // a request of another stream that is answered shows that those two had their time
      flow.single().processSingleData(Requests.of("/nobody"));
      assertThat(caller.answers).isEmpty();
      open("a");
      assertThat(List.of(caller.next(), caller.next(), caller.next()))
          .containsExactly("a", "b", "c");
      caller.finish();
    }
  }

  @Test
  void noMoreRequestsAreUnderWayThanTheCallerAsksFor() throws Exception {
    Metadata prefetch = new Metadata();
    prefetch.put(CallMetadata.PREFETCH, "3");
    GatedExecutor gated = new GatedExecutor();
    try (TestFlow flow = TestFlow.of(gated)) {
      assertBounded(flow, gated, prefetch);
    }
  }

  @Test
  void noMoreRequestsAreUnderWayThanTheFlowAllows() throws Exception {
    String yaml =
        TestFlow.PORTS.replace("host:", "prefetch: 3, host:")
            + "executors: [{name: one, uses: Test}]";
    GatedExecutor gated = new GatedExecutor();
    try (TestFlow flow = TestFlow.start(yaml, gated)) {
      assertBounded(flow, gated, new Metadata());
    }
  }

  private static void assertBounded(TestFlow flow, GatedExecutor gated, Metadata headers)
      throws Exception {
    Caller caller = new Caller(flow, headers);
    caller.send("/any", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10");
    gated.awaitArrivals(3);
    assertThat(gated.arrivals()).isZero();
    gated.open(1);
    gated.awaitArrivals(1);
    assertThat(gated.arrivals()).isZero();
    gated.open(9);
    for (int i = 0; i < 10; i++) {
      caller.next();
    }
    caller.finish();
  }

  @Test
  void aRefusalIsAnAnswerAndTheStreamGoesOn() throws Exception {
    try (TestFlow flow = TestFlow.of(new EchoExecutor())) {
      Caller caller = new Caller(flow, new Metadata());
      caller.send("/echo", "a");
      assertThat(caller.next()).isEqualTo("a");
      caller.send("/clear", "b");
      DataRequestProto refused = caller.answer();
      assertThat(refused.getHeader().getStatus().getException().getName())
          .isEqualTo("PERMISSION_DENIED");
      caller.send("/echo", "c");
      assertThat(caller.next()).isEqualTo("c");
      caller.finish();
    }
  }

  @Test
  void thereIsExactlyOneAnswerToEachRequest() throws Exception {
    try (TestFlow flow = TestFlow.of(new EchoExecutor())) {
      Caller caller = new Caller(flow, new Metadata());
      Set<String> ids = new HashSet<>();
      for (int i = 0; i < 2_000; i++) {
        DataRequestProto request = Requests.of(i % 3 == 0 ? "/clear" : "/echo", "text " + i);
        ids.add(request.getHeader().getRequestId());
        caller.requests.onNext(request);
      }
      caller.finish();
      assertThat(caller.answers).hasSize(2_000);
      assertThat(caller.answers)
          .extracting(answer -> answer.getHeader().getRequestId())
          .containsExactlyInAnyOrderElementsOf(ids);
    }
  }

  private Answer await(Call call) throws InterruptedException {
    gate(call.documents().getFirst().text()).await();
    return Answer.unchanged();
  }

  private void open(String text) {
    gate(text).countDown();
  }

  private CountDownLatch gate(String text) {
    CountDownLatch gate = gates.get(text);
    if (gate == null) {
      throw new AssertionError(text);
    }
    return gate;
  }

  /// One stream.
  private static final class Caller implements StreamObserver<DataRequestProto> {
    private final BlockingQueue<DataRequestProto> answers = new LinkedBlockingQueue<>();
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private final StreamObserver<DataRequestProto> requests;

    Caller(TestFlow flow, Metadata headers) {
      requests =
          flow.stream()
              .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
              .call(this);
    }

    void send(String endpoint, String... texts) {
      for (String text : texts) {
        requests.onNext(Requests.of(endpoint, text));
      }
    }

    DataRequestProto answer() throws InterruptedException {
      DataRequestProto answer = answers.poll(30, TimeUnit.SECONDS);
      if (answer == null) {
        throw new AssertionError("no answer within 30 s");
      }
      return answer;
    }

    /// The text of the next answer's document.
    String next() throws InterruptedException {
      List<Document> documents = Requests.documents(answer());
      return documents.getFirst().text();
    }

    /// Ends the stream and waits for its end.
    void finish() throws Exception {
      requests.onCompleted();
      end.get(30, TimeUnit.SECONDS);
    }

    @Override
    public void onNext(DataRequestProto answer) {
      answers.add(answer);
    }

    @Override
    public void onError(Throwable failure) {
      end.completeExceptionally(failure);
    }

    @Override
    public void onCompleted() {
      end.complete(null);
    }
  }
}
