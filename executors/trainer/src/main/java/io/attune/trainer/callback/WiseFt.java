package io.attune.trainer.callback;

import io.attune.trainer.run.CallbackConfig;
import io.attune.trainer.run.Checkpoint;
import io.attune.trainer.run.ProgressEvent;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/// Merges the tuned weights with those that training began from, and lets the merged ones be
/// published: each is `(1 − alpha) · before + alpha · tuned`.
///
/// Wortsman et al., "Robust fine-tuning of zero-shot models", CVPR 2022, after which Finetuner
/// names its callback. What is merged are the weights that would have been published without it,
/// the best ones where a [BestModelCheckpoint] keeps them.
final class WiseFt implements Callback {
  private final double alpha;

  WiseFt(CallbackConfig.WiseFt config) {
    this.alpha = config.alpha();
  }

  @Override
  public void fitEnd(Fit fit) {
    Checkpoint tuned = fit.checkpoint();
    fit.restore(tuned.withWeights(merged(fit.pretrained(), tuned.weights())));
    fit.listener()
        .on(
            new ProgressEvent.Message(
                fit.step(),
                "the weights are merged: %s of those before training, %s of the tuned ones"
                    .formatted(share(1 - alpha), share(alpha))));
  }

  /// Calculated in double precision, so that a weight which did not change stays as it is.
  private Map<String, float[]> merged(Map<String, float[]> before, Map<String, float[]> tuned) {
    Map<String, float[]> merged = new LinkedHashMap<>();
    before.forEach((name, old) -> {
      float[] now = Objects.requireNonNull(tuned.get(name), name);
      float[] values = new float[old.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) ((1 - alpha) * old[i] + alpha * now[i]);
      }
      merged.put(name, values);
    });
    return merged;
  }

  private static String share(double share) {
    return "%.3g".formatted(share);
  }
}
