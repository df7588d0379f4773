package io.attune.cli.train;

import io.attune.cli.Console;
import io.attune.evaluator.metrics.Estimate;
import io.attune.trainer.run.ProgressEvent;
import io.attune.trainer.run.ProgressListener;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Shows a run as it goes: a bar over its steps with the newest loss, a line for everything else;
/// and keeps what was measured before and after.
public final class FitProgress implements ProgressListener, AutoCloseable {
  private final Console console;
  private final Map<String, Estimate> before = new LinkedHashMap<>();
  private final Map<String, Estimate> after = new LinkedHashMap<>();
  private final Map<String, Estimate> gain = new LinkedHashMap<>();
  private Console.@Nullable Progress bar;
  private @Nullable Double seconds;

  public FitProgress(Console console) {
    this.console = console;
  }

  @Override
  public void on(ProgressEvent event) {
    switch (event) {
      case ProgressEvent.FitBegin begin -> {
        console.note(ProgressText.of(event));
        bar = console.progress("training", begin.totalSteps(), "steps");
      }
      case ProgressEvent.Step step -> {
        if (bar != null) {
          bar.beside(ProgressText.loss(step));
          bar.to(step.step());
        }
      }
      case ProgressEvent.Evaluated evaluated -> {
        keep(evaluated);
        console.note(ProgressText.of(event));
      }
      case ProgressEvent.EpochEnd _, ProgressEvent.Message _ ->
          console.note(ProgressText.of(event));
      case ProgressEvent.FitEnd end -> {
        seconds = end.seconds();
        close();
        console.note(ProgressText.of(event));
      }
    }
  }

  private void keep(ProgressEvent.Evaluated evaluated) {
    String prefix = evaluated.caption().isEmpty() ? "" : evaluated.caption() + "_";
    Map<String, Estimate> target =
        switch (evaluated.phase()) {
          case ProgressEvent.Evaluated.BEFORE -> before;
          case ProgressEvent.Evaluated.AFTER -> after;
          default -> new LinkedHashMap<>();
        };
    evaluated.metrics().forEach((metric, value) -> target.put(prefix + metric, value));
    evaluated.gain().forEach((metric, value) -> gain.put(prefix + metric, value));
  }

  /// The metrics before training.
  Map<String, Estimate> before() {
    return before;
  }

  /// The metrics of what is published.
  Map<String, Estimate> after() {
    return after;
  }

  /// What each metric gained, with its paired interval.
  Map<String, Estimate> gain() {
    return gain;
  }

  /// How long the run took; null where it did not come to its end.
  @Nullable Double seconds() {
    return seconds;
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }
}
