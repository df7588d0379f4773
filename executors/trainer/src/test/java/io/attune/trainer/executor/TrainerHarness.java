package io.attune.trainer.executor;

import com.google.protobuf.Struct;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.NdArray;
import io.attune.document.json.StructJson;
import io.attune.proto.jina.DataRequestProto;
import io.attune.runtime.ExecutorContext;
import io.attune.runtime.FlowException;
import io.attune.runtime.Parameters;
import io.attune.runtime.error.Failures;
import io.attune.runtime.testing.Requests;
import io.attune.runtime.testing.TestServer;
import io.attune.trainer.run.RunFolder;
import io.attune.trainer.run.RunProcess;
import io.attune.trainer.run.RunState;
import io.attune.trainer.run.RunStore;
import io.grpc.StatusRuntimeException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/// A trainer with [FakeTraining] behind the real server, and what tests ask of it.
final class TrainerHarness implements AutoCloseable {
  /// What every `/fit` here has.
  static final Map<String, Object> FIT =
      Map.of(
          "model",
          "mlp",
          "model_options",
          Map.of("input_shape", 3),
          "heap_mb",
          64,
          "memory_mb",
          512,
          "loss",
          "NTXentLoss");

  private final List<RunProcess> processes = new CopyOnWriteArrayList<>();
  private final Path root;
  private final RunStarter starter;
  private final TrainerOptions options;
  private final TestServer server;

  /// @param root has `runs`, `models` and, where there is one, `data`
  TrainerHarness(Path root, Map<String, ?> with) {
    this(root, with, FakeTraining::start);
  }

  /// @param starter starts the processes of runs
  TrainerHarness(Path root, Map<String, ?> with, RunStarter starter) {
    this.root = root;
    this.starter = starter;
    Map<String, Object> all = new HashMap<>(with);
    all.put("runs", root.resolve("runs").toString());
    all.put("store", root.resolve("models").toString());
    ExecutorContext context =
        new ExecutorContext(
            "trainer", new Parameters(StructJson.of(all)), root, new SimpleMeterRegistry());
    options = TrainerOptions.from(context.with(), root.resolve("trainer/0"));
    Trainer trainer = Trainer.open("trainer", options, this::started, context.meters());
    server = TestServer.of(trainer, context);
  }

  private RunProcess started(RunFolder run) {
    RunProcess process = starter.start(run);
    processes.add(process);
    return process;
  }

  /// The processes that were started, the newest last.
  List<RunProcess> processes() {
    return List.copyOf(processes);
  }

  /// Cancels what goes on, and waits until all processes are gone.
  void endProcesses() throws InterruptedException {
    for (RunProcess process : processes) {
      if (Files.exists(process.run().path())) {
        var _ = process.cancel(Duration.ofSeconds(20));
      }
    }
  }

  TrainerOptions options() {
    return options;
  }

  RunStore store() {
    return RunStore.at(root.resolve("runs"));
  }

  TestServer server() {
    return server;
  }

  /// Labelled tensors.
  static DocumentArray tensors() {
    DocumentArray documents = DocumentArray.of();
    for (int i = 0; i < 8; i++) {
      documents.add(
          Document.create()
              .id("d" + i)
              .tensor(NdArray.of(new float[] {i, 1, i % 2}))
              .tag("finetuner_label", i % 2 == 0 ? "even" : "odd"));
    }
    return documents;
  }

  static Map<String, Object> fit(Map<String, ?> more) {
    Map<String, Object> all = new LinkedHashMap<>(FIT);
    all.putAll(more);
    return all;
  }

  Map<String, @Nullable Object> fit(DocumentArray documents, Map<String, ?> more) {
    return post("/fit", documents, fit(more));
  }

  Map<String, @Nullable Object> post(String endpoint, Map<String, ?> parameters) {
    return post(endpoint, DocumentArray.of(), parameters);
  }

  /// @return what was answered
  /// @throws FlowException where the answer, or its absence, tells one
  Map<String, @Nullable Object> post(
      String endpoint, DocumentArray documents, Map<String, ?> parameters) {
    return results(
        send(Requests.with(Requests.of(endpoint, documents), StructJson.of(parameters))));
  }

  DataRequestProto send(DataRequestProto request) {
    try {
      DataRequestProto answer = server.single().processSingleData(request);
      Failures.in(answer.getHeader().getStatus())
          .ifPresent(failure -> {
            throw failure;
          });
      return answer;
    } catch (StatusRuntimeException e) {
      throw Failures.from(e);
    }
  }

  static Map<String, @Nullable Object> results(DataRequestProto answer) {
    Struct at = answer.getParameters();
    for (String key : new String[] {"__results__", "trainer"}) {
      at = at.getFieldsOrThrow(key).getStructValue();
    }
    return StructJson.plain(at);
  }

  /// Waits for the end of a run.
  RunState end(Map<String, @Nullable Object> run) throws InterruptedException {
    return end(run(run));
  }

  static RunState end(RunFolder run) throws InterruptedException {
    return run.follow().events(event -> {});
  }

  RunFolder run(Map<String, @Nullable Object> answer) {
    return store().resolve(String.valueOf(answer.get("id")));
  }

  /// Waits until a run tells a step.
  static void awaitStep(RunFolder run, long step) throws InterruptedException {
    try {
      run.follow()
          .events(event -> {
            if (event.step() >= step) {
              throw new Reached();
            }
          });
      throw new AssertionError("run is over: " + run.state());
    } catch (Reached _) {
      // as expected
    }
  }

  private static final class Reached extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  @Override
  public void close() {
    server.close();
  }
}
