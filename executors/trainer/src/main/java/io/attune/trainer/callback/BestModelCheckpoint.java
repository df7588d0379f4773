package io.attune.trainer.callback;

import io.attune.trainer.run.CallbackConfig;
import io.attune.trainer.run.Checkpoint;
import io.attune.trainer.run.Measured;
import io.attune.trainer.run.ProgressEvent;
import java.util.List;
import java.util.Optional;

/// Keeps the weights of the best epoch, and puts them back at the end of training, so that they are
/// what is published. Of equal epochs the first is the best. The untrained model (epoch 0) takes
/// part where the value was measured before training: a run never publishes what is worse, by its
/// own monitor, than what it started from.
final class BestModelCheckpoint implements Callback {
  private final Monitor monitor;

  BestModelCheckpoint(CallbackConfig.BestModel config) {
    this.monitor = new Monitor(config.monitor(), config.mode(), 0, null);
  }

  @Override
  public void restore(Fit fit, List<Measured> history) {
    history.forEach(this::isBest);
  }

  @Override
  public void epochEnd(Fit fit, Measured measured) {
    if (isBest(measured)) {
      fit.folder().checkpoints().saveBest(fit.checkpoint());
    }
  }

  private boolean isBest(Measured measured) {
    Double value = monitor.of(measured);
    return value != null && monitor.improves(value);
  }

  @Override
  public void fitEnd(Fit fit) {
    Optional<Checkpoint> best = fit.folder().checkpoints().best(fit.config());
    if (best.isPresent()) {
      fit.restore(best.get());
      fit.listener()
          .on(
              new ProgressEvent.Message(
                  fit.step(),
                  "the weights of epoch %d are the best: %s %.6g"
                      .formatted(best.get().epoch(), monitor.name(), monitor.best())));
    }
  }
}
