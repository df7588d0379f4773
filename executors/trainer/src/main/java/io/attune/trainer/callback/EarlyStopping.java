package io.attune.trainer.callback;

import io.attune.trainer.run.CallbackConfig;
import io.attune.trainer.run.Measured;
import java.util.List;

/// Stops training that does not get better.
///
/// After each epoch the monitored value is compared with the best so far, which begins at the
/// baseline where there is one and stays the best that was reached (Finetuner fell back to the
/// baseline at every epoch, so that with one, getting worse was never seen). It is better where it
/// beats the best by more than `min_delta`. After `patience` epochs in a row that were not better,
/// training stops; so with 2, the second of them is the last. The value before training (epoch 0)
/// does not count: tuning may make a model worse before it makes it better. Epochs in which the
/// value was not measured do not count either.
final class EarlyStopping implements Callback {
  private final Monitor monitor;
  private final int patience;
  private int waited;

  EarlyStopping(CallbackConfig.EarlyStopping config) {
    this.monitor =
        new Monitor(config.monitor(), config.mode(), config.minDelta(), config.baseline());
    this.patience = config.patience();
  }

  @Override
  public void restore(Fit fit, List<Measured> history) {
    history.forEach(measured -> judge(fit, measured));
  }

  @Override
  public void epochEnd(Fit fit, Measured measured) {
    judge(fit, measured);
  }

  private void judge(Fit fit, Measured measured) {
    if (isEnough(measured)) {
      fit.stop(
          "%s is no better than %.6g for %d epochs"
              .formatted(monitor.name(), monitor.best(), waited));
    }
  }

  private boolean isEnough(Measured measured) {
    Double value = monitor.of(measured);
    if (value == null || measured.epoch() == 0) {
      return false;
    }
    waited = monitor.improves(value) ? 0 : waited + 1;
    return waited >= patience;
  }
}
