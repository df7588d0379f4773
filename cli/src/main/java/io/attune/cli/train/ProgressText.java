package io.attune.cli.train;

import io.attune.evaluator.metrics.Estimate;
import io.attune.trainer.run.ProgressEvent;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Events of a run as lines for people.
public final class ProgressText {
  private ProgressText() {}

  /// One line.
  public static String of(ProgressEvent event) {
    return switch (event) {
      case ProgressEvent.FitBegin begin ->
          begin.step() == 0
              ? "training: %d epochs%s".formatted(begin.epochs(), steps(begin.totalSteps()))
              : "training goes on after step %d%s"
                  .formatted(begin.step(), steps(begin.totalSteps()));
      case ProgressEvent.Step step ->
          "step %d, epoch %d: loss %.4f, learning rate %.3g, %.0f items/s%s"
              .formatted(
                  step.step(),
                  step.epoch(),
                  step.loss(),
                  step.learningRate(),
                  step.itemsPerSecond(),
                  left(step.secondsLeft()));
      case ProgressEvent.Evaluated evaluated -> evaluated(evaluated);
      case ProgressEvent.EpochEnd end -> "epoch %d: %s".formatted(end.epoch(), values(end));
      case ProgressEvent.Message message -> message.text();
      case ProgressEvent.FitEnd end ->
          "done after step %d in %.0f s: %s".formatted(end.step(), end.seconds(), end.reason());
    };
  }

  /// What a step lost, for beside its number.
  static String loss(ProgressEvent.Step step) {
    return "loss %.4f".formatted(step.loss());
  }

  /// Time left, as the end of a sentence.
  public static String left(double seconds) {
    if (seconds < 0) {
      return "";
    }
    long whole = Math.round(seconds);
    return whole < 60
        ? ", %d s left".formatted(whole)
        : ", %d min %02d s left".formatted(whole / 60, whole % 60);
  }

  private static String steps(long total) {
    return total < 0 ? "" : ", %d steps".formatted(total);
  }

  private static String evaluated(ProgressEvent.Evaluated evaluated) {
    String caption = evaluated.caption().isEmpty() ? "" : " " + evaluated.caption();
    String when =
        evaluated.phase().equals(ProgressEvent.Evaluated.EPOCH)
            ? "epoch " + evaluated.epoch()
            : evaluated.phase() + " training";
    String values =
        evaluated.metrics().entrySet().stream()
            .map(metric -> value(metric) + gain(evaluated.gain().get(metric.getKey())))
            .collect(Collectors.joining(", "));
    return "evaluation%s, %s: %s".formatted(caption, when, values);
  }

  private static String value(Map.Entry<String, Estimate> metric) {
    Estimate value = metric.getValue();
    return "%s %.3f (%.3f–%.3f)"
        .formatted(metric.getKey(), value.value(), value.low(), value.high());
  }

  private static String gain(@Nullable Estimate gain) {
    return gain == null
        ? ""
        : ", gained %+.3f (%+.3f–%+.3f)".formatted(gain.value(), gain.low(), gain.high());
  }

  private static String values(ProgressEvent.EpochEnd end) {
    return end.values().entrySet().stream()
        .map(value -> "%s %.4f".formatted(value.getKey(), value.getValue()))
        .collect(Collectors.joining(", "));
  }
}
