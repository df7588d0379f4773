package io.attune.cli;

import io.attune.runtime.FlowException;

/// Checks of option values.
public final class Require {
  private Require() {}

  /// Refuses a whole number outside of a range.
  public static void within(String option, long value, long least, long most) {
    if (value < least || value > most) {
      throw FlowException.invalid(
          "%s: %d (expected: %d..%d)".formatted(option, value, least, most));
    }
  }

  /// Refuses a number outside of a range; NaN is outside of every range.
  public static void within(String option, double value, double least, double most) {
    if (!(value >= least && value <= most)) {
      throw FlowException.invalid(
          "%s: %s (expected: %s..%s)".formatted(option, value, least, most));
    }
  }
}
