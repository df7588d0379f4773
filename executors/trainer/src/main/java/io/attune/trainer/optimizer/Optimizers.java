package io.attune.trainer.optimizer;

import io.attune.trainer.option.Catalog;
import io.attune.trainer.option.Option;
import io.attune.trainer.option.OptionType;
import java.util.ArrayList;
import java.util.List;

/// The optimisers there are, by the names and with the defaults of torch.
public final class Optimizers {
  private static final Catalog<OptimizerChoice> CATALOG =
      Catalog.of(
          "optimizer",
          new OptimizerChoice(
              "AdamW",
              "Adam with decoupled weight decay (arXiv:1711.05101)",
              options(0.01, adam()),
              options -> Adam.of(options, true)),
          new OptimizerChoice(
              "Adam",
              "Adam, weight decay added to the gradient (arXiv:1412.6980)",
              options(0, adam()),
              options -> Adam.of(options, false)),
          new OptimizerChoice(
              "SGD",
              "stochastic gradient descent, with momentum if asked",
              options(
                  0,
                  Option.atLeast("momentum", 0, 0, "how much of the last direction is kept"),
                  Option.real("dampening", 0, "how much less of the gradient joins it"),
                  Option.flag("nesterov", false, "look ahead by the momentum")),
              Sgd::of));

  private Optimizers() {}

  /// All optimisers by name.
  public static Catalog<OptimizerChoice> catalog() {
    return CATALOG;
  }

  private static Option[] adam() {
    return new Option[] {
      new Option(
          "betas",
          new OptionType.Interval(0, Math.nextDown(1f)),
          List.of(0.9, 0.999),
          "how much of the moments is kept, first and second"),
      Option.positive("eps", 1e-8, "added to the divisor")
    };
  }

  private static List<Option> options(double weightDecay, Option... own) {
    List<Option> options = new ArrayList<>();
    options.add(
        Option.atLeast(OptimizerChoice.LEARNING_RATE, 1e-3, 0, "how far a step goes at most"));
    options.addAll(List.of(own));
    options.addAll(ParameterGroups.options(weightDecay));
    options.add(
        Option.atLeast(
            OptimizerChoice.MAX_GRADIENT_NORM,
            1,
            0,
            "gradients are scaled down to this norm of all together; 0 leaves them"));
    return options;
  }
}
