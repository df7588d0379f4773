package io.attune.trainer.optimizer;

import io.attune.runtime.FlowException;
import io.attune.trainer.option.Choice;
import io.attune.trainer.option.Option;
import io.attune.trainer.option.Options;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// An optimiser that can be chosen by name.
///
/// @param name what people write
/// @param help one sentence
/// @param options its options
/// @param rule its arithmetic, of checked options
public record OptimizerChoice(
    String name, String help, List<Option> options, Function<Options, UpdateRule> rule)
    implements Choice {
  static final String LEARNING_RATE = "learning_rate";
  static final String MAX_GRADIENT_NORM = "max_grad_norm";

  public OptimizerChoice {
    options = List.copyOf(options);
  }

  /// The options with their values, refused where they do not go together.
  @Override
  public Options check(Map<String, ? extends @Nullable Object> given) {
    Options checked = Options.of(name, options, given);
    Objects.requireNonNull(rule.apply(checked), name);
    return checked;
  }

  /// Makes the optimiser.
  ///
  /// @param given option values by name
  /// @param parameters the weights that are trained, by public name: contiguous float32 arrays that
  ///   require a gradient and outlive the optimiser
  /// @param threads how many threads an update takes
  /// @throws FlowException where a name is unknown, a value impossible, or a pattern matches
  ///   nothing
  public Optimizer make(
      Map<String, ? extends @Nullable Object> given, List<Trainable> parameters, int threads) {
    if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
      throw FlowException.invalid(
          "jdk.incubator.vector: not there (expected: java --add-modules jdk.incubator.vector)");
    }
    if (parameters.isEmpty()) {
      throw FlowException.invalid("freeze: everything (expected: a weight that can be trained)");
    }
    Options checked = check(given);
    return new Optimizer(
        rule.apply(checked),
        checked.real(LEARNING_RATE),
        checked.real(MAX_GRADIENT_NORM),
        ParameterGroups.of(parameters, checked),
        threads);
  }
}
