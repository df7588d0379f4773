package io.attune.trainer.optimizer;

import io.attune.trainer.option.Catalog;
import io.attune.trainer.option.Option;
import java.util.ArrayList;
import java.util.List;

/// The learning rate schedules there are, by the names and formulas of Hugging Face transformers.
/// In warm-up the factor is `step / num_warmup_steps`, so that the first update of all has 0.
public final class Schedules {
  private Schedules() {}

  /// All schedules by name.
  public static Catalog<ScheduleChoice> catalog() {
    return Catalog.of(
        "scheduler",
        new ScheduleChoice("constant", "no change", List.of(), (_, _) -> 1),
        new ScheduleChoice(
            "constant_with_warmup", "no change after warm-up", withWarmup(), (_, _) -> 1),
        new ScheduleChoice(
            "linear", "down to 0 in a line", withWarmup(), (p, _) -> Math.max(0, 1 - p)),
        new ScheduleChoice(
            "cosine",
            "down to 0 along a cosine",
            withWarmup(Option.positive("num_cycles", 0.5, "how many waves; 0.5 is one way down")),
            (p, options) ->
                Math.max(0, 0.5 * (1 + Math.cos(Math.PI * options.real("num_cycles") * 2 * p)))),
        new ScheduleChoice(
            "cosine_with_restarts",
            "down to 0 along a cosine, several times",
            withWarmup(Option.whole("num_cycles", 1, 1, "how many times")),
            (p, options) ->
                p >= 1
                    ? 0
                    : Math.max(
                        0, 0.5 * (1 + Math.cos(Math.PI * (options.whole("num_cycles") * p % 1))))));
  }

  private static List<Option> withWarmup(Option... more) {
    List<Option> options = new ArrayList<>();
    options.add(
        Option.whole(
            ScheduleChoice.WARMUP_STEPS, 0, 0, "updates over which the rate rises from 0"));
    options.add(
        Option.between(ScheduleChoice.WARMUP_RATIO, 0, 0, 1, "the same as a share of all updates"));
    options.addAll(List.of(more));
    return options;
  }
}
