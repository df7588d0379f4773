package io.attune.trainer.run;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// All that training needs to go on, bit for bit. It holds no state of a random generator: what is
/// random follows from (seed, epoch, step).
///
/// @param epoch the epochs completely done
/// @param step the steps done
/// @param configHash the [RunConfig#hash()] it was trained with
/// @param weights each trained parameter by its name
/// @param optimizer the optimiser's arrays by names of its own, such as first and second moments
/// @param state anything else, by name, as its owner wrote it
/// @param history what was measured so far, from which callbacks restore themselves
public record Checkpoint(
    int epoch,
    long step,
    String configHash,
    Map<String, float[]> weights,
    Map<String, float[]> optimizer,
    Map<String, byte[]> state,
    List<Measured> history) {
  public Checkpoint {
    weights = Collections.unmodifiableMap(new LinkedHashMap<>(weights));
    optimizer = Collections.unmodifiableMap(new LinkedHashMap<>(optimizer));
    state = Collections.unmodifiableMap(new LinkedHashMap<>(state));
    history = List.copyOf(history);
  }

  /// The same with the weights alone: what is kept of the best epoch.
  public Checkpoint weightsOnly() {
    return new Checkpoint(epoch, step, configHash, weights, Map.of(), Map.of(), history);
  }
}
