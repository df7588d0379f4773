package io.attune.trainer.optimizer;

/// How the learning rate changes over a run.
@FunctionalInterface
public interface Schedule {
  /// What the learning rate is multiplied by.
  ///
  /// @param step updates done before this one, counted from 0
  double factor(long step);
}
