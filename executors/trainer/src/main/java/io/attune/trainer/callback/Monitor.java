package io.attune.trainer.callback;

import io.attune.trainer.run.Measured;
import io.attune.trainer.run.MonitorMode;
import org.jspecify.annotations.Nullable;

/// The best value of something that is measured.
///
/// A value is better where it beats the best by more than `minDelta`: below it by more where lower
/// is better, above it by more otherwise. Equal values are not better, and NaN never is.
final class Monitor {
  private final String name;
  private final boolean lower;
  private final double minDelta;
  private double best;

  /// @param baseline what the first value must beat; null for nothing
  Monitor(String name, MonitorMode mode, double minDelta, @Nullable Double baseline) {
    this.name = name;
    this.lower = mode.isLowerBetter(name);
    this.minDelta = minDelta;
    double worst = lower ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY;
    this.best = baseline == null ? worst : baseline;
  }

  String name() {
    return name;
  }

  /// The best so far, the baseline included; infinite where there is none.
  double best() {
    return best;
  }

  /// The value measured, or null where it was not.
  @Nullable Double of(Measured measured) {
    return measured.values().get(name);
  }

  /// Takes a value and says whether it is better than all before.
  boolean improves(double value) {
    boolean better = lower ? value < best - minDelta : value > best + minDelta;
    if (better) {
      best = value;
    }
    return better;
  }
}
