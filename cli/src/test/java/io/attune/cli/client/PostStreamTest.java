package io.attune.cli.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import io.attune.document.Document;
import io.attune.proto.jina.DataRequestProto;
import io.attune.proto.jina.JinaRPCGrpc.JinaRPCImplBase;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.error.Failures;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What a client does with a gateway that refuses, against one that this test scripts.
class PostStreamTest {
  private final Gateway gateway = new Gateway();
  private Server server;
  private FlowClient client;

  @BeforeEach
  void start() throws IOException {
    server =
        Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
            .addService(gateway)
            .build()
            .start();
    client = FlowClient.connect("localhost:" + server.getPort());
  }

  @AfterEach
  void stop() {
    client.close();
    server.shutdownNow();
  }

  /// Answers requests of one document, one after the other.
  private static final class Gateway extends JinaRPCImplBase {
    private final List<String> done = new CopyOnWriteArrayList<>();
    private volatile String refused = "";
    private final AtomicInteger refusals = new AtomicInteger();
    private volatile String slow = "";
    private volatile boolean metAnother;

    @Override
    public StreamObserver<DataRequestProto> call(StreamObserver<DataRequestProto> answers) {
      ExecutorService inOrder = Executors.newSingleThreadExecutor();
      return new StreamObserver<>() {
        private CountDownLatch another = new CountDownLatch(0);

        @Override
        public void onNext(DataRequestProto request) {
          another.countDown();
          CountDownLatch next = new CountDownLatch(1);
          another = next;
          inOrder.execute(() -> answer(request, next));
        }

        private void answer(DataRequestProto request, CountDownLatch next) {
          String text = request.getData().getDocs().getDocs(0).getText();
          if (text.equals(slow)) {
            metAnother = comes(next);
          }
          if (text.equals(refused) && refusals.getAndDecrement() > 0) {
            FlowException full = new FlowException(ErrorCode.RESOURCE_EXHAUSTED, "queue: full");
            answers.onNext(Failures.answer(request, full, "gateway"));
            return;
          }
          done.add(text);
          answers.onNext(request);
        }

        @Override
        public void onError(Throwable failure) {
          inOrder.shutdownNow();
        }

        @Override
        public void onCompleted() {
          inOrder.execute(answers::onCompleted);
          inOrder.shutdown();
        }
      };
    }
  }

  /// Whether the next request comes; one that is held back does not, however long this waits.
  private static boolean comes(CountDownLatch next) {
    try {
      return next.await(300, TimeUnit.MILLISECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static Document document(String id, String text) {
    return Document.ofText(text).id(id);
  }

  private List<String> post(Document... documents) {
    List<String> answered = new ArrayList<>();
    client.post(
        "/index",
        List.of(documents).iterator(),
        Struct.getDefaultInstance(),
        1,
        answer -> {
          assertThat(answer.request().getData()).isEqualTo(answer.message().getData());
          answered.add(answer.documents().get(0).text());
        });
    return answered;
  }

  @Test
  void answersComeInTheOrderOfTheRequestsWhereOneWasRefused() {
    gateway.refused = "one";
    gateway.refusals.set(2);
    assertThat(post(document("a", "one"), document("b", "two"), document("c", "three")))
        .containsExactly("one", "two", "three");
    assertThat(gateway.done).containsExactlyInAnyOrder("one", "two", "three");
  }

  @Test
  void aRefusedWriteIsNotOvertakenByALaterOneOfItsId() {
    gateway.refused = "old";
    gateway.refusals.set(1);
    assertThat(post(document("a", "old"), document("b", "other"), document("a", "new")))
        .containsExactly("old", "other", "new");
    assertThat(gateway.done.indexOf("old")).isLessThan(gateway.done.indexOf("new"));
  }

  @Test
  void aRequestWaitsForTheOneThatHasAnIdOfIt() {
    gateway.slow = "old";
    assertThat(post(document("a", "old"), document("a", "new"))).containsExactly("old", "new");
    assertThat(gateway.metAnother).isFalse();
  }

  @Test
  void aRequestDoesNotWaitForOneOfOtherIds() {
    gateway.slow = "one";
    assertThat(post(document("a", "one"), document("b", "two"))).hasSize(2);
    assertThat(gateway.metAnother).isTrue();
  }
}
