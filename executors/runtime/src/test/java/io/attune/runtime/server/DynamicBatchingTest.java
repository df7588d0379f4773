package io.attune.runtime.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.proto.jina.DataRequestListProto;
import io.attune.proto.jina.DataRequestProto;
import io.attune.proto.jina.StatusProto;
import io.attune.runtime.Answer;
import io.attune.runtime.Call;
import io.attune.runtime.CallMetadata;
import io.attune.runtime.Endpoints;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.Executor;
import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;
import io.attune.runtime.batching.BatchMeter;
import io.attune.runtime.batching.SizeOrTimeout;
import io.attune.runtime.channel.ExecutorChannel;
import io.attune.runtime.channel.RawAnswer;
import io.attune.runtime.testing.EchoExecutor;
import io.attune.runtime.testing.Requests;
import io.attune.runtime.testing.TestServer;
import io.grpc.Metadata;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DynamicBatchingTest {
  private static final Duration NEVER = Duration.ofHours(1);

  private final List<Call> calls = Collections.synchronizedList(new ArrayList<>());
  private final List<AutoCloseable> opened = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : opened.reversed()) {
      each.close();
    }
  }

  @Test
  void documentsOfSeveralRequestsGoToTheMethodInOneCall() throws Exception {
    ExecutorChannel channel = channel(sized(4));
    CompletableFuture<RawAnswer> one = send(channel, Requests.of("/shout", "a", "b"));
    CompletableFuture<RawAnswer> two = send(channel, Requests.of("/shout", "c", "d"));

    assertThat(texts(one)).containsExactly("a!", "b!");
    assertThat(texts(two)).containsExactly("c!", "d!");
    assertThat(calls).singleElement().returns(4, call -> call.documents().size());
    assertThat(calls.getFirst().requestId()).isEmpty();
    assertThat(calls.getFirst().deadline()).isNull();
  }

  @Test
  void aLargeRequestIsAnsweredOutOfSeveralBatches() throws Exception {
    ExecutorChannel channel = channel(sized(3));
    CompletableFuture<RawAnswer> answer =
        send(channel, Requests.of("/shout", "a", "b", "c", "d", "e", "f", "g"));

    assertThat(texts(answer)).containsExactly("a!", "b!", "c!", "d!", "e!", "f!", "g!");
    assertThat(calls)
        .extracting(call -> call.documents().size())
        .containsExactlyInAnyOrder(3, 3, 1);
  }

  @Test
  void flushAllMakesOneBatchOfAllThatWaits() throws Exception {
    ExecutorChannel channel = channel(Map.of("/shout", new SizeOrTimeout(3, NEVER, true)));
    assertThat(texts(send(channel, Requests.of("/shout", "a", "b", "c", "d", "e"))))
        .containsExactly("a!", "b!", "c!", "d!", "e!");
    assertThat(calls).extracting(call -> call.documents().size()).containsExactly(5);
  }

  @Test
  void aBatchThatStaysSmallLeavesAfterItsTime() throws Exception {
    ExecutorChannel channel =
        channel(Map.of("/shout", new SizeOrTimeout(100, Duration.ofMillis(1), false)));
    assertThat(texts(send(channel, Requests.of("/shout", "a")))).containsExactly("a!");
  }

  @Test
  void otherParametersOrModelsOrPrioritiesAreAnotherBatch() throws Exception {
    ExecutorChannel channel = channel(sized(2));
    Metadata stamped = headers(new CallMetadata(List.of(new ModelVersion("m", 2)), null, false, 0));
    List<CompletableFuture<RawAnswer>> alone =
        List.of(
            send(channel, Requests.of("/shout", "a")),
            send(channel, with(Requests.of("/shout", "b"), "k", 1)),
            channel.send(Requests.of("/shout", "c").toByteString(), stamped));
    CompletableFuture<RawAnswer> partner = send(channel, with(Requests.of("/shout", "d"), "k", 1));

    assertThat(texts(partner)).containsExactly("d!");
    assertThat(texts(alone.get(1))).containsExactly("b!");
    assertThat(calls).singleElement().returns("{k=1.0}", DynamicBatchingTest::parameters);
    assertThat(alone.get(0)).isNotDone();
    assertThat(alone.get(2)).isNotDone();

    assertThat(texts(channel.send(Requests.of("/shout", "e").toByteString(), stamped)))
        .containsExactly("e!");
    assertThat(calls.getLast().models()).containsExactly(new ModelVersion("m", 2));
    assertThat(calls.getLast().parameters().struct().getFieldsMap()).isEmpty();
    assertThat(alone.get(0)).isNotDone();
  }

  @Test
  void endpointsThatShareTheDefaultMethodShareNoBatch() throws Exception {
    ExecutorChannel channel = channel(Map.of("/default", new SizeOrTimeout(2, NEVER, false)));
    CompletableFuture<RawAnswer> one = send(channel, Requests.of("/one", "a"));
    CompletableFuture<RawAnswer> other = send(channel, Requests.of("/other", "b"));
    CompletableFuture<RawAnswer> oneToo = send(channel, Requests.of("/one", "c"));

    assertThat(texts(one)).containsExactly("a!");
    assertThat(texts(oneToo)).containsExactly("c!");
    assertThat(other).isNotDone();
    assertThat(calls).extracting(Call::endpoint).containsExactly("/one");
  }

  @Test
  void anEndpointWithoutBatchingIsCalledAtOnce() throws Exception {
    ExecutorChannel channel = channel(sized(100));
    assertThat(texts(send(channel, Requests.of("/plain", "a")))).containsExactly("a!");
    assertThat(texts(send(channel, Requests.of("/shout")))).as("nothing to wait for").isEmpty();
  }

  @Test
  void aFailedBatchFailsItsRequestsAndNoOthers() throws Exception {
    ExecutorChannel channel = channel(sized(2));
    CompletableFuture<RawAnswer> good = send(channel, Requests.of("/shout", "a"));
    CompletableFuture<RawAnswer> bad = send(channel, Requests.of("/shout", "bug"));
    assertThat(status(good).getException().getName()).isEqualTo("INTERNAL");
    assertThat(status(bad).getDescription()).contains("a bug");

    CompletableFuture<RawAnswer> next = send(channel, Requests.of("/shout", "c", "d"));
    assertThat(texts(next)).containsExactly("c!", "d!");
  }

  @Test
  void aBatchMustAnswerOneDocumentForEachAndNoResultsButTheModel() throws Exception {
    ExecutorChannel channel =
        channel(
            Map.of(
                "/drop", new SizeOrTimeout(1, NEVER, false),
                "/count", new SizeOrTimeout(1, NEVER, false),
                "/model", new SizeOrTimeout(1, NEVER, false)));
    assertThat(status(send(channel, Requests.of("/drop", "a"))).getDescription())
        .isEqualTo("/drop: 0 documents for 1 in a batch (expected: as many, in order)");
    assertThat(status(send(channel, Requests.of("/count", "a"))).getDescription())
        .isEqualTo(
            "/count: result count of a batch (expected: none but model, or no dynamic_batching)");
    DataRequestProto answer = answer(send(channel, Requests.of("/model", "a")));
    assertThat(answer.getParameters().toString()).contains("m@2");
  }

  @Test
  void aCallerThatLeavesTakesItsDocumentsOutOfTheBatch() throws Exception {
    TestServer server = serve(sized(2), UnaryOperator.identity());
    ExecutorChannel channel = open(server);
    CompletableFuture<RawAnswer> left = send(channel, Requests.of("/shout", "a"));
    awaitWaiting(1);
    left.cancel(true);
    awaitWaiting(0);
    CompletableFuture<RawAnswer> stays = send(channel, Requests.of("/shout", "b"));
    awaitWaiting(1);
    assertThat(stays).isNotDone();
    assertThat(texts(send(channel, Requests.of("/shout", "c")))).containsExactly("c!");
    assertThat(texts(stays)).containsExactly("b!");
  }

  @Test
  void joinersThatDoNotReduceAreNotBatched() {
    TestServer server = serve(sized(100), UnaryOperator.identity());
    DataRequestListProto parts =
        DataRequestListProto.newBuilder()
            .addRequests(Requests.of("/shout", "a"))
            .addRequests(Requests.of("/shout", "b"))
            .build();
    assertThat(Requests.documents(server.joined().processData(parts)))
        .extracting(Document::text)
        .containsExactly("a!", "b!");
  }

  @Test
  void stoppingFlushesWhatWaits() throws Exception {
    TestServer server = serve(sized(100), UnaryOperator.identity());
    ExecutorChannel channel = open(server);
    CompletableFuture<RawAnswer> waiting = send(channel, Requests.of("/shout", "a"));
    awaitWaiting(1);
    server.server().close();
    assertThat(texts(waiting)).containsExactly("a!");
  }

  @Test
  void namesAreThoseOfEndpointsOrPythonMethods() throws Exception {
    ExecutorChannel channel = channel(Map.of("shout", new SizeOrTimeout(2, NEVER, false)));
    CompletableFuture<RawAnswer> one = send(channel, Requests.of("/shout", "a"));
    assertThat(texts(send(channel, Requests.of("/shout", "b")))).containsExactly("b!");
    assertThat(texts(one)).containsExactly("a!");

    ServerOptions options = ServerOptions.inProcess("unknown").batching(sized(2));
    assertThatThrownBy(() ->
            ExecutorServer.start(new EchoExecutor(), TestServer.context("executor0"), options))
        .isInstanceOf(FlowException.class)
        .hasMessage(
            "dynamic_batching: /shout (expected: one of /echo, /count, /parameters, /index, /clear)");
  }

  private static Map<String, SizeOrTimeout> sized(int size) {
    return Map.of("/shout", new SizeOrTimeout(size, NEVER, false));
  }

  private ExecutorChannel channel(Map<String, SizeOrTimeout> batching) {
    return open(serve(batching, UnaryOperator.identity()));
  }

  private TestServer serve(
      Map<String, SizeOrTimeout> batching, UnaryOperator<ServerOptions> changed) {
    TestServer server =
        TestServer.of(
            new Shouting(), context, options -> changed.apply(options.batching(batching)));
    opened.add(server);
    return server;
  }

  private final io.attune.runtime.ExecutorContext context = TestServer.context("executor0");

  private ExecutorChannel open(TestServer server) {
    ExecutorChannel channel = ExecutorChannel.open(server.address());
    opened.add(channel);
    return channel;
  }

  /// Waits until so many documents are in the queue.
  private void awaitWaiting(int documents) {
    MeterRegistry meters = context.meters();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    double waiting;
    do {
      waiting =
          meters.get(BatchMeter.WAITING_ITEMS.key()).gauges().stream()
              .mapToDouble(Gauge::value)
              .sum();
      Thread.onSpinWait();
    } while (waiting != documents && System.nanoTime() < end);
    assertThat(waiting).isEqualTo(documents);
  }

  private static CompletableFuture<RawAnswer> send(
      ExecutorChannel channel, DataRequestProto request) {
    return channel.send(request.toByteString(), new Metadata());
  }

  private static DataRequestProto answer(CompletableFuture<RawAnswer> answer) throws Exception {
    return DataRequestProto.parseFrom(answer.get(30, TimeUnit.SECONDS).message());
  }

  private static List<String> texts(CompletableFuture<RawAnswer> answer) throws Exception {
    DataRequestProto message = answer(answer);
    assertThat(message.getHeader().hasStatus()).as(message.getHeader().toString()).isFalse();
    return Requests.documents(message).stream().map(Document::text).toList();
  }

  private static StatusProto status(CompletableFuture<RawAnswer> answer) throws Exception {
    return answer(answer).getHeader().getStatus();
  }

  private static Metadata headers(CallMetadata said) {
    Metadata headers = new Metadata();
    said.writeTo(headers);
    return headers;
  }

  private static DataRequestProto with(DataRequestProto request, String key, double number) {
    Value value = Value.newBuilder().setNumberValue(number).build();
    return request.toBuilder().setParameters(Struct.newBuilder().putFields(key, value)).build();
  }

  private static String parameters(Call call) {
    Map<String, Double> numbers = new java.util.TreeMap<>();
    call.parameters()
        .struct()
        .getFieldsMap()
        .forEach((key, value) -> numbers.put(key, value.getNumberValue()));
    return numbers.toString();
  }

  /// Adds an exclamation mark.
  private final class Shouting implements Executor {
    @Override
    public void bind(Endpoints endpoints) {
      endpoints
          .read("/shout", this::shout)
          .read("/plain", this::shout)
          .read("/default", this::shout)
          .read("/drop", call -> Answer.of(DocumentArray.of()))
          .read("/count", DynamicBatchingTest::count)
          .read("/model", call -> Answer.unchanged().withModel(new ModelVersion("m", 2)));
    }

    private Answer shout(Call call) {
      calls.add(call);
      for (Document document : call.documents()) {
        if (document.text().equals("bug")) {
          throw new FlowException(ErrorCode.INTERNAL, "a bug");
        }
        document.text(document.text() + "!");
      }
      return Answer.unchanged();
    }
  }

  private static Answer count(Call call) {
    Value count = Value.newBuilder().setNumberValue(call.documents().size()).build();
    return Answer.results(Struct.newBuilder().putFields("count", count).build());
  }
}
