package io.attune.trainer.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.attune.document.Document;
import io.attune.document.NdArray;
import io.attune.document.file.DocumentFile;
import io.attune.models.OnnxSession;
import io.attune.models.SessionOptions;
import io.attune.models.StoredModel;
import io.attune.models.TextTokenizer;
import io.attune.onnx.ElementType;
import io.attune.onnx.OnnxModel;
import io.attune.onnx.Tensor;
import io.attune.trainer.data.TrainingData;
import io.attune.trainer.run.ProgressEvent;
import io.attune.trainer.run.ProgressListener;
import io.attune.trainer.run.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Whole runs of small models in this process: what they learn, publish, repeat and resume.
class GraphTrainingTest extends SmallRuns {
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
    try (TrainingData data = TrainingData.read(texts, run.config().csvOptions())) {
      assertThat(tuned.artifact().dataHash()).contains(data.sha256());
    }
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

  @Test
  void weightsBetweenTheUntunedAndTheTunedOnesArePublished() throws IOException {
    OnnxModel untuned = model(run("a", options(), ProgressListener.NONE));
    OnnxModel tuned = model(run("a", again("tuned"), ProgressListener.NONE));
    Map<String, Object> options = again("merged");
    options.put("callbacks", List.of(Map.of("WiSEFTCallback", Map.of("alpha", 0.25))));
    List<ProgressEvent> events = new ArrayList<>();
    RunFolder run = run("a", options, events::add);

    OnnxModel merged = model(run);
    for (Tensor tensor : merged.graph().initializers().values()) {
      if (tensor.type() == ElementType.FLOAT) {
        float[] before = untuned.graph().initializer(tensor.name()).toFloats();
        float[] after = tuned.graph().initializer(tensor.name()).toFloats();
        float[] values = tensor.toFloats();
        for (int i = 0; i < values.length; i++) {
          assertThat(values[i]).isCloseTo(0.75f * before[i] + 0.25f * after[i], within(1e-6f));
        }
      }
    }
    assertThat(merged.proto()).isNotEqualTo(untuned.proto()).isNotEqualTo(tuned.proto());

    Map<String, Object> look = again("look");
    look.put("model", run.artifact().orElseThrow().model());
    look.put("epochs", 0L);
    List<ProgressEvent> looked = new ArrayList<>();
    run("a", look, looked::add);
    assertThat(reciprocalRank(events, ProgressEvent.Evaluated.AFTER))
        .as("measured with the weights that are published")
        .isEqualTo(reciprocalRank(looked, ProgressEvent.Evaluated.BEFORE));
  }

  private static OnnxModel model(RunFolder run) throws IOException {
    return OnnxModel.read(run.artifact().orElseThrow().open().model());
  }

  @Test
  void withoutAnEpochItIsEvaluatedAndNotPublished() {
    Map<String, Object> options = options();
    options.put("epochs", 0L);
    List<ProgressEvent> events = new ArrayList<>();
    RunFolder run = run("a", options, events::add);
    assertThat(reciprocalRank(events, ProgressEvent.Evaluated.BEFORE)).isPositive();
    assertThat(run.artifact()).isEmpty();
    assertThat(models("a").names()).isEmpty();
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
  void whatTheLossIsMeasuredOnIsNotTrainedOn() throws IOException {
    List<ProgressEvent> alone = new ArrayList<>();
    RunFolder run = run("a", options(), alone::add);
    Map<String, Object> options = options();
    options.put("eval_data", otherTexts().toString());
    List<ProgressEvent> beside = new ArrayList<>();
    RunFolder measured = run("b", options, beside::add);
    assertThat(beside.toString()).contains("val_loss=");
    assertThat(losses(beside)).isEqualTo(losses(alone));
    assertThat(hash(measured)).isEqualTo(hash(run));
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
