package io.attune.trainer.run;

/// Trains one model in the process it is called in.
public interface Training {
  /// Trains to the end, or goes on from the newest checkpoint in the folder.
  ///
  /// @param config what to do
  /// @param folder where checkpoints and the reference to the artifact go
  /// @param listener told of every step; it throws a [io.attune.runtime.FlowException] with the
  ///   code CANCELLED once somebody asked to cancel, which ends the training
  void run(RunConfig config, RunFolder folder, ProgressListener listener);
}
