package io.attune.trainer.executor;

import static io.attune.trainer.run.RunStatus.CREATED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.file.DocumentFile;
import io.attune.document.json.StructJson;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.ExecutorContext;
import io.attune.runtime.FlowException;
import io.attune.runtime.Parameters;
import io.attune.runtime.testing.FakeClock;
import io.attune.runtime.testing.Requests;
import io.attune.runtime.testing.TestServer;
import io.attune.trainer.feedback.FeedbackFactory;
import io.attune.trainer.run.RunFolder;
import io.attune.trainer.run.RunState;
import io.attune.trainer.run.RunStatus;
import io.attune.trainer.run.RunStore;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What is judged over the wire is trained, when asked for and by itself.
@Timeout(120)
class FeedbackLoopTest {
  private static final Map<String, Object> FIT =
      Map.of("model", "bilstm", "loss", "TripletMarginLoss", "heap_mb", 64, "memory_mb", 512);

  @TempDir private Path root;
  private final FakeClock clock = new FakeClock();
  private final List<TrainerHarness> open = new ArrayList<>();
  private final List<TrainerRuns> started = new ArrayList<>();
  private TestServer feedback = TestServer.of(_ -> {});
  private int searches;

  @BeforeEach
  void openFeedback() {
    feedback.close();
    ExecutorContext context =
        new ExecutorContext(
            "feedback", Parameters.EMPTY, root.resolve("feedback"), new SimpleMeterRegistry());
    feedback = TestServer.of(new FeedbackFactory().create(context), context);
  }

  @AfterEach
  void close() throws InterruptedException {
    feedback.close();
    started.forEach(TrainerRuns::close); // waits for their processes
    for (TrainerHarness trainer : open) {
      trainer.close();
      trainer.endProcesses();
    }
  }

  /// Searches, and judges what was found: one that belongs and one that does not.
  private void judge(String query) {
    String id = "search " + searches++;
    Document asked = Document.ofText(query).id("q");
    asked.matches(
        List.of(
            Document.ofText("right for " + query).id("a"),
            Document.ofText("wrong for " + query).id("b")));
    post(id, "/search", DocumentArray.of(asked), Map.of());
    post(
        "",
        "/feedback",
        DocumentArray.of(),
        Map.of("request_id", id, "relevant", "a", "irrelevant", "b"));
  }

  private void post(
      String id, String endpoint, DocumentArray documents, Map<String, ?> parameters) {
    var request = Requests.with(Requests.of(endpoint, documents), StructJson.of(parameters));
    var header = request.getHeader().toBuilder();
    var answer =
        feedback
            .single()
            .processSingleData(
                request.toBuilder()
                    .setHeader(id.isEmpty() ? header : header.setRequestId(id))
                    .build());
    assertThat(answer.getHeader().getStatus().getDescription()).isEmpty();
  }

  private TrainerHarness trainer(Map<String, ?> with) {
    Map<String, Object> all = new HashMap<>(with);
    all.put("feedback", root.resolve("feedback").toString());
    TrainerHarness trainer = new TrainerHarness(root, all);
    open.add(trainer);
    return trainer;
  }

  private TrainerRuns runs() {
    return runs(FakeTraining::start);
  }

  private TrainerRuns runs(RunStarter starter) {
    TrainerHarness trainer = trainer(Map.of("when_stopped", "cancel"));
    TrainerRuns runs = new TrainerRuns(trainer.options(), starter, new SimpleMeterRegistry());
    started.add(runs);
    return runs;
  }

  /// Ticks until a process is to start, and is killed there.
  ///
  /// @param starts whether the process of the run starts before
  private void killed(boolean starts) {
    FeedbackLoop loop =
        loop(
            runs(run -> {
              if (starts) {
                var _ = FakeTraining.start(run);
              }
              throw new AssertionError("killed");
            }),
            2,
            null);
    assertThatThrownBy(loop::tick).isInstanceOf(AssertionError.class);
  }

  private FeedbackLoop loop(TrainerRuns runs, long after, @Nullable Duration every) {
    return new FeedbackLoop(
        root.resolve("feedback"),
        new FeedbackLoop.Options(after, every, FIT),
        runs,
        root.resolve("runs"),
        clock);
  }

  private List<RunFolder> started() {
    return RunStore.at(root.resolve("runs")).list("feedback");
  }

  /// Ticks until so many runs were started: one starts when the process of the one before is gone.
  private void tick(FeedbackLoop loop, int runs) {
    do {
      loop.tick();
    } while (started().size() < runs);
    assertThat(started()).hasSize(runs);
  }

  private void endAll() throws InterruptedException {
    for (RunFolder run : started()) {
      RunState end = TrainerHarness.end(run);
      assertThat(end.status()).isEqualTo(RunStatus.FINISHED);
      while (Objects.requireNonNull(end.process()).isAlive()) { // it works in the run's folder
        LockSupport.parkNanos(1_000_000);
      }
    }
  }

  @Test
  void fitTrainsOnWhatWasJudged() throws Exception {
    TrainerHarness trainer = trainer(Map.of());
    Map<String, Object> fit = new HashMap<>(FIT);
    fit.put("train_data", "feedback");
    assertThatThrownBy(() -> trainer.post("/fit", fit))
        .hasMessageContaining("train_data: feedback: nothing was judged that has a text");
    judge("one");
    judge("two");
    Map<String, @Nullable Object> run = trainer.post("/fit", fit);
    assertThat(run).containsEntry("documents", 2L);
    Path kept = Path.of(trainer.run(run).config().trainData().getFirst());
    assertThat(DocumentFile.read(kept)).extracting(Document::text).containsExactly("one", "two");
    assertThat(DocumentFile.read(kept).getFirst().matches())
        .extracting(match -> match.tag("finetuner_label").orElseThrow().getNumberValue())
        .containsExactly(1.0, -1.0);
    assertThat(trainer.end(run).status()).isEqualTo(RunStatus.FINISHED);

    TrainerHarness without = new TrainerHarness(root, Map.of());
    open.add(without);
    assertThatThrownBy(() -> without.post("/fit", fit))
        .hasMessageContaining("this trainer's option feedback names no folder");
  }

  @Test
  void aRunStartsAfterSoManyJudgments() throws Exception {
    FeedbackLoop loop = loop(runs(), 4, null);
    loop.tick();
    judge("one");
    clock.advance(Duration.ofDays(100));
    loop.tick();
    assertThat(started()).isEmpty();
    judge("two");
    tick(loop, 1);
    assertThat(DocumentFile.read(Path.of(started().getFirst().config().trainData().getFirst())))
        .hasSize(2);
    endAll();
    judge("three");
    loop.tick();
    assertThat(started()).as("two judgments are new").hasSize(1);
    judge("four");
    tick(loop(runs(), 4, null), 2);
    endAll();
    loop(runs(), 4, null).tick();
    assertThat(started()).as("what was trained is known after a restart").hasSize(2);
  }

  @Test
  void aRunThatWasStartedBeforeAKillIsTheOne() throws Exception {
    judge("one");
    killed(true);
    judge("two");
    FeedbackLoop loop = loop(runs(), 4, null);
    loop.tick();
    assertThat(started()).as("it goes on").hasSize(1);
    endAll();
    loop.tick();
    assertThat(started()).as("two judgments are new").hasSize(1);
    judge("three");
    tick(loop, 2);
    endAll();
  }

  @Test
  void aRunThatWasNotStartedBeforeAKillStartsThen() throws Exception {
    judge("one");
    killed(false);
    assertThat(started()).extracting(run -> run.state().status()).containsExactly(CREATED);
    loop(runs(), 2, null).tick();
    assertThat(started()).hasSize(1);
    endAll();
    judge("two");
    killed(false);
    for (RunFolder run : started()) {
      if (run.state().status() == CREATED) {
        RunStore.at(root.resolve("runs")).delete(run); // killed before it was created
      }
    }
    tick(loop(runs(), 2, null), 2);
    endAll();
  }

  @Test
  void aRunStartsAfterSoLongWhereSomethingIsNew() throws Exception {
    FeedbackLoop loop = loop(runs(), 0, Duration.ofDays(1));
    loop.tick();
    judge("one");
    clock.advance(Duration.ofHours(23));
    loop.tick();
    assertThat(started()).isEmpty();
    clock.advance(Duration.ofHours(1));
    tick(loop, 1);
    endAll();
    clock.advance(Duration.ofDays(3));
    loop.tick();
    assertThat(started()).as("nothing is new").hasSize(1);
    judge("two");
    tick(loop, 2);
    endAll();
  }

  @Test
  void whatCannotBeTrainedOnWaitsForMore() throws Exception {
    post(
        "s",
        "/search",
        DocumentArray.of(
            Document.ofText("q").id("q").matches(List.of(Document.ofText("no").id("n")))),
        Map.of());
    post("", "/feedback", DocumentArray.of(), Map.of("request_id", "s", "irrelevant", "n"));
    FeedbackLoop loop = loop(runs(), 1, null);
    loop.tick();
    loop.tick();
    assertThat(started()).isEmpty();
    judge("one");
    tick(loop, 1);
    endAll();
  }

  @Test
  void theExecutorLooksByItself() throws Exception {
    judge("one");
    judge("two");
    TrainerHarness trainer = trainer(Map.of("fit_after", 4, "fit_every", "30d", "fit", FIT));
    assertThat(trainer.post("/runs", Map.of())).containsKey("runs");
    while (started().isEmpty()) {
      LockSupport.parkNanos(1_000_000);
    }
    endAll();
    FeedbackLoop.Options loop = Objects.requireNonNull(trainer.options().loop());
    assertThat(loop.after()).isEqualTo(4);
    assertThat(loop.every()).isEqualTo(Duration.ofDays(30));
    assertThat(loop.fit())
        .containsEntry("model", "bilstm")
        .containsEntry("experiment_name", "feedback")
        .containsEntry("train_data", "feedback");
  }

  @Test
  void optionsAreChecked() throws Exception {
    assertThatThrownBy(() -> new TrainerHarness(root, Map.of("fit_after", 4, "fit", FIT)))
        .hasMessageContaining("fit_after: without feedback (expected: ");
    assertThatThrownBy(() -> trainer(Map.of("fit_every", "1d")))
        .hasMessageContaining("fit: missing (expected: ");
    assertThatThrownBy(() -> trainer(Map.of("fit", FIT)))
        .hasMessageContaining("fit: without fit_after or fit_every");
    assertThatThrownBy(() -> trainer(Map.of("fit_after", 0, "fit", FIT)))
        .hasMessageContaining("fit_after: 0 (expected: a whole number 1..");
    assertThatThrownBy(() -> trainer(Map.of("fit_every", "often", "fit", FIT)))
        .hasMessageContaining("fit_every: often (expected: a number with s, m, h or d");
    assertThatThrownBy(
            () -> trainer(Map.of("fit_after", 4, "fit", Map.of("model", "mlp", "los", 1))))
        .hasMessageContaining("los: unknown key");
    assertThatThrownBy(() -> trainer(Map.of("fit_after", 4, "fit", Map.of("train_data", "a.csv"))))
        .hasMessageContaining("fit: train_data (expected: none");
    loop(runs(), 4, null).tick();
    try (Stream<Path> files = Files.list(root.resolve("runs"))) {
      for (Path file :
          files.filter(each -> each.getFileName().toString().startsWith(".feedback-")).toList()) {
        Files.writeString(file, "many yesterday");
      }
    }
    FlowException damaged =
        org.assertj.core.api.Assertions.catchThrowableOfType(
            FlowException.class, () -> loop(runs(), 4, null).tick());
    assertThat(damaged.code()).isEqualTo(ErrorCode.DATA_LOSS);
    assertThat(trainerOptions("feedback").feedback())
        .as("a name is an executor of the same Flow")
        .isEqualTo(Path.of("ws/feedback/0").toAbsolutePath());
    assertThat(
            TrainerOptions.from(
                    new Parameters(StructJson.of(Map.of("feedback", "feedback"))),
                    Path.of("/ws/trainer"))
                .feedback())
        .isEqualTo(Path.of("/ws/feedback"));
    assertThat(trainerOptions("a/b").feedback()).isEqualTo(Path.of("a/b"));
  }

  private static TrainerOptions trainerOptions(String feedback) {
    return TrainerOptions.from(
        new Parameters(StructJson.of(Map.of("feedback", feedback))), Path.of("ws/trainer/0"));
  }
}
