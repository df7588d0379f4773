package io.attune.encoder;

import io.attune.runtime.FlowException;
import io.attune.runtime.Parameters;
import java.time.Duration;
import java.util.Set;

/// How versions are loaded beside the live one.
///
/// @param modelBytes `model_bytes`: the memory, in bytes, that all versions together may take, as
///   estimated from their files; 0, the default, for what the machine and its limits leave
/// @param timeout `check_seconds`: how long the process that tries a version may take, 1..3600 s;
///   60
/// @param slowest `slower_at_most`: how many times the processor time of the live version a new one
///   may take for the same inputs, 1..1000; 20. Less than 1 ms is never too slow
public record LoadOptions(long modelBytes, Duration timeout, double slowest) {
  static final Set<String> KEYS = Set.of("model_bytes", "check_seconds", "slower_at_most");

  /// The defaults.
  public static final LoadOptions DEFAULT = new LoadOptions(0, Duration.ofSeconds(60), 20);

  private static final double MOST_BYTES = 1e15;

  /// Reads them.
  ///
  /// @throws FlowException where one is of the wrong type or out of its range
  static LoadOptions from(Parameters with) {
    return new LoadOptions(
        (long) number(with, "model_bytes", 0, 0, MOST_BYTES),
        Duration.ofSeconds(with.integer("check_seconds", 60, 1, 3600)),
        number(with, "slower_at_most", DEFAULT.slowest, 1, 1000));
  }

  private static double number(
      Parameters with, String name, double fallback, double least, double most) {
    double value = with.number(name).orElse(fallback);
    if (!(value >= least && value <= most)) {
      throw FlowException.invalid(
          "%s: %s (expected: %.0f..%.0f)".formatted(name, value, least, most));
    }
    return value;
  }
}
