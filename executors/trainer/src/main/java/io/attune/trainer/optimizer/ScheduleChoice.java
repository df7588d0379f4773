package io.attune.trainer.optimizer;

import io.attune.runtime.FlowException;
import io.attune.trainer.option.Choice;
import io.attune.trainer.option.Option;
import io.attune.trainer.option.Options;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A schedule that can be chosen by name.
///
/// @param name what people write
/// @param help one sentence
/// @param options its options
/// @param formula the factor after warm-up
public record ScheduleChoice(String name, String help, List<Option> options, Formula formula)
    implements Choice {
  static final String WARMUP_STEPS = "num_warmup_steps";
  static final String WARMUP_RATIO = "warmup_ratio";

  /// A schedule after its warm-up.
  @FunctionalInterface
  interface Formula {
    /// The factor at a share of the steps after warm-up; the share passes 1 where a run goes on.
    double factor(double progress, Options options);
  }

  public ScheduleChoice {
    options = List.copyOf(options);
  }

  /// Makes the schedule.
  ///
  /// @param given option values by name
  /// @param steps how many updates the run makes
  /// @throws FlowException where a name is unknown or a value impossible
  public Schedule make(Map<String, ? extends @Nullable Object> given, long steps) {
    Options checked = check(given);
    long warmup = warmup(checked, steps);
    return step -> {
      if (step < warmup) {
        return (double) step / Math.max(1, warmup);
      }
      double progress = steps == warmup ? 1 : (double) (step - warmup) / (steps - warmup);
      return formula.factor(progress, checked);
    };
  }

  private long warmup(Options options, long steps) {
    if (!options.has(WARMUP_STEPS)) {
      return 0;
    }
    long count = options.whole(WARMUP_STEPS);
    double ratio = options.real(WARMUP_RATIO);
    if (count > 0 && ratio > 0) {
      throw FlowException.invalid(
          "%s, %s: %d, %s (expected: one of them)"
              .formatted(WARMUP_STEPS, WARMUP_RATIO, count, ratio));
    }
    if (count > steps) {
      throw FlowException.invalid(
          "%s: %d (expected: at most the run's %d steps)".formatted(WARMUP_STEPS, count, steps));
    }
    return count > 0 ? count : (long) Math.ceil(ratio * steps);
  }
}
