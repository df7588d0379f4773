package io.attune.trainer.fit;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.attune.document.Document;
import io.attune.document.NdArray;
import io.attune.document.file.DocumentFile;
import io.attune.models.ModelStore;
import io.attune.models.OnnxSession;
import io.attune.models.SessionOptions;
import io.attune.models.StoredModel;
import io.attune.models.TextTokenizer;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.trainer.run.ProgressEvent;
import io.attune.trainer.run.ProgressListener;
import io.attune.trainer.run.RunConfig;
import io.attune.trainer.run.RunFolder;
import io.attune.trainer.run.RunStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whole runs of small models in this process: what they learn, publish, repeat and resume.
class GraphTrainingTest {
  private static final List<List<String>> TOPICS =
      List.of(
          List.of("bike", "tyre", "pump"),
          List.of("train", "rail", "station"),
          List.of("boat", "sail", "harbour"),
          List.of("plane", "wing", "airport"));

  @TempDir private Path folder;
  private Path texts;

  @BeforeEach
  void writeTexts() throws IOException {
    StringBuilder rows = new StringBuilder();
    for (int topic = 0; topic < TOPICS.size(); topic++) {
      List<String> words = TOPICS.get(topic);
      for (String verb : List.of("find", "mend", "sell", "clean", "paint")) {
        rows.append(verb)
            .append(" my ")
            .append(words.get(0))
            .append(',')
            .append(topic)
            .append('\n');
        rows.append("the ").append(words.get(1)).append(' ').append(words.get(2)).append(" to ");
        rows.append(verb).append(',').append(topic).append('\n');
      }
    }
    texts = Files.writeString(folder.resolve("texts.csv"), rows);
  }

  private Map<String, Object> options() {
    Map<String, Object> options = new LinkedHashMap<>();
    options.put("model", "bilstm");
    options.put(
        "model_options",
        Map.of("vocabulary_size", 60L, "embedding_dim", 8L, "hidden_size", 8L, "output_dim", 8L));
    options.put("train_data", texts.toString());
    options.put("csv_options", Map.of("is_labeled", true));
    options.put("eval_queries", texts.toString());
    options.put("loss", "NTXentLoss");
    options.put("learning_rate", 0.02);
    options.put("batch_size", 16L);
    options.put("epochs", 4L);
    options.put("threads", 2L);
    options.put("run_name", "run");
    return options;
  }

  private ModelStore models(String where) {
    return ModelStore.at(folder.resolve(where).resolve("models"));
  }

  private RunFolder run(String where, Map<String, Object> options, ProgressListener listener) {
    RunConfig config = RunConfig.of(options);
    RunFolder run = RunStore.at(folder.resolve(where).resolve("runs")).create(config);
    train(where, run, listener);
    return run;
  }

  private void train(String where, RunFolder run, ProgressListener listener) {
    new GraphTraining(models(where)).run(run.config(), run, listener);
  }

  private static List<Double> losses(List<ProgressEvent> events) {
    List<Double> losses = new ArrayList<>();
    for (ProgressEvent event : events) {
      if (event instanceof ProgressEvent.Step step) {
        losses.add(step.loss());
      }
    }
    return losses;
  }

  private static double reciprocalRank(List<ProgressEvent> events, String phase) {
    for (ProgressEvent event : events) {
      if (event instanceof ProgressEvent.Evaluated evaluated && evaluated.phase().equals(phase)) {
        return requireNonNull(evaluated.metrics().get("reciprocal_rank")).value();
      }
    }
    throw new AssertionError("no evaluation " + phase);
  }

  @Test
  void aBiLstmLearnsAndIsPublishedAsItWasTrained() throws IOException {
    List<ProgressEvent> events = new ArrayList<>();
    RunFolder run = run("a", options(), events::add);

    List<Double> losses = losses(events);
    assertThat(losses.getLast()).isLessThan(losses.getFirst());
    double before = reciprocalRank(events, ProgressEvent.Evaluated.BEFORE);
    double after = reciprocalRank(events, ProgressEvent.Evaluated.AFTER);
    assertThat(after).isGreaterThan(before);

    StoredModel tuned = run.artifact().orElseThrow().open();
    assertThat(tuned.id().toString()).isEqualTo("bilstm@1");
    assertThat(tuned.artifact().run()).contains("default/run");
    assertThat(tuned.artifact().parent()).isEmpty();
    assertThat(tuned.artifact().metrics().get("reciprocal_rank")).isEqualTo(after);
    try (TextTokenizer tokenizer = TextTokenizer.open(tuned);
        OnnxSession session = OnnxSession.open(tuned, SessionOptions.DEFAULT)) {
      float[][] rows =
          session.embed(tokenizer.encode(List.of("mend my bike", "the tyre pump to mend")));
      assertThat(rows[0]).hasSize(8);
      assertThat(rows[0]).isNotEqualTo(rows[1]);
    }
  }

  @Test
  void oneSeedGivesOneModelAndAnotherSeedAnother() {
    RunFolder first = run("a", options(), ProgressListener.NONE);
    RunFolder second = run("b", options(), ProgressListener.NONE);
    Map<String, Object> other = options();
    other.put("seed", 2L);
    RunFolder third = run("c", other, ProgressListener.NONE);
    assertThat(hash(second)).isEqualTo(hash(first));
    assertThat(hash(third)).isNotEqualTo(hash(first));
  }

  private static String hash(RunFolder run) {
    return requireNonNull(run.artifact().orElseThrow().open().artifact().files().get("model.onnx"));
  }

  @Test
  void aRunThatWasCutOffResumesBitForBit() {
    List<ProgressEvent> whole = new ArrayList<>();
    RunFolder undisturbed = run("a", options(), whole::add);

    RunFolder cut =
        RunStore.at(folder.resolve("b").resolve("runs")).create(RunConfig.of(options()));
    int steps = losses(whole).size();
    assertThatThrownBy(() ->
            train(
                "b",
                cut,
                event -> {
                  if (event instanceof ProgressEvent.Step step && step.step() == steps / 2 + 1) {
                    throw new FlowException(ErrorCode.CANCELLED, "cut");
                  }
                }))
        .hasMessage("cut");
    List<ProgressEvent> again = new ArrayList<>();
    train("b", cut, again::add);

    assertThat(again)
        .filteredOn(ProgressEvent.FitBegin.class::isInstance)
        .singleElement()
        .satisfies(begin -> assertThat(begin.step()).isBetween(1L, (long) steps / 2));
    List<Double> resumed = losses(again);
    assertThat(resumed)
        .hasSizeLessThan(steps)
        .isEqualTo(losses(whole).subList(steps - resumed.size(), steps));
    assertThat(hash(cut)).isEqualTo(hash(undisturbed));
  }

  @Test
  void anMlpLearnsFromTensors() throws IOException {
    List<Document> documents = new ArrayList<>();
    for (int i = 0; i < 24; i++) {
      float sign = i % 2 == 0 ? 1 : -1;
      documents.add(
          Document.create()
              .tensor(NdArray.of(new float[] {sign, i * 0.01f, sign * 0.5f, 0.1f}, 4))
              .tag("finetuner_label", String.valueOf(i % 2)));
    }
    Path file = folder.resolve("tensors.jsonl");
    DocumentFile.write(file, documents);
    Map<String, Object> options = options();
    options.put("model", "mlp");
    options.put("model_options", Map.of("input_shape", List.of(4L), "hidden_sizes", List.of(6L)));
    options.put("output_dim", 3L);
    options.put("train_data", file.toString());
    options.put("eval_queries", file.toString());
    options.remove("csv_options");
    List<ProgressEvent> events = new ArrayList<>();
    RunFolder run = run("a", options, events::add);
    StoredModel tuned = run.artifact().orElseThrow().open();
    assertThat(tuned.artifact().dimension()).isEqualTo(3);
    assertThat(reciprocalRank(events, ProgressEvent.Evaluated.AFTER)).isCloseTo(1, within(1e-9));
  }

  @Test
  void aRunThatWasCutOffWithinAnEpochResumesThere() {
    Map<String, Object> options = options();
    options.put("epochs", 2L);
    List<ProgressEvent> whole = new ArrayList<>();
    RunFolder undisturbed = run("a", options, whole::add);
    options.put("checkpoint_every", 1L);
    RunFolder cut = RunStore.at(folder.resolve("b").resolve("runs")).create(RunConfig.of(options));
    int perEpoch = losses(whole).size() / 2;
    assertThat(perEpoch).isGreaterThan(1);
    assertThatThrownBy(() ->
            train(
                "b",
                cut,
                event -> {
                  if (event instanceof ProgressEvent.Step step && step.step() == perEpoch + 2) {
                    throw new FlowException(ErrorCode.CANCELLED, "cut");
                  }
                }))
        .hasMessage("cut");
    List<ProgressEvent> again = new ArrayList<>();
    train("b", cut, again::add);

    assertThat(losses(again)).isEqualTo(losses(whole).subList(perEpoch + 1, losses(whole).size()));
    assertThat(epochs(again)).isEqualTo(epochs(whole).subList(1, 2));
    assertThat(hash(cut)).isEqualTo(hash(undisturbed));
  }

  private static List<Map<String, Double>> epochs(List<ProgressEvent> events) {
    List<Map<String, Double>> epochs = new ArrayList<>();
    for (ProgressEvent event : events) {
      if (event instanceof ProgressEvent.EpochEnd end) {
        epochs.add(end.values());
      }
    }
    return epochs;
  }

  @Test
  void anEpochWithoutALossIsToldOf() {
    Map<String, Object> options = options();
    options.put("loss", "TripletMarginLoss");
    options.put("loss_options", Map.of("margin", -5.0));
    options.put("epochs", 1L);
    List<ProgressEvent> events = new ArrayList<>();
    run("a", options, events::add);
    assertThat(losses(events)).containsOnly(0.0);
    assertThat(events.toString()).contains("every loss of epoch 1 is 0");
  }

  @Test
  void sessionsWithoutNegativesAreRefusedWhereALossNeedsTheirOwn() throws IOException {
    Path pairs = Files.writeString(folder.resolve("qa.csv"), "anchor,positive\na,b\nc,d\ne,f\n");
    Map<String, Object> options = options();
    options.put("train_data", pairs.toString());
    options.remove("csv_options");
    options.remove("eval_queries");
    options.put("loss", "TripletMarginLoss");
    assertThatThrownBy(() -> run("a", options, ProgressListener.NONE))
        .hasMessageContaining("loss_options.negatives: session, and no session has one");
  }

  @Test
  void aPartOfTheDataIsHeldOutForTheLoss() {
    Map<String, Object> options = options();
    options.put("val_split", 0.4);
    options.put("epochs", 1L);
    List<ProgressEvent> events = new ArrayList<>();
    run("a", options, events::add);
    assertThat(events.toString())
        .contains("held out for val_loss: 16 of 40 rows")
        .contains("texts.csv: 24 rows")
        .contains("val_loss=");
  }

  @Test
  void whatTheLossCannotLearnFromIsRefused() {
    Map<String, Object> options = options();
    options.put("loss", "CosineSimilarityLoss");
    assertThatThrownBy(() -> run("a", options, ProgressListener.NONE))
        .hasMessageContaining("CosineSimilarityLoss cannot learn from labels");
  }

  @Test
  void gradientsOfSeveralBatchesMakeOneUpdate() {
    Map<String, Object> options = options();
    options.put("epochs", 1L);
    List<ProgressEvent> one = new ArrayList<>();
    run("a", options, one::add);
    options.put("gradient_accumulation_steps", 3L);
    List<ProgressEvent> three = new ArrayList<>();
    run("b", options, three::add);
    assertThat(losses(three)).hasSize(Math.ceilDiv(losses(one).size(), 3));
  }

  @Test
  void aHeadAloneIsTrainedWhereEverythingElseIsFrozen() {
    Map<String, Object> options = options();
    options.put("freeze", List.of("lstm", "embedding"));
    options.put("epochs", 1L);
    RunFolder run = run("a", options, ProgressListener.NONE);
    assertThat(run.artifact()).isPresent();
  }
}
