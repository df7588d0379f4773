package io.attune.trainer.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.trainer.run.ProgressEvent;
import io.attune.trainer.run.ProgressListener;
import io.attune.trainer.run.RunConfig;
import io.attune.trainer.run.RunFolder;
import io.attune.trainer.run.RunStore;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Runs that go on after they were cut off, in this process.
class ResumedTrainingTest extends SmallRuns {
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

  @Test
  void aRunThatGoesOnMeasuresTheLossOfOtherDataAsBefore() throws IOException {
    Map<String, Object> options = options();
    options.put("eval_data", otherTexts().toString());
    List<ProgressEvent> whole = new ArrayList<>();
    RunFolder undisturbed = run("a", options, whole::add);
    RunFolder cut = cutOffInTheLastEpoch("b", options);
    List<ProgressEvent> again = new ArrayList<>();
    train("b", cut, again::add);
    assertThat(epochs(again)).isEqualTo(epochs(whole).subList(3, 4));
    assertThat(hash(cut)).isEqualTo(hash(undisturbed));
  }

  @Test
  void aRunThatGoesOnMergesWithTheWeightsItFirstBeganFrom() {
    run("a", options(), ProgressListener.NONE);
    Map<String, Object> options = again("whole");
    options.put("callbacks", List.of("WiSEFTCallback"));
    RunFolder whole = run("a", options, ProgressListener.NONE);
    options.put("run_name", "cut");
    RunFolder cut = cutOffInTheLastEpoch("a", options);
    train("a", cut, ProgressListener.NONE);
    assertThat(hash(cut)).isEqualTo(hash(whole));
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

  private RunFolder cutOffInTheLastEpoch(String where, Map<String, Object> options) {
    RunFolder cut =
        RunStore.at(folder.resolve(where).resolve("runs")).create(RunConfig.of(options));
    assertThatThrownBy(() ->
            train(
                where,
                cut,
                event -> {
                  if (event instanceof ProgressEvent.Step step && step.epoch() == 4) {
                    throw new FlowException(ErrorCode.CANCELLED, "cut");
                  }
                }))
        .hasMessage("cut");
    return cut;
  }

  @Test
  void aRunIsNotResumedOnOtherData() throws IOException {
    RunFolder cut = cutOffInTheLastEpoch("a", options());
    String rows = Files.readString(texts);
    Files.writeString(texts, rows.replace("mend my bike", "mend her bike"));
    assertThatThrownBy(() -> train("a", cut, ProgressListener.NONE))
        .isInstanceOfSatisfying(
            FlowException.class,
            failure -> assertThat(failure.code()).isEqualTo(ErrorCode.FAILED_PRECONDITION))
        .hasMessageStartingWith("train_data: sha256 ")
        .hasMessageContaining("bring it back, or start a new run");
    Files.writeString(texts, rows);
    train("a", cut, ProgressListener.NONE);
    assertThat(cut.artifact()).isPresent();
  }

  @Test
  void aRunThatWasKilledOncePublishedFindsItsVersion() throws IOException {
    RunFolder run = run("a", options(), ProgressListener.NONE);
    Files.delete(run.path().resolve("artifact.json"));
    List<ProgressEvent> again = new ArrayList<>();
    train("a", run, again::add);
    assertThat(run.artifact().orElseThrow().model()).isEqualTo("bilstm@1");
    assertThat(models("a").versions("bilstm")).containsExactly(1);
    assertThat(again.toString()).contains("published as bilstm@1 by an earlier attempt");

    Map<String, Object> other = options();
    other.put("run_name", "other");
    assertThat(run("a", other, ProgressListener.NONE).artifact().orElseThrow().model())
        .as("the same bits of another run")
        .isEqualTo("bilstm@2");
  }
}
