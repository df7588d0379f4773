package io.attune.trainer.callback;

import io.attune.trainer.run.Measured;

/// Writes a checkpoint after each epoch, from which a run resumes bit for bit.
///
/// It comes last of all callbacks, so that what it keeps of an epoch includes what the others made
/// of it. Metrics and log are synced before it: a run that resumes never misses what was told
/// before its checkpoint.
final class TrainingCheckpoint implements Callback {
  private final int lastEpochs;

  TrainingCheckpoint(int lastEpochs) {
    this.lastEpochs = lastEpochs;
  }

  @Override
  public void epochEnd(Fit fit, Measured measured) {
    if (measured.epoch() == 0) {
      return; // nothing is lost by beginning again
    }
    fit.folder().sync();
    fit.folder().checkpoints().save(fit.checkpoint(), lastEpochs);
  }
}
