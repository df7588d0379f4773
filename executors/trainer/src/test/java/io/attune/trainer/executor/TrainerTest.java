package io.attune.trainer.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.Empty;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.file.DocumentFile;
import io.attune.document.json.StructJson;
import io.attune.proto.jina.DataRequestProto;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.channel.Discovery;
import io.attune.runtime.process.ProcessPriority;
import io.attune.runtime.testing.Requests;
import io.attune.trainer.run.RunFolder;
import io.attune.trainer.run.RunStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class TrainerTest {
  @TempDir private Path root;
  private final List<TrainerHarness> open = new ArrayList<>();

  private TrainerHarness trainer(Map<String, ?> with) {
    TrainerHarness trainer = new TrainerHarness(root, with);
    open.add(trainer);
    return trainer;
  }

  @AfterEach
  void endWhatGoesOn() throws InterruptedException {
    for (TrainerHarness trainer : open) {
      trainer.close();
      trainer.endProcesses();
    }
  }

  private static ErrorCode code(Runnable call) {
    return catchThrowableOfType(FlowException.class, call::run).code();
  }

  @Test
  void fitAnswersAtOnceAndTheRunGoesOnWithTheDocumentsItKept() throws Exception {
    TrainerHarness trainer = trainer(Map.of());
    DataRequestProto answer =
        trainer.send(
            Requests.with(
                Requests.of("/fit", TrainerHarness.tensors()),
                StructJson.of(TrainerHarness.fit(Map.of("run_name", "first", "epochs", 7)))));
    Map<String, @Nullable Object> result = TrainerHarness.results(answer);
    assertThat(result).containsEntry("id", "default/first").containsEntry("documents", 8L);
    assertThat(answer.getData().getDocs().getDocsList()).as("they do not come back").isEmpty();

    RunFolder run = trainer.run(result);
    Path kept = Path.of(run.config().trainData().getFirst());
    assertThat(kept).isEqualTo(run.path().resolve("data/documents.protobuf"));
    assertThat(DocumentFile.read(kept)).extracting(Document::id).hasSize(8).contains("d0", "d7");
    assertThat(run.config().epochs()).isEqualTo(7);
    assertThat(trainer.end(result).status()).isEqualTo(RunStatus.FINISHED);

    assertThat(trainer.post("/runs/status", Map.of("run", "first")))
        .containsEntry("status", "FINISHED")
        .containsEntry("artifact", "mlp@1")
        .extracting("last_step")
        .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.MAP)
        .containsEntry("step", 3L);
    assertThat(trainer.post("/runs/metrics", Map.of("run", "first", "from_step", 3, "lines", 2)))
        .containsEntry("omitted", 1L)
        .extracting("events")
        .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.LIST)
        .extracting("event")
        .containsExactly("epoch_end", "fit_end");
    assertThat(
            String.valueOf(trainer.post("/runs/logs", Map.of("run", "default/first")).get("lines")))
        .contains("finished");
    assertThat(String.valueOf(trainer.post("/runs", Map.of()).get("runs")))
        .contains("default/first");
    assertThat(trainer.post("/runs/list", Map.of("trainer", Map.of("experiment", "other"))))
        .containsEntry("runs", List.of());
    assertThat(trainer.post("/runs/list", Map.of("trainer__experiment", "other")))
        .containsEntry("runs", List.of());
  }

  @Test
  void takesMatchesThatSayWhetherTheyBelong() throws Exception {
    Document query = Document.ofText("when is the bill sent?");
    query.matches(
        List.of(
            Document.ofText("on the first of each month").tag("finetuner_label", 1),
            Document.ofText("plug the charger in").tag("finetuner_label", -1)));
    Map<String, @Nullable Object> run =
        trainer(Map.of())
            .fit(
                DocumentArray.of(query),
                Map.of("model", "bilstm", "model_options", Map.of(), "loss", "TripletMarginLoss"));
    assertThat(open.getFirst().end(run).status()).isEqualTo(RunStatus.FINISHED);
  }

  @Test
  void whatIsWrongIsRefusedBeforeThereIsARun() {
    TrainerHarness trainer = trainer(Map.of("most_memory_mb", 4096));
    DocumentArray documents = TrainerHarness.tensors();
    assertThatThrownBy(
            () -> trainer.fit(documents, Map.of("epoch", 1, "batch_size", 1, "memory_mb", 512)))
        .hasMessageContaining("epoch: unknown key (expected: did you mean epochs?")
        .hasMessageContaining("batch_size: 1 (expected: a whole number, 2..65536)");
    assertThatThrownBy(() -> trainer.fit(documents, Map.of("loss", "TripletMarginLos")))
        .hasMessageContaining("did you mean TripletMarginLoss?");
    assertThatThrownBy(() -> trainer.fit(documents, Map.of("memory_mb", 5000)))
        .hasMessageContaining("memory_mb: 5000 (expected: at most 4096, this trainer's");
    assertThatThrownBy(
            () -> trainer.fit(documents, Map.of("model", "all-MiniLM", "model_options", Map.of())))
        .hasMessageContaining("all-MiniLM");
    assertThatThrownBy(() -> trainer.fit(documents, Map.of("train_data", "a.csv")))
        .hasMessageContaining("train_data: beside documents");
    assertThatThrownBy(() -> trainer.fit(DocumentArray.of(), Map.of()))
        .hasMessageContaining("train_data: missing (expected: documents in the request, dataset:");
    assertThatThrownBy(() -> trainer.fit(documents, Map.of("loss", "CosineSimilarityLoss")))
        .hasMessageContaining("CosineSimilarityLoss");
    documents.getFirst().tags(com.google.protobuf.Struct.getDefaultInstance());
    assertThatThrownBy(() -> trainer.fit(documents, Map.of()))
        .hasMessageContaining("documents.protobuf");
    assertThatThrownBy(() -> trainer.post("/runs/status", Map.of("name", "first")))
        .hasMessageContaining("name: unknown parameter of /runs/status (expected: one of run)");
    assertThatThrownBy(() -> trainer.post("/runs/status", Map.of()))
        .hasMessageContaining("run: missing");
    assertThat(code(() -> trainer.post("/runs/logs", Map.of("run", "none"))))
        .isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(trainer.store().list()).isEmpty();
    assertThat(root.resolve("runs/.uploads")).isEmptyDirectory();
  }

  @Test
  void documentsOfSeveralRequestsAreGatheredUnderAName() throws Exception {
    TrainerHarness trainer = trainer(Map.of());
    List<DataRequestProto> parts = new ArrayList<>();
    for (int part = 0; part < 3; part++) {
      DocumentArray documents = DocumentArray.of();
      TrainerHarness.tensors().forEach(documents::add);
      for (int i = 0; i < documents.size(); i++) {
        documents.get(i).id("p%d-%d".formatted(part, i));
      }
      parts.add(
          Requests.with(
              Requests.of("/fit/data", documents), StructJson.of(Map.of("dataset", "pairs"))));
    }
    for (DataRequestProto part : parts) {
      assertThat(trainer.send(part).getData().getDocs().getDocsList()).isEmpty();
    }
    Map<String, @Nullable Object> again = TrainerHarness.results(trainer.send(parts.get(1)));
    assertThat(again)
        .as("one sent again is not there twice")
        .containsEntry("dataset", "pairs")
        .containsEntry("documents", 24L);
    assertThat(String.valueOf(trainer.post("/fit/data/list", Map.of()).get("datasets")))
        .contains("dataset=pairs, documents=24");
    assertThat(trainer.store().list()).isEmpty();

    Map<String, @Nullable Object> run =
        trainer.fit(DocumentArray.of(), Map.of("train_data", "dataset:pairs"));
    assertThat(run).containsEntry("documents", 24L);
    Path kept = Path.of(trainer.run(run).config().trainData().getFirst());
    assertThat(kept).isEqualTo(trainer.run(run).path().resolve("data/documents.protobuf"));
    List<String> ids = DocumentFile.read(kept).stream().map(Document::id).toList();
    assertThat(ids).hasSize(24).startsWith("p0-0", "p0-1").endsWith("p2-6", "p2-7");
    assertThat(trainer.post("/fit/data/delete", Map.of("dataset", "pairs")))
        .containsEntry("documents", 24L);
    assertThat(kept).as("the run has its own").exists();
    assertThat(trainer.end(run).status()).isEqualTo(RunStatus.FINISHED);
  }

  @Test
  void whatIsWrongWithADatasetIsTold() {
    TrainerHarness trainer = trainer(Map.of("most_data_mb", 1));
    DocumentArray documents = TrainerHarness.tensors();
    assertThatThrownBy(() -> trainer.post("/fit/data", documents, Map.of()))
        .hasMessageContaining("dataset: missing (expected: a name)");
    assertThatThrownBy(() -> trainer.post("/fit/data", documents, Map.of("dataset", "../up")))
        .hasMessageContaining("dataset: \"../up\" (expected: letters, digits");
    assertThatThrownBy(() -> trainer.fit(DocumentArray.of(), Map.of("train_data", "dataset:pairs")))
        .hasMessageContaining("dataset: pairs is not there (expected: one that /fit/data was sent");
    var _ = trainer.post("/fit/data", documents, Map.of("dataset", "pairs"));
    assertThatThrownBy(() -> trainer.fit(DocumentArray.of(), Map.of("train_data", "dataset:pars")))
        .hasMessageContaining("dataset: pars is not there (expected: did you mean pairs?");
    assertThatThrownBy(() ->
            trainer.fit(
                DocumentArray.of(), Map.of("train_data", List.of("dataset:pairs", "a.csv"))))
        .hasMessageContaining("(expected: datasets alone, or files alone)");
    assertThatThrownBy(() ->
            trainer.fit(
                DocumentArray.of(),
                Map.of("train_data", "dataset:pairs", "loss", "CosineSimilarityLoss")))
        .hasMessageContaining("CosineSimilarityLoss");
    assertThat(code(() -> trainer.post("/fit/data/delete", Map.of("dataset", "pars"))))
        .isEqualTo(ErrorCode.NOT_FOUND);
    DocumentArray large =
        DocumentArray.of(Document.ofText("a".repeat(2 << 20)).tag("finetuner_label", "a"));
    assertThat(code(() -> trainer.post("/fit/data", large, Map.of("dataset", "pairs"))))
        .isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
    assertThat(trainer.post("/fit/data", DocumentArray.of(), Map.of("dataset", "pairs")))
        .containsEntry("documents", 8L);
    assertThat(trainer.store().list()).isEmpty();
    assertThat(root.resolve("runs/.uploads")).isEmptyDirectory();
  }

  @Test
  void filesAreThoseOfTheDataRoot() throws Exception {
    Path data = Files.createDirectory(root.resolve("data"));
    Path tensors = data.resolve("tensors.jsonl");
    DocumentFile.write(tensors, TrainerHarness.tensors());
    Files.createSymbolicLink(data.resolve("same.jsonl"), tensors);
    Path secret = Files.writeString(root.resolve("secret.csv"), "a,b\n");
    Files.createSymbolicLink(data.resolve("leak.csv"), secret);
    Files.createSymbolicLink(data.resolve("up"), root);
    TrainerHarness trainer = trainer(Map.of("data_root", data.toString()));
    for (String name :
        List.of(
            "../secret.csv",
            secret.toString(),
            "leak.csv",
            "up/secret.csv",
            "../nothing.csv",
            "/etc/passwd")) {
      for (Map<String, ?> options :
          List.of(
              Map.of("train_data", name),
              Map.of("train_data", List.of("tensors.jsonl", name)),
              Map.of("train_data", "tensors.jsonl", "eval_data", name),
              Map.of("train_data", "tensors.jsonl", "eval_queries", name),
              Map.of(
                  "train_data",
                  "tensors.jsonl",
                  "callbacks",
                  List.of(
                      Map.of(
                          "EvaluationCallback",
                          Map.of("query_data", "tensors.jsonl", "index_data", name)))),
              Map.of(
                  "train_data",
                  "tensors.jsonl",
                  "model",
                  name.startsWith("/") ? name : "./" + name,
                  "model_options",
                  Map.of()))) {
        assertThatThrownBy(() -> trainer.fit(DocumentArray.of(), options))
            .as(name + " in " + options)
            .hasMessageEndingWith("(expected: a path within data_root)")
            .extracting(failure -> ((FlowException) failure).code())
            .isEqualTo(ErrorCode.PERMISSION_DENIED);
      }
    }
    assertThat(code(() -> trainer.fit(DocumentArray.of(), Map.of("train_data", "nothing.csv"))))
        .isEqualTo(ErrorCode.NOT_FOUND);
    Map<String, @Nullable Object> run =
        trainer.fit(
            DocumentArray.of(),
            Map.of("train_data", "same.jsonl", "eval_queries", tensors.toString()));
    assertThat(trainer.run(run).config().trainData())
        .containsExactly(tensors.toRealPath().toString());
    assertThat(trainer.end(run).status()).isEqualTo(RunStatus.FINISHED);
  }

  @Test
  void withoutADataRootNoFileIsRead() throws IOException {
    Path file = root.resolve("tensors.jsonl");
    DocumentFile.write(file, TrainerHarness.tensors());
    assertThatThrownBy(
            () -> trainer(Map.of()).fit(DocumentArray.of(), Map.of("train_data", file.toString())))
        .hasMessageContaining("this trainer has no data_root");
  }

  @Test
  void oneRequestIsOneRunAndOneTooManyIsRefused() throws Exception {
    TrainerHarness trainer = trainer(Map.of());
    DataRequestProto request =
        Requests.with(
            Requests.of("/fit", TrainerHarness.tensors()),
            StructJson.of(TrainerHarness.fit(Map.of("description", "goes on"))));
    Map<String, @Nullable Object> run = TrainerHarness.results(trainer.send(request));
    assertThat(TrainerHarness.results(trainer.send(request))).containsEntry("id", run.get("id"));
    assertThatThrownBy(() -> trainer.fit(TrainerHarness.tensors(), Map.of()))
        .hasMessageContaining(run.get("id") + " going on (expected: fewer than 1")
        .hasMessageEndingWith("documents of several go to /fit/data first)")
        .extracting(failure -> ((FlowException) failure).code())
        .isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
    assertThatThrownBy(() -> trainer.fit(TrainerHarness.tensors(), Map.of("epoch", 1)))
        .as("what is wrong is told first")
        .hasMessageContaining("did you mean epochs?");
    TrainerHarness.awaitStep(trainer.run(run), 5);
    assertThat(code(() -> trainer.post("/runs/resume", Map.of("run", run.get("id")))))
        .isEqualTo(ErrorCode.FAILED_PRECONDITION);
    assertThat(code(() -> trainer.post("/runs/delete", Map.of("run", run.get("id")))))
        .isEqualTo(ErrorCode.FAILED_PRECONDITION);
    assertThat(trainer.post("/runs/cancel", Map.of("run", run.get("id"), "grace", 20)))
        .containsEntry("status", "CANCELLED");
    assertThat(code(() -> trainer.post("/runs/save", Map.of("run", run.get("id")))))
        .isEqualTo(ErrorCode.FAILED_PRECONDITION);
    assertThat(trainer.post("/runs/resume", Map.of("run", run.get("id"))))
        .containsEntry("id", run.get("id"));
    assertThat(trainer.end(run).status()).isEqualTo(RunStatus.FINISHED);
  }

  @Test
  void aRunThatFailsSaysWhyAndIsDeleted() throws Exception {
    TrainerHarness trainer = trainer(Map.of());
    Map<String, @Nullable Object> run =
        trainer.fit(TrainerHarness.tensors(), Map.of("description", "fails"));
    assertThat(trainer.end(run).status()).isEqualTo(RunStatus.FAILED);
    assertThat(
            String.valueOf(
                trainer.post("/runs/status", Map.of("run", run.get("id"))).get("details")))
        .contains("the loss is a number no more");
    RunFolder folder = trainer.run(run);
    assertThat(trainer.post("/runs/delete", Map.of("run", run.get("id"))))
        .containsEntry("deleted", run.get("id"));
    assertThat(folder.path()).doesNotExist();
  }

  @Test
  void aStoppedTrainerLeavesItsRunsToTheNext() throws Exception {
    TrainerHarness first = trainer(Map.of());
    Map<String, @Nullable Object> run =
        first.fit(TrainerHarness.tensors(), Map.of("description", "goes on"));
    TrainerHarness.awaitStep(first.run(run), 5);
    first.close();
    assertThat(first.run(run).state().isRunning()).isTrue();
    TrainerHarness second = trainer(Map.of());
    assertThat(code(() -> second.fit(TrainerHarness.tensors(), Map.of())))
        .isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
    assertThat(second.post("/runs/cancel", Map.of("run", run.get("id"))))
        .containsEntry("status", "CANCELLED");
  }

  @Test
  void aStoppedTrainerCancelsItsRunsWhereItIsToldTo() throws Exception {
    TrainerHarness trainer = trainer(Map.of("when_stopped", "cancel"));
    Map<String, @Nullable Object> run =
        trainer.fit(TrainerHarness.tensors(), Map.of("description", "goes on"));
    TrainerHarness.awaitStep(trainer.run(run), 5);
    trainer.close();
    assertThat(trainer.run(run).state().status()).isEqualTo(RunStatus.CANCELLED);
  }

  @Test
  void endpointsSayWhoMayCallThem() {
    Discovery discovery =
        Discovery.from(
            trainer(Map.of()).server().discovery().endpointDiscovery(Empty.getDefaultInstance()));
    assertThat(discovery.access("/fit").name()).isEqualTo("WRITE");
    assertThat(discovery.access("/fit/data").name()).isEqualTo("WRITE");
    assertThat(discovery.access("/runs").name()).isEqualTo("READ");
    assertThat(discovery.access("/runs/cancel").name()).isEqualTo("WRITE");
    assertThat(discovery.access("/runs/delete").name()).isEqualTo("ADMIN");
  }

  @Test
  void runsTrainBehindWhateverElseTheMachineDoes() throws Exception {
    assumeTrue(ProcessPriority.isSupported(), "processes can be put behind others on Linux only");
    TrainerHarness trainer = trainer(Map.of());
    Map<String, @Nullable Object> result =
        trainer.fit(TrainerHarness.tensors(), Map.of("description", "goes on"));
    long pid = trainer.processes().getLast().pid();

    // proc_pid_stat(5): the 19th field is the nice value, the 2nd may hold spaces
    String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
    String nice = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[16];

    assertThat(nice).isEqualTo("10");
    var _ = trainer.post("/runs/cancel", Map.of("run", String.valueOf(result.get("id"))));
    assertThat(trainer.end(result).status()).isEqualTo(RunStatus.CANCELLED);
  }
}
