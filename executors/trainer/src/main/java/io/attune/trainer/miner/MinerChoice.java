package io.attune.trainer.miner;

import io.attune.trainer.option.Choice;
import io.attune.trainer.option.Option;
import io.attune.trainer.option.Options;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A miner that can be chosen by name.
///
/// @param name what people write
/// @param help one sentence
/// @param options its options
/// @param maker makes it of checked options
public record MinerChoice(
    String name, String help, List<Option> options, Function<Options, Miner> maker)
    implements Choice {
  public MinerChoice {
    options = List.copyOf(options);
  }

  /// Makes the miner.
  ///
  /// @throws io.attune.runtime.FlowException where a name is unknown or a value impossible
  public Miner make(Map<String, ? extends @Nullable Object> given) {
    return maker.apply(check(given));
  }
}
