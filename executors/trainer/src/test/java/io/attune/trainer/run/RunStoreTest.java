package io.attune.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.evaluator.metrics.Estimate;
import io.attune.models.process.ProcessId;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunStoreTest {
  private static final RunConfig CONFIG =
      RunConfig.of(Map.of("model", "mini", "train_data", "a.csv"));

  @TempDir private Path root;
  private RunStore store = RunStore.at(Path.of(""));

  @BeforeEach
  void open() {
    store = RunStore.at(root.resolve("runs"));
  }

  private RunFolder run(String name) {
    return store.create(CONFIG.named(name));
  }

  private static void refused(ErrorCode code, Runnable act, String message) {
    assertThatThrownBy(act::run)
        .isInstanceOfSatisfying(
            FlowException.class, failure -> assertThat(failure.code()).isEqualTo(code))
        .hasMessageContaining(message);
  }

  @Test
  void createsListsAndFinds() {
    assertThat(store.experiments()).isEmpty();
    assertThat(store.list()).isEmpty();
    RunFolder first = run("first");
    RunFolder second = store.create(CONFIG.named("second").with(Map.of("experiment_name", "qa")));
    assertThat(store.experiments()).containsExactly("default", "qa");
    assertThat(store.list().stream().map(RunFolder::id))
        .containsExactly("default/first", "qa/second");
    assertThat(store.list("qa").stream().map(RunFolder::name)).containsExactly("second");
    assertThat(store.resolve("first").path()).isEqualTo(first.path());
    assertThat(store.resolve("qa/second").config()).isEqualTo(second.config());
    assertThat(first.config()).isEqualTo(CONFIG.named("first"));
    assertThat(first.state().status()).isEqualTo(RunStatus.CREATED);
    assertThat(first.isResumable()).isTrue();
    refused(ErrorCode.NOT_FOUND, () -> store.resolve("frist"), "did you mean first?");
    refused(ErrorCode.NOT_FOUND, () -> store.resolve("qa/secnd"), "did you mean qa/second?");
    store.create(CONFIG.named("first").with(Map.of("experiment_name", "qa")));
    refused(ErrorCode.INVALID_ARGUMENT, () -> store.resolve("first"), "default/first, qa/first");
  }

  @Test
  void namesStayInsideTheStore() {
    for (String name : List.of("..", "../x", "a/b", "", ".x", "a\0b", "a".repeat(101))) {
      refused(ErrorCode.INVALID_ARGUMENT, () -> store.get("default", name), "expected");
      refused(ErrorCode.INVALID_ARGUMENT, () -> store.createExperiment(name), "expected");
    }
  }

  @Test
  void ofTwoCreatorsOneGetsAName() throws Exception {
    int threads = 8;
    CyclicBarrier together = new CyclicBarrier(threads);
    List<Future<String>> results = new ArrayList<>();
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      for (int i = 0; i < threads; i++) {
        int number = i;
        results.add(
            pool.submit(() -> {
              together.await();
              try {
                store.create(CONFIG.named("same").with(Map.of("seed", number)));
                return "created";
              } catch (FlowException e) {
                return e.code().name();
              }
            }));
      }
      List<String> told = new ArrayList<>();
      for (Future<String> result : results) {
        told.add(result.get());
      }
      assertThat(told).containsOnlyOnce("created").contains("ALREADY_EXISTS");
      assertThat(told).hasSize(threads).allMatch(each -> each.length() > 6);
    }
    try (Stream<Path> files = Files.list(store.root().resolve("default"))) {
      assertThat(files.map(file -> file.getFileName().toString())).containsExactly("same");
    }
  }

  @Test
  void runsWithoutANameGetFreeOnes() throws Exception {
    Set<String> names = ConcurrentHashMap.newKeySet();
    try (ExecutorService pool = Executors.newFixedThreadPool(4)) {
      for (int i = 0; i < 60; i++) {
        pool.execute(() -> names.add(store.create(CONFIG).name()));
      }
    }
    assertThat(names).hasSize(60).allMatch(name -> name.matches("[a-z]+-[a-z]+(-[0-9]{4})?"));
    assertThat(store.list()).hasSize(60).allMatch(run -> run.name().equals(run.config().runName()));
  }

  @Test
  void deletesWhatIsNotRunning() {
    RunFolder first = run("first");
    store.delete(first);
    assertThat(store.list()).isEmpty();
    refused(ErrorCode.NOT_FOUND, first::state, "first");
    RunFolder second = run("second");
    second.begin();
    refused(ErrorCode.FAILED_PRECONDITION, () -> store.delete(second), "is running");
    refused(ErrorCode.FAILED_PRECONDITION, () -> store.deleteExperiment("default"), "is running");
    second.end(RunStatus.FINISHED, "");
    store.deleteExperiment("default");
    assertThat(store.experiments()).isEmpty();
    refused(ErrorCode.NOT_FOUND, () -> store.deleteExperiment("default"), "default");
    store.createExperiment("default");
    refused(ErrorCode.ALREADY_EXISTS, () -> store.createExperiment("default"), "default");
  }

  @Test
  void oneProcessTrainsARunAndItIsTrainedOnce() {
    RunFolder run = run("one");
    run.begin();
    assertThat(run.state().process()).isEqualTo(ProcessId.current());
    assertThat(run.state().isRunning()).isTrue();
    refused(ErrorCode.FAILED_PRECONDITION, run::begin, "is STARTED");
    run.end(RunStatus.FAILED, "a reason");
    assertThat(run.state().details()).isEqualTo("a reason");
    run.begin();
    assertThat(run.state().attempts()).isEqualTo(2);
    run.end(RunStatus.FINISHED, "");
    refused(ErrorCode.FAILED_PRECONDITION, run::begin, "is FINISHED");
    assertThat(run.isResumable()).isFalse();
  }

  @Test
  void aRunWhoseProcessIsGoneHasFailed() throws IOException {
    RunFolder run = run("lost");
    ProcessId me = ProcessId.current();
    for (ProcessId gone :
        List.of(new ProcessId(me.pid(), me.birth() + "9"), new ProcessId(1L << 22, "0"))) {
      StateFile.write(run.path(), RunState.created(Instant.EPOCH).started(gone, Instant.EPOCH));
      assertThat(run.state().status()).isEqualTo(RunStatus.FAILED);
      assertThat(run.state().details()).isEqualTo("its process is gone");
    }
    Files.writeString(run.path().resolve("output.txt"), "noise\nfree(): invalid pointer\n");
    assertThat(run.state().details())
        .isEqualTo("its process is gone; it said: free(): invalid pointer");
    run.checkpoints().save(new Checkpoint(1, 5, CONFIG.hash(), Map.of(), Map.of(), List.of()), 1);
    assertThat(run.state().details()).endsWith("; attune runs resume goes on from its checkpoint");
    assertThat(run.isResumable()).isTrue();
    Path begun = run.path().resolve("checkpoints").resolve(".step-000000000006.checkpoint-x");
    Files.writeString(begun, "a part of it");
    run.begin();
    assertThat(run.state().status()).isEqualTo(RunStatus.STARTED);
    assertThat(begun).doesNotExist();
    assertThat(run.checkpoints().isEmpty()).isFalse();
  }

  @Test
  void cancelsBeforeTheStartAtOnce() {
    RunFolder run = run("early");
    run.requestCancel();
    assertThat(run.isCancelRequested()).isTrue();
    assertThat(run.state().status()).isEqualTo(RunStatus.CANCELLED);
    assertThat(run.state().details()).isEqualTo("before it was started");
    refused(ErrorCode.CANCELLED, run::begin, "was cancelled before it began");
    assertThat(run.state().status()).isEqualTo(RunStatus.CANCELLED);
    run.reopen();
    run.begin();
    assertThat(run.state().isRunning()).isTrue();
  }

  @Test
  void aRunThatDiesBeforeItBeginsHasFailed() throws IOException {
    RunFolder run = run("boot");
    run.starting(ProcessId.current());
    assertThat(run.state().status()).isEqualTo(RunStatus.CREATED);
    assertThat(run.isResumable()).isFalse();
    refused(
        ErrorCode.FAILED_PRECONDITION,
        () -> RunStore.at(root).delete(run),
        "is running (expected: cancel it");
    ProcessId me = ProcessId.current();
    StateFile.write(
        run.path(),
        RunState.created(Instant.EPOCH).startedBy(new ProcessId(me.pid(), me.birth() + "9")));
    assertThat(run.state().status()).isEqualTo(RunStatus.FAILED);
    assertThat(run.state().details()).isEqualTo("its process is gone");
    assertThat(run.isResumable()).isTrue();
  }

  @Test
  void aLostRunThatIsStartedAgainIsNotOver() throws IOException {
    RunFolder run = run("again");
    ProcessId me = ProcessId.current();
    StateFile.write(
        run.path(),
        RunState.created(Instant.EPOCH)
            .started(new ProcessId(me.pid(), me.birth() + "9"), Instant.EPOCH));
    run.reopen();
    assertThat(run.state().status()).isEqualTo(RunStatus.CREATED);
  }

  @Test
  void keepsLogsEventsAndTheArtifact() throws InterruptedException {
    RunFolder run = run("told");
    assertThat(run.logs()).isEmpty();
    assertThat(run.events()).isEmpty();
    assertThat(run.artifact()).isEmpty();
    List<ProgressEvent> events =
        List.of(
            new ProgressEvent.FitBegin(0, 2, 20),
            new ProgressEvent.Evaluated(
                0, 0, "before", "", Map.of("recall", new Estimate(0.5, 0.25, 0.75))),
            new ProgressEvent.Step(1, 1, 0.5, 1e-5, 100, 3.5),
            new ProgressEvent.Step(2, 1, Double.NaN, 1e-5, 100, -1),
            new ProgressEvent.EpochEnd(2, 1, Map.of("train_loss", 0.25)),
            new ProgressEvent.Message(2, "größer als \"früher\""),
            new ProgressEvent.FitEnd(2, 1.5, "epochs"));
    events.forEach(run::record);
    run.log("line one");
    run.artifact(new RunArtifact("mini@2", root.toString()));
    RunFolder again = store.resolve("told");
    assertThat(again.events()).isEqualTo(events);
    assertThat(again.logs()).singleElement().asString().matches("\\d{4}-.*Z line one");
    assertThat(again.artifact()).contains(new RunArtifact("mini@2", root.toString()));
    again.end(RunStatus.FINISHED, "");
    List<ProgressEvent> followed = new ArrayList<>();
    assertThat(run.follow().events(followed::add).status()).isEqualTo(RunStatus.FINISHED);
    assertThat(followed).isEqualTo(events);
  }

  @Test
  void whatIsDoneAgainCountsOnce() throws IOException {
    RunFolder run = run("again");
    run.begin();
    run.record(new ProgressEvent.FitBegin(0, 2, 4));
    for (int step = 1; step <= 3; step++) {
      run.record(new ProgressEvent.Step(step, 1, 1.0 / step, 1e-5, 1, 1));
    }
    Files.writeString(
        run.path().resolve("metrics.jsonl"), "{\"event\":\"st", StandardOpenOption.APPEND);
    run.end(RunStatus.FAILED, "");
    assertThat(run.events()).hasSize(4);
    run.begin();
    run.record(new ProgressEvent.FitBegin(2, 2, 4));
    run.record(new ProgressEvent.Step(3, 2, 0.25, 1e-5, 1, 1));
    assertThat(run.events().stream().map(ProgressEvent::step)).containsExactly(0L, 1L, 2L, 2L, 3L);
    ProgressEvent.Evaluated after = evaluated(3, 1, ProgressEvent.Evaluated.AFTER);
    run.record(evaluated(3, 1, ProgressEvent.Evaluated.EPOCH));
    run.record(after);
    run.record(new ProgressEvent.FitEnd(3, 1, "epochs"));
    run.record(new ProgressEvent.FitBegin(3, 2, 4)); // killed once it had evaluated
    run.record(after);
    assertThat(run.events().stream().filter(after::equals)).hasSize(1);
    assertThat(run.events())
        .contains(evaluated(3, 1, ProgressEvent.Evaluated.EPOCH))
        .noneMatch(ProgressEvent.FitEnd.class::isInstance);
    run.record(new ProgressEvent.FitBegin(0, 2, 4));
    assertThat(run.events()).containsExactly(new ProgressEvent.FitBegin(0, 2, 4));
  }

  private static ProgressEvent.Evaluated evaluated(long step, int epoch, String phase) {
    return new ProgressEvent.Evaluated(
        step, epoch, phase, "", Map.of("recall", new Estimate(0.5, 0.25, 0.75)));
  }

  @Test
  void aRunKnowsWhereItsModelComesFrom() {
    RunFolder run = run("stored");
    assertThat(run.models()).isEmpty();
    run.models(root.resolve("models"));
    assertThat(RunFolder.at(run.path()).models()).contains(root.resolve("models"));
    assertThat(run.pin("mini@7").model()).isEqualTo("mini@7");
    assertThat(run.config().model()).isEqualTo("mini@7");
  }

  @Test
  void aDamagedFileIsToldWithItsPlace() throws IOException {
    RunFolder run = run("damaged");
    run.record(new ProgressEvent.FitBegin(0, 1, 1));
    Files.writeString(run.path().resolve("metrics.jsonl"), "garbage\n", StandardOpenOption.APPEND);
    refused(ErrorCode.DATA_LOSS, run::events, "metrics.jsonl:2");
    Files.writeString(run.path().resolve("state.json"), "{");
    refused(ErrorCode.DATA_LOSS, run::state, "state.json");
    run("fine");
    assertThat(store.list().stream().map(RunFolder::name)).containsExactly("damaged", "fine");
  }
}
