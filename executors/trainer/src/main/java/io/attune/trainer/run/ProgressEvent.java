package io.attune.trainer.run;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.attune.evaluator.metrics.Estimate;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;

/// What happens in a run. Written to `metrics.jsonl` as one JSON object a line, its kind under
/// `event`, keys in snake case. Epochs and steps count from 1: step 12 is the state after twelve
/// updates; 0 is before the first.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "event")
@JsonSubTypes({
  @JsonSubTypes.Type(value = ProgressEvent.FitBegin.class, name = "fit_begin"),
  @JsonSubTypes.Type(value = ProgressEvent.Step.class, name = "step"),
  @JsonSubTypes.Type(value = ProgressEvent.Evaluated.class, name = "evaluated"),
  @JsonSubTypes.Type(value = ProgressEvent.EpochEnd.class, name = "epoch_end"),
  @JsonSubTypes.Type(value = ProgressEvent.Message.class, name = "message"),
  @JsonSubTypes.Type(value = ProgressEvent.FitEnd.class, name = "fit_end"),
})
public sealed interface ProgressEvent {
  /// The step after which it happened.
  long step();

  /// The event as a line of `metrics.jsonl`.
  default String toJson() {
    return RunJson.MAPPER.writeValueAsString(this);
  }

  /// The event as that line's names and values.
  default Map<String, @Nullable Object> toMap() {
    return RunJson.MAPPER.readValue(toJson(), new TypeReference<>() {});
  }

  /// Training begins, or goes on: what was told of later steps before does not count any more.
  ///
  /// @param step the steps done before: 0, or those of the checkpoint it goes on from
  /// @param epochs how many are planned
  /// @param totalSteps how many are planned; -1 where the data is a stream of unknown length
  record FitBegin(long step, int epochs, long totalSteps) implements ProgressEvent {}

  /// An update was made.
  ///
  /// @param epoch of the step
  /// @param loss the mean over the step's batches, as the loss defines it
  /// @param learningRate of this step
  /// @param itemsPerSecond items trained on per second, over the last steps
  /// @param secondsLeft until the end at that rate; -1 where the end is not known
  record Step(
      long step,
      int epoch,
      double loss,
      double learningRate,
      double itemsPerSecond,
      double secondsLeft)
      implements ProgressEvent {}

  /// The model was evaluated.
  ///
  /// @param epoch the epochs done; 0 before training
  /// @param phase when: `before`, `epoch` or `after`
  /// @param caption which evaluation, where there are several; empty for the only one
  /// @param metrics each metric by its label, with its interval
  /// @param gain what each metric gained since before training, query by query, with the paired
  ///   interval: training made a difference where it excludes 0; empty but in phase `after`
  record Evaluated(
      long step,
      int epoch,
      String phase,
      String caption,
      Map<String, Estimate> metrics,
      Map<String, Estimate> gain)
      implements ProgressEvent {
    /// Before the first step.
    public static final String BEFORE = "before";

    /// After an epoch.
    public static final String EPOCH = "epoch";

    /// With the weights that are published.
    public static final String AFTER = "after";

    public Evaluated {
      metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
      gain = Collections.unmodifiableMap(new LinkedHashMap<>(gain));
    }

    /// Without a gain.
    public Evaluated(
        long step, int epoch, String phase, String caption, Map<String, Estimate> metrics) {
      this(step, epoch, phase, caption, metrics, Map.of());
    }
  }

  /// An epoch is over.
  ///
  /// @param values `train_loss`, `val_loss` where it is measured, and the value of every evaluated
  ///   metric: what callbacks monitor
  record EpochEnd(long step, int epoch, Map<String, Double> values) implements ProgressEvent {
    public EpochEnd {
      values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }
  }

  /// Something people should know.
  record Message(long step, String text) implements ProgressEvent {}

  /// Training is over, and the artifact is written.
  ///
  /// @param seconds of this attempt
  /// @param reason why it ended: `epochs`, `max_steps`, or what a callback said
  record FitEnd(long step, double seconds, String reason) implements ProgressEvent {}
}
