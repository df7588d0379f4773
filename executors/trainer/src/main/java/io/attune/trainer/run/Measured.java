package io.attune.trainer.run;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// What was measured at the end of an epoch; epoch 0 is before training.
///
/// @param epoch the epochs done
/// @param step the steps done
/// @param values by name: `train_loss`, `val_loss`, and evaluated metrics by their label
public record Measured(int epoch, long step, Map<String, Double> values) {
  public Measured {
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }
}
