package io.attune.trainer.callback;

import io.attune.evaluator.metrics.Estimate;
import io.attune.trainer.run.ProgressEvent;
import io.attune.trainer.run.ProgressListener;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.ToDoubleFunction;

/// The progress of the run that is trained now, as Micrometer's gauges: for the process that
/// watches the run, whose metrics page people read.
public final class TrainingMeters implements ProgressListener {
  private final MeterRegistry registry;
  private final AtomicReference<ProgressEvent.Step> last =
      new AtomicReference<>(
          new ProgressEvent.Step(0, 0, Double.NaN, Double.NaN, Double.NaN, Double.NaN));
  private final Map<String, AtomicReference<Double>> evaluated = new ConcurrentHashMap<>();
  private final Counter steps;

  public TrainingMeters(MeterRegistry registry) {
    this.registry = registry;
    this.steps = registry.counter(TrainingMetric.STEPS.meter());
    gauge(TrainingMetric.LOSS, step -> step.loss());
    gauge(TrainingMetric.LEARNING_RATE, step -> step.learningRate());
    gauge(TrainingMetric.ITEMS_PER_SECOND, step -> step.itemsPerSecond());
    gauge(TrainingMetric.SECONDS_LEFT, step -> step.secondsLeft());
  }

  private void gauge(TrainingMetric metric, ToDoubleFunction<ProgressEvent.Step> value) {
    Gauge.builder(metric.meter(), last, step -> value.applyAsDouble(step.get())).register(registry);
  }

  @Override
  public void on(ProgressEvent event) {
    switch (event) {
      case ProgressEvent.Step step -> {
        last.set(step);
        steps.increment();
      }
      case ProgressEvent.Evaluated evaluation -> evaluation.metrics().forEach(this::evaluated);
      case ProgressEvent.FitBegin _,
          ProgressEvent.EpochEnd _,
          ProgressEvent.Message _,
          ProgressEvent.FitEnd _ -> {}
    }
  }

  private void evaluated(String metric, Estimate estimate) {
    evaluated.computeIfAbsent(metric, this::register).set(estimate.value());
  }

  private AtomicReference<Double> register(String metric) {
    AtomicReference<Double> value = new AtomicReference<>(Double.NaN);
    Gauge.builder(TrainingMetric.EVALUATION.meter(), value, AtomicReference::get)
        .tag("metric", metric)
        .register(registry);
    return value;
  }
}
