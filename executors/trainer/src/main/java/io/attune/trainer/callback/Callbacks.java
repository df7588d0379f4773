package io.attune.trainer.callback;

import io.attune.trainer.run.CallbackConfig;
import io.attune.trainer.run.Measured;
import io.attune.trainer.run.ProgressEvent;
import io.attune.trainer.run.RunConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// The callbacks of a run, called one after another in a fixed order, whatever order they were
/// written in: those that judge or replace weights, what merges them, evaluations, checkpoints
/// last. So everything is measured before it is judged, the published weights are there before the
/// last evaluation, and a checkpoint knows what the others decided.
public final class Callbacks implements Callback {
  private final List<Callback> all;

  private Callbacks(List<Callback> all) {
    this.all = List.copyOf(all);
  }

  /// The callbacks of a configuration. Where it names no TrainingCheckpoint, the last epoch's is
  /// kept: every run can be resumed.
  ///
  /// @param data reads the files of an evaluation
  /// @param more further ones, called before the checkpoints
  public static Callbacks of(
      RunConfig config,
      Function<CallbackConfig.Evaluation, EvaluationData> data,
      List<Callback> more) {
    List<Callback> judging = new ArrayList<>();
    List<Callback> evaluating = new ArrayList<>();
    int lastEpochs = 1;
    boolean replaced = config.callbacks().stream().anyMatch(CallbackConfig::replacesWeights);
    List<Callback> merging = new ArrayList<>();
    for (CallbackConfig each : config.callbacks()) {
      switch (each) {
        case CallbackConfig.Evaluation evaluation ->
            evaluating.add(
                new EvaluationCallback(
                    evaluation, data.apply(evaluation), config.seed(), replaced));
        case CallbackConfig.BestModel best -> judging.add(new BestModelCheckpoint(best));
        case CallbackConfig.WiseFt merge -> merging.add(new WiseFt(merge));
        case CallbackConfig.EarlyStopping stopping -> judging.add(new EarlyStopping(stopping));
        case CallbackConfig.Checkpointing checkpointing -> lastEpochs = checkpointing.lastKEpochs();
      }
    }
    List<Callback> all = new ArrayList<>(judging);
    all.addAll(merging);
    all.addAll(evaluating);
    all.addAll(more);
    all.add(new TrainingCheckpoint(lastEpochs));
    return new Callbacks(all);
  }

  @Override
  public void restore(Fit fit, List<Measured> history) {
    all.forEach(each -> each.restore(fit, history));
  }

  @Override
  public void fitBegin(Fit fit) {
    all.forEach(each -> each.fitBegin(fit));
  }

  @Override
  public void epochBegin(Fit fit, int epoch) {
    all.forEach(each -> each.epochBegin(fit, epoch));
  }

  @Override
  public void stepEnd(Fit fit, ProgressEvent.Step step) {
    all.forEach(each -> each.stepEnd(fit, step));
  }

  @Override
  public Map<String, Double> measure(Fit fit, int epoch) {
    Map<String, Double> values = new LinkedHashMap<>();
    all.forEach(each -> values.putAll(each.measure(fit, epoch)));
    return values;
  }

  @Override
  public void epochEnd(Fit fit, Measured measured) {
    all.forEach(each -> each.epochEnd(fit, measured));
  }

  @Override
  public void fitEnd(Fit fit) {
    all.forEach(each -> each.fitEnd(fit));
  }

  /// Tells all of them, whatever one of them throws.
  @Override
  public void exception(Fit fit, Throwable failure) {
    for (Callback each : all) {
      try {
        each.exception(fit, failure);
      } catch (RuntimeException e) {
        failure.addSuppressed(e);
      }
    }
  }
}
