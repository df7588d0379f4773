package io.attune.trainer.optimizer;

import java.lang.foreign.MemorySegment;

/// The arithmetic of an optimiser over a stretch of weights. It goes over them once.
///
/// Each element's result depends on nothing but that element and the step, so that it does not
/// matter how a tensor is cut and on which thread a stretch is computed.
interface UpdateRule {
  /// How many numbers it remembers per weight.
  int moments();

  /// Updates a stretch of weights.
  ///
  /// @param weights float32 weights
  /// @param gradient their gradient, as many
  /// @param moments what it remembers of them, as many each
  /// @param step this update's constants
  void update(MemorySegment weights, MemorySegment gradient, MemorySegment[] moments, Step step);

  /// The constants of one update.
  ///
  /// @param number updates, this one included, counted from 1
  /// @param learningRate the group's rate after schedule
  /// @param weightDecay the group's decay
  /// @param gradientScale what each gradient is multiplied by first
  record Step(long number, double learningRate, double weightDecay, float gradientScale) {}
}
