package io.attune.indexer.reembed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.NdArray;
import io.attune.runtime.Answer;
import io.attune.runtime.Call;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;
import io.attune.runtime.channel.Address;
import io.attune.runtime.server.ExecutorServer;
import io.attune.runtime.server.ServerOptions;
import io.attune.runtime.testing.TestServer;
import io.grpc.Context;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class EncoderEmbedderTest {
  private static final ModelVersion VERSION = ModelVersion.parse("m@2");
  private static final List<Document> DOCUMENTS = List.of(Document.ofText("a").id("1"));

  private final CountDownLatch ended = new CountDownLatch(1);
  private final AtomicInteger asked = new AtomicInteger();
  private final ExecutorServer hanging = start(this::hang);
  private final ExecutorServer working = start(this::encode);

  private static ExecutorServer start(Function<Call, Answer> encode) {
    return ExecutorServer.start(
        endpoints -> endpoints.read("/encode", encode::apply),
        TestServer.context("encoder"),
        ServerOptions.onPort(0).host("127.0.0.1"));
  }

  private Answer hang(Call call) {
    asked.incrementAndGet();
    try {
      ended.await();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    throw new FlowException(ErrorCode.RESOURCE_EXHAUSTED, "queue: full");
  }

  private Answer encode(Call call) {
    asked.incrementAndGet();
    for (Document document : call.documents()) {
      document.embedding(NdArray.of(new float[] {1, 0}), call.model("m").orElseThrow().toString());
    }
    return Answer.of(DocumentArray.of(call.documents()));
  }

  private static Embedder embedder(Duration patience, ExecutorServer... replicas) {
    List<Address> addresses =
        Stream.of(replicas).map(each -> Address.parse("grpc://127.0.0.1:" + each.port())).toList();
    return EncoderEmbedder.at(addresses, patience).of(VERSION, "");
  }

  @AfterEach
  void close() {
    ended.countDown();
    hanging.close();
    working.close();
  }

  @Test
  void asksAnotherReplicaWhereOneHangs() {
    try (Embedder embedder = embedder(Duration.ofMillis(20), hanging, working)) {
      for (int i = 0; i < 4; i++) {
        assertThat(embedder.embed(DOCUMENTS))
            .first()
            .satisfies(document -> assertThat(document.embedding()).isPresent());
      }
    }
  }

  @Test
  void asksOneOnlyWhereItAnswers() {
    try (Embedder embedder = embedder(Duration.ofMinutes(1), working, working)) {
      assertThat(embedder.embed(DOCUMENTS)).hasSize(1);
      assertThat(asked).hasValue(1);
    }
  }

  @Test
  void failsWhereAllFail() throws InterruptedException {
    try (Embedder embedder = embedder(Duration.ofMillis(20), hanging, hanging)) {
      Thread ending =
          Thread.ofVirtual()
              .start(() -> {
                while (asked.get() < 2) {
                  Thread.onSpinWait();
                }
                ended.countDown();
              });
      assertThatThrownBy(() -> embedder.embed(DOCUMENTS))
          .isInstanceOfSatisfying(
              FlowException.class,
              failure -> assertThat(failure.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED));
      assertThat(ending.join(Duration.ofSeconds(30))).isTrue();
    }
  }

  @Test
  void whatHangsEverywhereEndsWhenItIsNotWantedAnyMore() throws InterruptedException {
    try (Embedder embedder = embedder(Duration.ofMillis(20), hanging, hanging)) {
      Context.CancellableContext context = Context.ROOT.withCancellation();
      CountDownLatch failed = new CountDownLatch(1);
      Thread.ofVirtual()
          .start(
              context.wrap(() -> {
                try {
                  embedder.embed(DOCUMENTS);
                } catch (FlowException _) {
                  failed.countDown();
                }
              }));
      while (asked.get() < 2) {
        Thread.sleep(1);
      }
      context.cancel(null);
      assertThat(failed.await(30, TimeUnit.SECONDS)).isTrue();
    }
  }
}
