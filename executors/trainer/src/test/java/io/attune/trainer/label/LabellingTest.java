package io.attune.trainer.label;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.NdArray;
import io.attune.document.json.StructJson;
import io.attune.models.StoredModel;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.Parameters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Sessions whose runs are noted, and whose embeddings are angles.
@Timeout(60)
class LabellingTest {
  private static final Map<String, Object> MLP =
      Map.of("model", "mlp", "model_options", Map.of("input_shape", 2), "loss", "NTXentLoss");

  @TempDir private Path folder;
  private final NotedRuns runs = new NotedRuns();
  private final List<Labelling> open = new ArrayList<>();

  /// Runs that were asked for.
  private static final class NotedRuns implements SessionRuns {
    final List<Map<String, @Nullable Object>> values = new ArrayList<>();
    final List<List<String>> labels = new ArrayList<>();
    boolean room = true;
    boolean trainable = true;
    boolean killed;
    private final Map<UUID, Map<String, @Nullable Object>> byCause = new HashMap<>();

    @Override
    public Optional<StoredModel> tuned(String experiment) {
      return Optional.empty();
    }

    @Override
    public Optional<StoredModel> base(String model) {
      return Optional.empty();
    }

    @Override
    public boolean hasRoom() {
      return room;
    }

    @Override
    public Map<String, @Nullable Object> start(
        UUID cause, Map<String, ? extends @Nullable Object> with, DocumentArray documents) {
      Map<String, @Nullable Object> known = byCause.get(cause);
      if (known != null) {
        return new LinkedHashMap<>(known);
      }
      if (!room) {
        throw new FlowException(ErrorCode.RESOURCE_EXHAUSTED, "runs: one is going on");
      }
      if (!trainable) {
        throw FlowException.invalid("documents: nothing belongs to anything");
      }
      values.add(new LinkedHashMap<>(with));
      labels.add(documents.stream().map(LabellingTest::line).toList());
      byCause.put(cause, Map.of("id", "labelling/run-" + values.size()));
      if (killed) {
        throw new AssertionError("killed");
      }
      return new LinkedHashMap<>(byCause.get(cause));
    }
  }

  private static String line(Document question) {
    StringBuilder line = new StringBuilder(question.id() + "(" + question.text() + "):");
    question
        .matches()
        .forEach(match ->
            line.append(
                " %s(%s)=%.0f"
                    .formatted(
                        match.id(),
                        match.text(),
                        match.tag("finetuner_label").orElseThrow().getNumberValue())));
    return line.toString();
  }

  private Labelling session(Map<String, ?> interactive) {
    Labelling session =
        new Labelling(
            folder,
            1 << 20,
            LabelOptions.of(interactive),
            runs,
            _ -> {
              throw new AssertionError("there is no model");
            },
            new Random(3));
    open.add(session);
    return session;
  }

  @AfterEach
  void close() {
    open.forEach(Labelling::close);
  }

  private static DocumentArray texts(int count) {
    DocumentArray documents = DocumentArray.of();
    for (int i = 0; i < count; i++) {
      documents.add(Document.ofText("text " + i).id("d" + i).tag("finetuner_label", "old"));
    }
    return documents;
  }

  /// A question with labelled matches, ids alone: `d0 d1=1 d2=-1`.
  private static Document answered(String line) {
    List<String> parts = List.of(line.split(" ", -1));
    List<Document> matches = new ArrayList<>();
    for (String part : parts.subList(1, parts.size())) {
      int is = part.indexOf('=');
      matches.add(
          Document.create()
              .id(part.substring(0, is))
              .tag("finetuner_label", Double.parseDouble(part.substring(is + 1))));
    }
    return Document.create().id(parts.getFirst()).matches(matches);
  }

  private static NextQuestions next(Map<String, ?> parameters) {
    return NextQuestions.of(new Parameters(StructJson.of(parameters)));
  }

  @Test
  void eachSubmissionTrainsAllLabelsSoFar() {
    Labelling session = session(MLP);
    assertThat(session.feed(texts(5))).isEqualTo(Map.of("documents", 5, "added", 5));
    assertThat(session.submit("s1", DocumentArray.of(answered("d0 d1=1 d2=-1")), null))
        .containsEntry("id", "labelling/run-1")
        .containsEntry("labelled", 1);
    assertThat(session.submit("s2", DocumentArray.of(answered("d3 d4=1"), answered("d0 d2=1")), 2))
        .containsEntry("labelled", 2);
    assertThat(runs.labels.get(0)).containsExactly("d0(text 0): d1(text 1)=1 d2(text 2)=-1");
    assertThat(runs.labels.get(1))
        .as("of one match the last word counts")
        .containsExactly("d0(text 0): d1(text 1)=1 d2(text 2)=1", "d3(text 3): d4(text 4)=1");
    assertThat(runs.values.get(0))
        .containsEntry("epochs", 10)
        .containsEntry("experiment_name", "labelling")
        .containsEntry("loss", "NTXentLoss")
        .containsEntry("learning_rate", 1e-3);
    assertThat(runs.values.get(1)).containsEntry("epochs", 2);
  }

  @Test
  void labelsAndDocumentsSurviveARestart() {
    Labelling session = session(MLP);
    session.feed(texts(3));
    session.submit("s1", DocumentArray.of(answered("d0 d1=1 d2=-1")), null);
    session.close();
    Labelling later = session(MLP);
    assertThat(later.feed(texts(4)))
        .as("those that are there stay as they are")
        .isEqualTo(Map.of("documents", 4, "added", 1));
    later.submit("s2", DocumentArray.of(answered("d3 d0=1")), null);
    assertThat(runs.labels.getLast()).hasSize(2);

    Labelling cleared =
        session(
            Map.of(
                "model",
                "mlp",
                "model_options",
                Map.of("input_shape", 2),
                "clear_labels_on_start",
                true));
    cleared.submit("s3", DocumentArray.of(answered("d3 d0=1")), null);
    assertThat(runs.labels.getLast()).hasSize(1);
  }

  @Test
  void aSubmissionThatIsSentAgainIsOne() {
    Labelling session = session(MLP);
    assertThat(session.feed(texts(3))).containsEntry("added", 3);
    assertThat(session.feed(texts(3))).containsEntry("added", 0).containsEntry("documents", 3);
    session.feed(texts(5));
    session.close();
    session = session(MLP);
    assertThat(session.feed(texts(0))).as("all of them are kept").containsEntry("documents", 5);
    session.submit("s1", DocumentArray.of(answered("d0 d1=1")), null);
    assertThat(session.submit("s1", DocumentArray.of(answered("d0 d1=1")), null))
        .containsEntry("labelled", 1);
  }

  @Test
  void whatIsNewUnderAnOldRequestIdIsKept() {
    Labelling session = session(MLP);
    session.feed(texts(3));
    session.submit("1", DocumentArray.of(answered("d0 d1=1")), null);
    session.submit("1", DocumentArray.of(answered("d0 d1=-1"), answered("d2 d1=1")), null);
    session.submit("1", DocumentArray.of(answered("d0 d1=1")), null);
    assertThat(runs.labels.getLast())
        .as("the first was sent again, which is not a word of its own")
        .containsExactly("d0(text 0): d1(text 1)=-1", "d2(text 2): d1(text 1)=1");
  }

  @Test
  void aRunThatWasStartedBeforeAKillIsTheOne() {
    Labelling session = session(MLP);
    session.feed(texts(4));
    runs.killed = true;
    assertThatThrownBy(() -> session.submit("s1", DocumentArray.of(answered("d0 d1=1")), null))
        .isInstanceOf(AssertionError.class);
    runs.killed = false;
    session.close();
    Labelling later = session(MLP);
    later.trainWhatWaits();
    later.trainWhatWaits();
    assertThat(runs.values).hasSize(1);

    runs.killed = true;
    assertThatThrownBy(() -> later.submit("s2", DocumentArray.of(answered("d2 d1=1")), null))
        .isInstanceOf(AssertionError.class);
    runs.killed = false;
    later.close();
    assertThat(session(MLP).submit("s2", DocumentArray.of(answered("d2 d1=1")), null))
        .as("sent again, as its answer was lost")
        .containsEntry("id", "labelling/run-2");
    assertThat(runs.values).hasSize(2);
  }

  @Test
  void labelsOfBeforeRunsHadCausesAreTrained() throws IOException {
    Labelling session = session(MLP);
    session.feed(texts(2));
    runs.room = false;
    session.submit("s1", DocumentArray.of(answered("d0 d1=1")), null);
    session.close();
    Files.writeString(folder.resolve("wanted"), "7");
    runs.room = true;
    session(MLP).trainWhatWaits();
    assertThat(runs.values).hasSize(1);
    assertThat(runs.values.getFirst()).containsEntry("epochs", 7);
  }

  @Test
  void labelsWaitForRoomAlsoOverARestart() {
    Labelling session = session(MLP);
    session.feed(texts(3));
    runs.room = false;
    assertThat(session.submit("s1", DocumentArray.of(answered("d0 d1=1")), 7))
        .containsEntry("waiting", true)
        .containsEntry("labelled", 1)
        .doesNotContainKey("id");
    session.trainWhatWaits();
    assertThat(runs.values).isEmpty();
    session.close();
    Labelling later = session(MLP);
    runs.room = true;
    later.trainWhatWaits();
    later.trainWhatWaits();
    assertThat(runs.values).hasSize(1);
    assertThat(runs.values.getFirst()).containsEntry("epochs", 7);
  }

  @Test
  void labelsThatCannotBeTrainedOnYetAreKept() {
    Labelling session = session(MLP);
    session.feed(texts(3));
    runs.trainable = false;
    assertThat(session.submit("s1", DocumentArray.of(answered("d0 d1=-1")), null))
        .containsEntry("refused", "documents: nothing belongs to anything")
        .containsEntry("labelled", 1);
    runs.trainable = true;
    session.trainWhatWaits();
    assertThat(runs.values).isEmpty();
    session.submit("s2", DocumentArray.of(answered("d1 d2=1")), null);
    assertThat(runs.labels.getLast()).hasSize(2);
  }

  @Test
  void whatIsWrongIsRefusedAndNothingOfItIsKept() {
    Labelling session = session(MLP);
    session.feed(texts(3));
    for (String wrong : List.of("d0 d1=2", "d0 d1=NaN", "d0 d1=0")) {
      assertThatThrownBy(() ->
              session.submit("s", DocumentArray.of(answered("d0 d2=1"), answered(wrong)), null))
          .hasMessageContaining("match d1 of d0: finetuner_label: ")
          .hasMessageContaining("(expected: 1.0 or -1.0)");
    }
    assertThatThrownBy(() -> session.submit("s", DocumentArray.of(answered("d0")), null))
        .hasMessageContaining(
            "document d0: no matches (expected: matches with tag finetuner_label");
    assertThatThrownBy(() -> session.submit("s", DocumentArray.of(), null))
        .hasMessageContaining("documents: none");
    assertThatThrownBy(() -> session.submit("s", DocumentArray.of(answered("d0 x=1 y=-1")), null))
        .hasMessageContaining("documents: x, y not known, and without content");
    assertThat(session.terminate()).containsEntry("labelled", 0);
  }

  @Test
  void afterItIsTerminatedASessionTakesNothingUntilDocumentsAreFed() {
    Labelling session = session(MLP);
    session.feed(texts(3));
    session.submit("s1", DocumentArray.of(answered("d0 d1=1")), null);
    assertThat(session.terminate()).containsEntry("labelled", 1);
    session.close();
    Labelling later = session(MLP);
    assertThatThrownBy(() -> later.next(next(Map.of())))
        .hasMessageContaining("session: terminated (expected: /feed begins another)");
    assertThatThrownBy(() -> later.submit("s2", DocumentArray.of(answered("d0 d1=1")), null))
        .hasMessageContaining("session: terminated");
    later.feed(DocumentArray.of());
    assertThat(later.submit("s2", DocumentArray.of(answered("d1 d2=1")), null))
        .containsEntry("labelled", 2);
  }

  @Test
  void questionsComeInTheOrderFedWithoutEmbeddingsAndTensors() {
    Labelling session = session(MLP);
    DocumentArray documents = DocumentArray.of();
    for (int i = 0; i < 20; i++) {
      documents.add(
          Document.create()
              .id("d" + i)
              .tensor(NdArray.of(new float[] {i, 1}))
              .embedding(NdArray.of(new float[] {i, 1}))
              .tag("kept", i));
    }
    session.feed(documents);
    Labelling.Asked asked = session.next(next(Map.of("start", 3, "end", 6, "topk", 4)));
    assertThat(asked.model()).isEmpty();
    assertThat(asked.of()).isEqualTo(20);
    assertThat(asked.questions()).extracting(Document::id).containsExactly("d3", "d4", "d5");
    for (Document question : asked.questions()) {
      assertThat(question.matches()).hasSize(4);
      assertThat(question.matches()).extracting(Document::id).doesNotContain(question.id());
      assertThat(question.hasTensor() || question.hasEmbedding()).isFalse();
      assertThat(question.tag("kept")).isPresent();
      assertThat(question.matches()).noneMatch(match -> match.hasTensor() || match.hasEmbedding());
    }
    assertThat(session.next(next(Map.of())).questions())
        .extracting(Document::id)
        .containsExactly("d0");
    assertThat(session.next(next(Map.of())).questions().getFirst().matches()).hasSize(10);
    assertThat(session.next(next(Map.of("start", 19, "end", 30))).questions()).hasSize(1);
    assertThat(session.next(next(Map.of("start", 20))).questions()).isEmpty();
    assertThat(
            session
                .next(next(Map.of("sample_size", 3, "topk", 9)))
                .questions()
                .getFirst()
                .matches())
        .hasSizeBetween(2, 3);
    session.submit("s1", DocumentArray.of(answered("d0 d1=1")), null);
    assertThat(session.next(next(Map.of("mode", "uncertain", "end", 20))).questions())
        .hasSize(19)
        .extracting(Document::id)
        .doesNotContain("d0");
  }

  @Test
  void parametersAreChecked() {
    assertThat(next(Map.of()))
        .isEqualTo(new NextQuestions(0, 1, 10, 1000, NextQuestions.Mode.NEAREST));
    assertThat(next(Map.of("start", 2, "end", 4, "topk", 9, "sample_size", 7, "mode", "uncertain")))
        .isEqualTo(new NextQuestions(2, 4, 9, 7, NextQuestions.Mode.UNCERTAIN));
    assertThatThrownBy(() -> next(Map.of("start", 5, "end", 4)))
        .hasMessageContaining("end: 4 (expected: 5..1005, at most 1000 questions from start)");
    assertThatThrownBy(() -> next(Map.of("topk", 0)))
        .hasMessageContaining("topk: 0 (expected: a whole number 1..1000)");
    assertThatThrownBy(() -> next(Map.of("mode", "random")))
        .hasMessageContaining("mode: random (expected: nearest or uncertain)");
    assertThatThrownBy(() -> LabelOptions.of(Map.of("model", "mlp", "epoch", 3)))
        .hasMessageContaining("epoch: unknown key");
    assertThatThrownBy(() -> LabelOptions.of(Map.of("model", "m.onnx")))
        .hasMessageContaining(
            "interactive: model: m.onnx (expected: an artifact's name, or one of");
    assertThatThrownBy(() -> LabelOptions.of(Map.of("model", "mlp", "train_data", "a.csv")))
        .hasMessageContaining("interactive: train_data (expected: none");
    assertThatThrownBy(() -> LabelOptions.of(Map.of("model", "mlp", "clear_labels_on_start", 1)))
        .hasMessageContaining("clear_labels_on_start: 1 (expected: true or false)");
  }
}
