package io.attune.trainer.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.NdArray;
import io.attune.document.json.StructJson;
import io.attune.models.ModelStore;
import io.attune.proto.jina.DataRequestProto;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.testing.Requests;
import io.attune.trainer.fit.FitMain;
import io.attune.trainer.run.RunFolder;
import io.attune.trainer.run.RunStatus;
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

/// Labelling by hand over the wire.
@Timeout(120)
class LabelEndpointsTest {
  private static final Map<String, Object> INTERACTIVE =
      Map.of(
          "model",
          "mlp",
          "model_options",
          Map.of("input_shape", 2, "output_dim", 2),
          "loss",
          "NTXentLoss",
          "batch_size",
          4,
          "heap_mb",
          256,
          "memory_mb",
          2048);

  @TempDir private Path root;
  private final List<TrainerHarness> open = new ArrayList<>();

  private TrainerHarness trainer(RunStarter starter, Map<String, ?> with) {
    TrainerHarness trainer = new TrainerHarness(root, with, starter);
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

  /// Points on two rays: those of even numbers on one, of odd numbers on the other.
  private static DocumentArray points(int count) {
    DocumentArray points = DocumentArray.of();
    for (int i = 0; i < count; i++) {
      float[] point = i % 2 == 0 ? new float[] {1 + i, 0.1f * i} : new float[] {0.1f * i, 1 + i};
      points.add(Document.create().id("d" + i).tensor(NdArray.of(point)));
    }
    return points;
  }

  private static Document labelled(Document question) {
    Document answer = Document.create().id(question.id());
    return answer.matches(
        question.matches().stream()
            .map(match ->
                Document.create()
                    .id(match.id())
                    .tag("finetuner_label", parity(match) == parity(question) ? 1 : -1))
            .toList());
  }

  private static int parity(Document document) {
    return Integer.parseInt(document.id().substring(1)) % 2;
  }

  private static DataRequestProto next(TrainerHarness trainer, Map<String, ?> parameters) {
    return trainer.send(
        Requests.with(Requests.of("/next", DocumentArray.of()), StructJson.of(parameters)));
  }

  private static RunFolder submit(TrainerHarness trainer, DocumentArray questions, int epochs) {
    DocumentArray answers =
        DocumentArray.of(questions.stream().map(LabelEndpointsTest::labelled).toList());
    Map<String, @Nullable Object> submitted =
        trainer.post("/fit", answers, Map.of("epochs", epochs));
    assertThat(submitted).containsKey("id");
    return trainer.run(submitted);
  }

  @Test
  void aSessionGoesFromDocumentsToATunedModelAndOn() throws Exception {
    ModelStore store = ModelStore.at(root.resolve("models"));
    Path data = Files.createDirectory(root.resolve("data"));
    Map<String, ?> with = Map.of("interactive", INTERACTIVE, "data_root", data.toString());
    TrainerHarness trainer = trainer(run -> FitMain.start(run, store), with);
    assertThat(trainer.post("/feed", points(12), Map.of())).containsEntry("documents", 12L);
    DataRequestProto first = next(trainer, Map.of("end", 6, "topk", 5));
    assertThat(TrainerHarness.results(first)).containsEntry("model", "").containsEntry("of", 12L);
    assertThatThrownBy(() -> trainer.post("/save", Map.of()))
        .hasMessageContaining("model: none yet");

    RunFolder run = submit(trainer, Requests.documents(first), 2);
    assertThat(TrainerHarness.end(run).status())
        .as(run.state().details())
        .isEqualTo(RunStatus.FINISHED);
    assertThat(run.config().epochs()).isEqualTo(2);
    assertThat(run.config().batchSize()).isEqualTo(4);

    trainer.close();
    TrainerHarness later = trainer(each -> FitMain.start(each, store), with);
    DataRequestProto second = next(later, Map.of("end", 2, "topk", 3, "mode", "uncertain"));
    assertThat(TrainerHarness.results(second)).containsEntry("model", "mlp@1");
    DocumentArray questions = Requests.documents(second);
    assertThat(questions).hasSize(2);
    assertThat(questions.stream().map(question -> Integer.parseInt(question.id().substring(1))))
        .as("those answered are not asked again")
        .allMatch(number -> number >= 6);
    for (Document question : questions) {
      List<Float> distances =
          question.matches().stream()
              .map(match -> match.scores().values().iterator().next().value())
              .toList();
      assertThat(distances).hasSize(3).isSorted();
      assertThat(distances.getFirst()).isBetween(-1e-5f, 2f);
    }
    Map<String, @Nullable Object> saved = later.post("/save", Map.of("model_path", "mine.zip"));
    assertThat(saved).containsEntry("artifact", "mlp@1").containsEntry("model_path", "mine.zip");
    assertThat(data.resolve("mine.zip")).isNotEmptyFile();
    assertThat(later.post("/save", Map.of("model_path", "mine.zip"))).containsKey("bytes");

    RunFolder again = submit(later, questions, 1);
    assertThat(TrainerHarness.end(again).status()).isEqualTo(RunStatus.FINISHED);
    assertThat(again.config().model()).as("it goes on from there").isEqualTo("mlp@1");
    assertThat(TrainerHarness.results(next(later, Map.of()))).containsEntry("model", "mlp@2");
    assertThat(later.post("/terminate", Map.of())).containsEntry("labelled", 8L);
  }

  @Test
  void pathsToSaveToAreThoseOfTheDataRoot() throws Exception {
    Path data = Files.createDirectory(root.resolve("data"));
    DataRoot folder = new DataRoot(data);
    Files.createSymbolicLink(data.resolve("up"), root);
    Files.createSymbolicLink(data.resolve("link.zip"), root.resolve("elsewhere.zip"));
    Files.createDirectory(data.resolve("sub"));
    for (String name :
        List.of(
            "../a.zip",
            "/tmp/a.zip",
            "up/a.zip",
            "link.zip",
            "sub",
            "",
            ".hidden",
            "sub/",
            "..",
            "a\u0000b")) {
      assertThat(
              catchThrowableOfType(FlowException.class, () -> folder.target("model_path", name))
                  .code())
          .as(name)
          .isEqualTo(ErrorCode.PERMISSION_DENIED);
    }
    assertThat(
            catchThrowableOfType(FlowException.class, () -> folder.target("p", "no/a.zip")).code())
        .isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(
            catchThrowableOfType(FlowException.class, () -> new DataRoot(null).target("p", "a.zip"))
                .code())
        .isEqualTo(ErrorCode.PERMISSION_DENIED);
    assertThat(folder.target("p", "sub/a.zip")).isEqualTo(data.toRealPath().resolve("sub/a.zip"));
  }

  @Test
  void requestsWithAModelAreRunsOfTheirOwn() throws Exception {
    TrainerHarness trainer = trainer(FakeTraining::start, Map.of("interactive", INTERACTIVE));
    Map<String, @Nullable Object> run =
        trainer.fit(TrainerHarness.tensors(), Map.of("run_name", "own"));
    assertThat(run).containsEntry("id", "default/own");
    assertThat(trainer.end(run).status()).isEqualTo(RunStatus.FINISHED);
    assertThatThrownBy(() -> trainer.post("/fit", points(2), Map.of("loss", "x")))
        .hasMessageContaining("loss: unknown parameter of /fit (expected: one of epochs)");
    assertThatThrownBy(() -> trainer.post("/feed", points(1), Map.of("start", 1)))
        .hasMessageContaining("start: unknown parameter of /feed");
  }

  @Test
  void labelsAreTrainedWhenTheRunBeforeIsOver() throws Exception {
    TrainerHarness trainer = trainer(FakeTraining::start, Map.of("interactive", INTERACTIVE));
    trainer.post("/feed", points(4), Map.of());
    Map<String, @Nullable Object> busy =
        trainer.fit(TrainerHarness.tensors(), Map.of("description", "goes on"));
    TrainerHarness.awaitStep(trainer.run(busy), 1);
    Document answer =
        Document.create()
            .id("d0")
            .matches(List.of(Document.create().id("d2").tag("finetuner_label", 1)));
    assertThat(trainer.post("/fit", DocumentArray.of(answer), Map.of()))
        .containsEntry("waiting", true);
    trainer.post("/runs/cancel", Map.of("run", String.valueOf(busy.get("id")), "grace", 20));
    List<RunFolder> labelling = trainer.store().list("labelling");
    while (labelling.isEmpty()) {
      Thread.onSpinWait();
      labelling = trainer.store().list("labelling");
    }
    assertThat(TrainerHarness.end(labelling.getFirst()).status()).isEqualTo(RunStatus.FINISHED);
  }
}
