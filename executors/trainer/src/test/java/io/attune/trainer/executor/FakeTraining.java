package io.attune.trainer.executor;

import io.attune.trainer.run.ProgressEvent;
import io.attune.trainer.run.ProgressListener;
import io.attune.trainer.run.RunArtifact;
import io.attune.trainer.run.RunConfig;
import io.attune.trainer.run.RunFolder;
import io.attune.trainer.run.RunMain;
import io.attune.trainer.run.RunProcess;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/// A training process that does what the run's description says, and trains nothing.
final class FakeTraining {
  private FakeTraining() {}

  public static void main(String[] arguments) {
    RunMain.run(arguments, FakeTraining::train);
  }

  static RunProcess start(RunFolder run) {
    return RunProcess.start(run, FakeTraining.class);
  }

  private static void train(RunConfig config, RunFolder folder, ProgressListener listener) {
    listener.on(new ProgressEvent.FitBegin(0, 1, 3));
    for (long step = 1; step <= 3; step++) {
      listener.on(new ProgressEvent.Step(step, 1, 1.0 / step, 1e-5, 10, 3 - step));
    }
    listener.on(new ProgressEvent.EpochEnd(3, 1, Map.of("train_loss", 0.5)));
    boolean first = folder.state().attempts() == 1;
    if (config.description().equals("fails") && first) {
      // it is over, and its process not gone yet
      Runtime.getRuntime().addShutdownHook(new Thread(FakeTraining::linger));
      throw new IllegalStateException("the loss is a number no more");
    }
    for (long step = 4; config.description().equals("goes on") && first; step++) {
      listener.on(new ProgressEvent.Step(step, 1, 0, 1e-5, 10, -1));
    }
    listener.on(new ProgressEvent.FitEnd(3, 0.5, "epochs"));
    folder.artifact(new RunArtifact("mlp@1", "store"));
  }

  private static void linger() {
    LockSupport.parkNanos(Duration.ofMillis(500).toNanos());
  }
}
