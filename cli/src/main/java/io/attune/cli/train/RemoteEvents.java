package io.attune.cli.train;

import io.attune.evaluator.metrics.Estimate;
import io.attune.proto.attune.RunEvent;
import io.attune.trainer.run.ProgressEvent;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// Events of runs as a trainer sends them.
final class RemoteEvents {
  private RemoteEvents() {}

  /// The event; empty for a run's standing, and for one that a later Attune knows.
  static Optional<ProgressEvent> of(RunEvent event) {
    long step = event.getStep();
    return Optional.ofNullable(
        switch (event.getEventCase()) {
          case FIT_BEGIN -> {
            RunEvent.FitBegin begin = event.getFitBegin();
            yield new ProgressEvent.FitBegin(step, begin.getEpochs(), begin.getTotalSteps());
          }
          case FIT_STEP -> {
            RunEvent.Step one = event.getFitStep();
            yield new ProgressEvent.Step(
                step,
                one.getEpoch(),
                one.getLoss(),
                one.getLearningRate(),
                one.getItemsPerSecond(),
                one.getSecondsLeft());
          }
          case EVALUATED -> {
            RunEvent.Evaluated evaluated = event.getEvaluated();
            yield new ProgressEvent.Evaluated(
                step,
                evaluated.getEpoch(),
                evaluated.getPhase(),
                evaluated.getCaption(),
                estimates(evaluated.getMetricsMap()),
                estimates(evaluated.getGainMap()));
          }
          case EPOCH_END ->
              new ProgressEvent.EpochEnd(
                  step, event.getEpochEnd().getEpoch(), event.getEpochEnd().getValuesMap());
          case MESSAGE -> new ProgressEvent.Message(step, event.getMessage().getText());
          case FIT_END ->
              new ProgressEvent.FitEnd(
                  step, event.getFitEnd().getSeconds(), event.getFitEnd().getReason());
          case RUN, EVENT_NOT_SET -> null;
        });
  }

  private static Map<String, Estimate> estimates(
      Map<String, io.attune.proto.attune.Estimate> sent) {
    Map<String, Estimate> estimates = new LinkedHashMap<>();
    sent.forEach((metric, value) ->
        estimates.put(metric, new Estimate(value.getValue(), value.getLow(), value.getHigh())));
    return estimates;
  }
}
