package io.attune.encoder;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.NdArray;
import io.attune.runtime.Access;
import io.attune.runtime.Answer;
import io.attune.runtime.Call;
import io.attune.runtime.Endpoints;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.Handler;
import io.attune.runtime.ModelVersion;
import io.attune.runtime.Parameters;
import io.attune.runtime.Priority;
import io.attune.runtime.process.ProcessPriority;
import io.grpc.Context;
import io.grpc.Deadline;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The executor's endpoints with models made for the test: a test for each thing that a request may
/// ask for, or be refused for, so that it is long.
@Timeout(60)
class EncoderTest {
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final FakeModel first = new FakeModel("m", 1);
  private final FakeModel second = new FakeModel("m", 2);
  private final Map<String, Handler> handlers = new HashMap<>();
  private final Map<String, Access> access = new HashMap<>();
  private Encoder encoder =
      new Encoder("encoder", first, EncoderOptions.from(Parameters.EMPTY), meters);

  @BeforeEach
  void bind() {
    encoder.bind(
        new Endpoints() {
          @Override
          public Endpoints bind(String endpoint, Access declared, Handler handler) {
            handlers.put(endpoint, handler);
            access.put(endpoint, declared);
            return this;
          }
        });
  }

  @AfterEach
  void close() {
    first.gate.countDown();
    encoder.close();
  }

  private static Value value(Object plain) {
    return switch (plain) {
      case String text -> Value.newBuilder().setStringValue(text).build();
      case Boolean truth -> Value.newBuilder().setBoolValue(truth).build();
      case Number number -> Value.newBuilder().setNumberValue(number.doubleValue()).build();
      default -> throw new IllegalArgumentException(plain.toString());
    };
  }

  private static Parameters parameters(Object... pairs) {
    Struct.Builder struct = Struct.newBuilder();
    for (int i = 0; i < pairs.length; i += 2) {
      struct.putFields((String) pairs[i], value(pairs[i + 1]));
    }
    return new Parameters(struct.build());
  }

  private Answer call(Call call) throws Exception {
    String bound = handlers.containsKey(call.endpoint()) ? call.endpoint() : "/default";
    return requireNonNull(handlers.get(bound)).handle(call);
  }

  private Answer call(String endpoint, DocumentArray documents, Object... pairs) throws Exception {
    return call(Call.of(endpoint, documents, parameters(pairs)));
  }

  private Answer call(String endpoint, DocumentArray documents, List<ModelVersion> models)
      throws Exception {
    return call(
        new Call(
            endpoint,
            "",
            documents,
            Parameters.EMPTY,
            models,
            Priority.INTERACTIVE,
            null,
            Context.ROOT));
  }

  private static DocumentArray texts(String... texts) {
    DocumentArray documents = DocumentArray.of();
    for (String text : texts) {
      documents.add(Document.ofText(text));
    }
    return documents;
  }

  private static float[] vector(Document document) {
    return document.embedding().orElseThrow().floats();
  }

  private static Object result(Answer answer, String name) {
    Value value = answer.results().getFieldsOrThrow(name);
    return value.hasStringValue() ? value.getStringValue() : value.getNumberValue();
  }

  private double count(EncoderMeter meter) {
    return meters.get(meter.key()).tag("executor", "encoder").counter().count();
  }

  @Test
  void marksEveryEmbeddingWithTheSpaceAndTellsTheVersion() throws Exception {
    DocumentArray documents = texts("one", "three");
    Answer answer = call("/index", documents);
    assertThat(vector(documents.get(0))).containsExactly(1, 3, 1);
    assertThat(vector(documents.get(1))).containsExactly(1, 5, 1);
    assertThat(documents.get(0).embeddingSpace()).contains("space-1");
    assertThat(answer.documents()).isNull();
    assertThat(result(answer, "model")).isEqualTo("m@1");
    assertThat(result(answer, "space")).isEqualTo("space-1");
    assertThat(result(answer, "encoded")).isEqualTo(2.0);
    assertThat(count(EncoderMeter.ENCODED)).isEqualTo(2);
  }

  @Test
  void bindsWritesReadsAndEveryOtherEndpoint() throws Exception {
    assertThat(access)
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "/index", Access.WRITE,
                "/update", Access.WRITE,
                "/search", Access.READ,
                "/encode", Access.READ,
                "/default", Access.READ));
    DocumentArray documents = texts("one");
    call("/whatever", documents);
    assertThat(documents.getFirst().hasEmbedding()).isTrue();
  }

  @Test
  void encodesWhatTheTraversalPathsReach() throws Exception {
    DocumentArray documents = texts("root");
    documents.getFirst().chunks().add(Document.ofText("chunk"));
    call("/index", documents, "traversal_paths", "@c");
    assertThat(documents.getFirst().hasEmbedding()).isFalse();
    assertThat(vector(documents.getFirst().chunks().getFirst())).containsExactly(1, 5, 1);
    call("/index", documents, "traversal_paths", "@r,c");
    assertThat(documents.getFirst().hasEmbedding()).isTrue();
    assertThatThrownBy(() -> call("/index", documents, "traversal_paths", "x"))
        .isInstanceOf(FlowException.class)
        .hasMessageContaining("traversal_paths");
  }

  @Test
  void keepsAnEmbeddingThatIsThereUnlessAskedToOverwrite() throws Exception {
    DocumentArray documents = texts("one");
    documents.getFirst().embedding(NdArray.of(new float[] {7, 7, 7}), "elsewhere");
    Answer kept = call("/index", documents);
    assertThat(vector(documents.getFirst())).containsExactly(7, 7, 7);
    assertThat(documents.getFirst().embeddingSpace()).contains("elsewhere");
    assertThat(result(kept, "kept")).isEqualTo(1.0);
    call("/index", documents, "overwrite", true);
    assertThat(vector(documents.getFirst())).containsExactly(1, 3, 1);
    assertThat(documents.getFirst().embeddingSpace()).contains("space-1");
    assertThat(count(EncoderMeter.KEPT)).isEqualTo(1);
  }

  @Test
  void leavesDocumentsWithoutContentAloneAndCountsThem() throws Exception {
    DocumentArray documents = texts("", "one");
    Answer answer = call("/index", documents);
    assertThat(documents.getFirst().hasEmbedding()).isFalse();
    assertThat(documents.get(1).hasEmbedding()).isTrue();
    assertThat(result(answer, "skipped")).isEqualTo(1.0);
    assertThat(count(EncoderMeter.SKIPPED)).isEqualTo(1);
    assertThat(result(call("/index", DocumentArray.of()), "encoded")).isEqualTo(0.0);
  }

  @Test
  void refusesEmbeddingsThatAreNotFiniteOrOfAnotherDimensionWithTheDocumentsId() {
    DocumentArray documents = texts("one", "nan");
    documents.get(1).id("doc7");
    assertThatThrownBy(() -> call("/index", documents))
        .hasMessage("document doc7: embedding has NaN at 1 from m@1 (expected: finite numbers)")
        .extracting("code")
        .isEqualTo(ErrorCode.INTERNAL);
    assertThat(documents.getFirst().hasEmbedding()).as("all or none").isFalse();
    DocumentArray wide = texts("wide");
    wide.getFirst().id("doc8");
    assertThatThrownBy(() -> call("/index", wide))
        .hasMessage("document doc8: embedding of 4 dimensions from m@1 (expected: 3)");
  }

  @Test
  void servesTheStampedVersionAndWithoutAStampTheLiveOne() throws Exception {
    encoder.add(second);
    DocumentArray documents = texts("one");
    Answer stamped = call("/search", documents, List.of(new ModelVersion("m", 2)));
    assertThat(vector(documents.getFirst())).containsExactly(2, 3, 1);
    assertThat(documents.getFirst().embeddingSpace()).contains("space-2");
    assertThat(result(stamped, "model")).isEqualTo("m@2");
    assertThat(result(call("/search", texts("one")), "model")).isEqualTo("m@1");
    Answer others = call("/search", texts("one"), List.of(new ModelVersion("other", 9)));
    assertThat(result(others, "model")).isEqualTo("m@1");
    encoder.live(new ModelVersion("m", 2));
    assertThat(result(call("/search", texts("one")), "model")).isEqualTo("m@2");
    assertThat(encoder.versions())
        .containsExactly(new ModelVersion("m", 1), new ModelVersion("m", 2));
  }

  @Test
  void refusesAVersionItDoesNotHold() {
    assertThatThrownBy(() -> call("/search", texts("one"), List.of(new ModelVersion("m", 3))))
        .hasMessage("model: m@3 is not loaded here (expected: one of [m@1])")
        .extracting("code")
        .isEqualTo(ErrorCode.UNAVAILABLE);
    assertThatThrownBy(() -> encoder.live(new ModelVersion("m", 2)))
        .extracting("code")
        .isEqualTo(ErrorCode.UNAVAILABLE);
    assertThatThrownBy(() -> encoder.unload(new ModelVersion("m", 1)))
        .extracting("code")
        .isEqualTo(ErrorCode.FAILED_PRECONDITION);
    assertThatThrownBy(() -> encoder.add(new FakeModel("m", 1)))
        .extracting("code")
        .isEqualTo(ErrorCode.ALREADY_EXISTS);
  }

  @Test
  void readsMayChooseTheVersionByParameterAndWritesMayNot() throws Exception {
    encoder.add(second);
    assertThat(result(call("/search", texts("one"), "model", "m@2"), "model")).isEqualTo("m@2");
    assertThat(result(call("/search", texts("one"), "model", "m"), "model")).isEqualTo("m@1");
    assertThat(result(call("/index", texts("one"), "model", "m@2"), "model")).isEqualTo("m@1");
    assertThatThrownBy(() -> call("/search", texts("one"), "model", "other"))
        .hasMessage("model: other is not loaded here (expected: one of [m@1, m@2])");
  }

  @Test
  void versionThatWasUnloadedFinishesWhatItHasAndIsClosedThen() throws Exception {
    encoder.add(second);
    encoder.live(new ModelVersion("m", 2));
    DocumentArray documents = texts("block");
    CompletableFuture<Void> done = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            call("/search", documents, List.of(new ModelVersion("m", 1)));
            done.complete(null);
          } catch (Exception failure) {
            done.completeExceptionally(failure);
          }
        });
    first.entered.await();
    encoder.unload(new ModelVersion("m", 1));
    assertThat(first.closed).hasValue(0);
    assertThatThrownBy(() -> call("/search", texts("a"), List.of(new ModelVersion("m", 1))))
        .extracting("code")
        .isEqualTo(ErrorCode.UNAVAILABLE);
    first.gate.countDown();
    done.join();
    assertThat(vector(documents.getFirst())).containsExactly(1, 5, 1);
    encoder.close();
    assertThat(first.closed).hasValue(1);
    assertThat(second.closed).hasValue(1);
  }

  @Test
  void requestsThatWaitWhenTheirVersionIsUnloadedAreAnsweredByIt() throws Exception {
    FakeModel model = reopen("sessions", 1);
    encoder.add(second);
    encoder.live(new ModelVersion("m", 2));
    List<ModelVersion> stamp = List.of(new ModelVersion("m", 1));
    CompletableFuture<DocumentArray> running = start(stamp, "block");
    model.entered.await();
    CompletableFuture<DocumentArray> waiting =
        queued(Priority.INTERACTIVE, () -> start(stamp, "four"));
    encoder.unload(new ModelVersion("m", 1));
    model.gate.countDown();
    assertThat(vector(running.join().getFirst())).containsExactly(1, 5, 1);
    assertThat(vector(waiting.join().getFirst())).containsExactly(1, 4, 1);
    assertThat(model.closed).hasValue(1);
  }

  @Test
  void aBatchNeverMixesVersions() throws Exception {
    FakeModel model = reopen("sessions", 1);
    encoder.add(second);
    CompletableFuture<DocumentArray> blocked = start(List.of(new ModelVersion("m", 1)), "block");
    model.entered.await(); // all others wait together, and would be one batch
    List<CompletableFuture<DocumentArray>> answers = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      int version = 1 + i % 2;
      answers.add(
          queued(
              Priority.INTERACTIVE, () -> start(List.of(new ModelVersion("m", version)), "same")));
    }
    model.gate.countDown();
    for (int i = 0; i < 20; i++) {
      assertThat(vector(answers.get(i).join().getFirst())).containsExactly(1 + i % 2, 4, 1);
    }
    var _ = blocked.join();
    assertThat(model.batches).containsExactly(1, 10);
    assertThat(second.batches).containsExactly(10);
  }

  @Test
  void choosesThePromptByEndpointOrParameter() throws Exception {
    call("/search", texts("a"));
    call("/index", texts("a"));
    call("/encode", texts("a"));
    call("/encode", texts("a"), "prompt", "query");
    call("/search", texts("a"), "prompt", "none");
    assertThat(first.prompts)
        .containsExactly(Prompt.QUERY, Prompt.DOCUMENT, Prompt.DOCUMENT, Prompt.QUERY, Prompt.NONE);
    assertThatThrownBy(() -> call("/search", texts("a"), "prompt", "answer"))
        .hasMessage("prompt: \"answer\" (expected: query, document or none)");
  }

  /// A rollout embeds what is in an index with the prompt of documents.
  @ParameterizedTest
  @CsvSource({"/index, query", "/index, none", "/update, query", "/update, none"})
  void refusesAnotherPromptForWhatIsWritten(String endpoint, String prompt) throws Exception {
    DocumentArray documents = texts("a");
    assertThatThrownBy(() -> call(endpoint, documents, "prompt", prompt))
        .isInstanceOfSatisfying(
            FlowException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessage(
            "prompt: \"%s\" at %s (expected: document, or no prompt named: what is written is embedded again with that in a rollout; /encode takes any)"
                .formatted(prompt, endpoint));
    assertThat(documents.getFirst().hasEmbedding()).isFalse();
    assertThat(first.prompts).isEmpty();
    call(endpoint, documents, "prompt", "document");
    assertThat(first.prompts).containsExactly(Prompt.DOCUMENT);
  }

  @Test
  void batchSizeBoundsTheDocumentsOfABatch() throws Exception {
    FakeModel model = reopen("sessions", 1); // several idle ones would share what is there
    DocumentArray documents = DocumentArray.of();
    for (int i = 0; i < 10; i++) {
      documents.add(Document.ofText("same"));
    }
    call("/index", documents, "batch_size", 2);
    assertThat(model.batches).hasSize(5).containsOnly(2);
    assertThatThrownBy(() -> call("/index", documents, "batch_size", 0))
        .hasMessage("batch_size: 0 (expected: a whole number 1..4096)");
    assertThatThrownBy(() -> call("/index", documents, "overwrite", "yes"))
        .isInstanceOf(FlowException.class);
  }

  @Test
  void batchesTensorsOfOneShapeOnly() throws Exception {
    call("/index", texts("one", "four", "two", "five"), "batch_size", 64);
    assertThat(first.shapes).contains("[3]", "[4]").allMatch(shape -> !shape.contains("+"));
    assertThat(first.batches.stream().mapToInt(size -> size).sum()).isEqualTo(4);
  }

  @Test
  void refusesAtTheDeadlineThoughTheWorkersAreBusy() throws Exception {
    FakeModel model = reopen("sessions", 1);
    CompletableFuture<DocumentArray> blocked = start("/search", "block");
    model.entered.await();
    Call late =
        new Call(
            "/search",
            "",
            texts("late"),
            Parameters.EMPTY,
            List.of(),
            Priority.INTERACTIVE,
            Deadline.after(1, TimeUnit.MILLISECONDS),
            Context.ROOT);
    assertThatThrownBy(() -> call(late)).extracting("code").isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
    assertThat(encoder.waitingTokens(Priority.INTERACTIVE)).isZero();
    model.gate.countDown();
    blocked.join();
    assertThat(model.order).containsExactly("block");
  }

  @Test
  void refusesWhatAFullQueueCannotHoldAndStillIndexes() throws Exception {
    FakeModel model = reopen("sessions", 1, "interactive_queue_tokens", 20);
    CompletableFuture<DocumentArray> blocked = start("/search", "block");
    model.entered.await();
    CompletableFuture<DocumentArray> waits = queued(Priority.INTERACTIVE, "/search", "waits");
    assertThatThrownBy(() -> call("/search", texts("refused")))
        .extracting("code")
        .isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
    CompletableFuture<DocumentArray> bulk = queued(Priority.BULK, "/index", "bulk");
    model.gate.countDown();
    CompletableFuture.allOf(blocked, waits, bulk).join();
    assertThat(bulk.join().getFirst().hasEmbedding()).isTrue();
    assertThat(model.order).containsExactlyInAnyOrder("block", "waits", "bulk");
  }

  @Test
  void searchDoesNotWaitForABatchOfIndexing() throws Exception {
    assumeTrue(ProcessPriority.isSupported(), "indexing has threads of its own on Linux only");
    FakeModel model = reopen("sessions", 1);
    CompletableFuture<DocumentArray> bulk = start("/index", "block");
    model.entered.await();
    DocumentArray query = texts("search");
    call("/search", query);
    assertThat(query.getFirst().hasEmbedding()).isTrue();
    assertThat(bulk).isNotDone();
    model.gate.countDown();
    bulk.join();
  }

  @Test
  void doesNotWaitWhileAWorkerIsIdle() throws Exception {
    FakeModel model = reopen("sessions", 2);
    CompletableFuture<DocumentArray> blocked = start("/search", "block");
    model.entered.await();
    call("/search", texts("beside"));
    assertThat(blocked).isNotDone();
    model.gate.countDown();
    blocked.join();
  }

  /// Puts an encoder with these options in place of the one there is.
  private FakeModel reopen(Object... with) {
    encoder.close();
    FakeModel model = new FakeModel("m", 1);
    encoder = new Encoder("encoder", model, EncoderOptions.from(parameters(with)), meters);
    bind();
    return model;
  }

  private CompletableFuture<DocumentArray> start(String endpoint, String... texts) {
    Priority priority = "/index".equals(endpoint) ? Priority.BULK : Priority.INTERACTIVE;
    return start(endpoint, priority, List.of(), texts(texts));
  }

  /// Starts a search that is stamped with a version.
  private CompletableFuture<DocumentArray> start(List<ModelVersion> stamp, String text) {
    return start("/search", Priority.INTERACTIVE, stamp, texts(text));
  }

  private CompletableFuture<DocumentArray> start(
      String endpoint, Priority priority, List<ModelVersion> stamp, DocumentArray documents) {
    CompletableFuture<DocumentArray> done = new CompletableFuture<>();
    Call call =
        new Call(endpoint, "", documents, Parameters.EMPTY, stamp, priority, null, Context.ROOT);
    Thread.ofVirtual()
        .start(() -> {
          try {
            call(call);
            done.complete(documents);
          } catch (Throwable failure) {
            done.completeExceptionally(failure);
          }
        });
    return done;
  }

  /// Starts a call, and returns when it waits in the queue.
  private CompletableFuture<DocumentArray> queued(
      Priority priority, String endpoint, String... texts) {
    return queued(priority, () -> start(endpoint, texts));
  }

  private CompletableFuture<DocumentArray> queued(
      Priority priority, Supplier<CompletableFuture<DocumentArray>> start) {
    long before = encoder.waitingTokens(priority);
    CompletableFuture<DocumentArray> answer = start.get();
    while (encoder.waitingTokens(priority) == before) {
      assertThat(answer).as("a call that should wait").isNotDone();
      Thread.onSpinWait();
    }
    return answer;
  }
}
