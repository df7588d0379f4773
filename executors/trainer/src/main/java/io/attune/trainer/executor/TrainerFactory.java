package io.attune.trainer.executor;

import io.attune.runtime.Executor;
import io.attune.runtime.ExecutorContext;
import io.attune.runtime.ExecutorFactory;

/// Makes a [Trainer] for `uses: Trainer`; its options are in [TrainerOptions].
public final class TrainerFactory implements ExecutorFactory {
  @Override
  public Executor create(ExecutorContext context) {
    return Trainer.open(context);
  }
}
