package io.attune.trainer.callback;

import java.util.function.LongSupplier;

/// How fast training goes, over its last steps, and how long it will take.
public final class Pace {
  private static final int STEPS = 20;

  private final LongSupplier nanos;
  private final long[] times = new long[STEPS + 1];
  private final long[] items = new long[STEPS + 1];
  private int marks;

  /// Begins to measure.
  ///
  /// @param nanos the time, such as `System::nanoTime`
  public Pace(LongSupplier nanos) {
    this.nanos = nanos;
    restart();
  }

  /// Forgets what was before, such as an evaluation between two steps.
  public void restart() {
    marks = 0;
    mark(0);
  }

  /// Notes that a step was made.
  ///
  /// @param trained the items it trained on
  public void step(int trained) {
    mark(trained);
  }

  private void mark(int trained) {
    int before = Math.floorMod(marks - 1, times.length);
    int at = marks % times.length;
    items[at] = (marks == 0 ? 0 : items[before]) + trained;
    times[at] = nanos.getAsLong();
    marks++;
  }

  /// Items per second; 0 before the first step.
  public double itemsPerSecond() {
    return perSecond(items[newest()] - items[oldest()]);
  }

  /// Seconds until so many more steps are made; -1 where nobody knows.
  ///
  /// @param steps how many; negative where it is not known
  public double secondsFor(long steps) {
    double stepsPerSecond = perSecond(Math.min(marks - 1, STEPS));
    return steps < 0 || stepsPerSecond == 0 ? -1 : steps / stepsPerSecond;
  }

  private double perSecond(long count) {
    long taken = times[newest()] - times[oldest()];
    return taken <= 0 ? 0 : count * 1e9 / taken;
  }

  private int newest() {
    return (marks - 1) % times.length;
  }

  private int oldest() {
    return marks <= times.length ? 0 : marks % times.length;
  }
}
