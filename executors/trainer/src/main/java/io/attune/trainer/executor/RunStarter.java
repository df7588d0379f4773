package io.attune.trainer.executor;

import io.attune.trainer.run.RunFolder;
import io.attune.trainer.run.RunProcess;

/// Starts the process of a run.
@FunctionalInterface
interface RunStarter {
  RunProcess start(RunFolder run);
}
