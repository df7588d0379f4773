package io.attune.trainer.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import io.attune.runtime.FlowException;
import io.attune.trainer.data.Supervision;
import io.attune.trainer.miner.Miner;
import io.attune.trainer.option.Choice;
import io.attune.trainer.option.Option;
import io.attune.trainer.option.Options;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A loss that can be chosen by name.
///
/// @param name what people write
/// @param help one sentence
/// @param options its options
/// @param supervisions the kinds of data that it can learn from
/// @param mines whether a miner can choose its pairs or triplets
/// @param maker makes it of checked options
public record LossChoice(
    String name,
    String help,
    List<Option> options,
    Set<Class<? extends Supervision>> supervisions,
    boolean mines,
    Maker maker)
    implements Choice {
  /// Makes a loss.
  @FunctionalInterface
  public interface Maker {
    /// A loss of checked options.
    Loss make(Options options, @Nullable Miner miner);
  }

  public LossChoice {
    options = List.copyOf(options);
    supervisions = Set.copyOf(supervisions);
  }

  /// Makes the loss. Arrays that it makes on the way are closed when it returns.
  ///
  /// @param given option values by name
  /// @param miner what chooses pairs or triplets; null for all of the batch
  /// @throws FlowException where a name is unknown, a value impossible, or a miner of no use
  public Loss make(Map<String, ? extends @Nullable Object> given, @Nullable Miner miner) {
    if (miner != null && !mines) {
      throw FlowException.invalid(
          "miner: not used by %s (expected: none, or loss one of %s)"
              .formatted(name, Losses.names(LossChoice::mines)));
    }
    Loss loss = maker.make(check(given), miner);
    return (embeddings, supervision, seed) -> {
      require(supervision.getClass());
      try (NDScope scope = new NDScope()) {
        scope.suppressNotUsedWarning();
        NDArray value = loss.of(embeddings, supervision, seed);
        NDScope.unregister(value);
        return value;
      }
    };
  }

  /// Refuses data that this loss cannot learn from, saying what could be done.
  ///
  /// @param kind what the data gives
  public void require(Class<? extends Supervision> kind) {
    if (!supervisions.contains(kind)) {
      throw FlowException.invalid(
          "loss: %s cannot learn from %s (expected: data with %s, or for %s one of %s)"
              .formatted(
                  name,
                  noun(kind),
                  supervisions.stream()
                      .map(LossChoice::noun)
                      .sorted(Comparator.naturalOrder())
                      .collect(Collectors.joining(" or ")),
                  noun(kind),
                  Losses.names(choice -> choice.supervisions.contains(kind))));
    }
  }

  private static String noun(Class<? extends Supervision> kind) {
    return kind.getSimpleName().toLowerCase(Locale.ROOT);
  }
}
