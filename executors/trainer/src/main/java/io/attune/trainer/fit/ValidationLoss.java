package io.attune.trainer.fit;

import io.attune.trainer.callback.Callback;
import io.attune.trainer.callback.Fit;
import io.attune.trainer.data.collation.BatchFeed;
import io.attune.trainer.data.collation.Collator;
import io.attune.trainer.data.collation.EncodedStep;
import io.attune.trainer.data.sampler.Sampler;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/// Measures `val_loss`: the mean loss over data that is not trained on, the same batches each time,
/// with dropout inactive.
final class ValidationLoss implements Callback {
  private final Sampler sampler;
  private final Collator collator;
  private final ToDoubleFunction<EncodedStep> loss;

  /// @param loss the loss of a batch, without gradients
  ValidationLoss(Sampler sampler, Collator collator, ToDoubleFunction<EncodedStep> loss) {
    this.sampler = sampler;
    this.collator = collator;
    this.loss = loss;
  }

  @Override
  public Map<String, Double> measure(Fit fit, int epoch) {
    double sum = 0;
    int batches = 0;
    try (BatchFeed steps = BatchFeed.start(sampler.epoch(0), 0, collator)) {
      while (steps.hasNext()) {
        sum += loss.applyAsDouble(steps.next());
        batches++;
      }
    }
    return Map.of("val_loss", sum / batches);
  }
}
