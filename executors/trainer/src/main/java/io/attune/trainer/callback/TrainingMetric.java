package io.attune.trainer.callback;

/// The meters of training.
enum TrainingMetric {
  /// Loss of the last step.
  LOSS("attune.training.loss"),
  /// Learning rate of the last step.
  LEARNING_RATE("attune.training.learning.rate"),
  /// Items trained on per second.
  ITEMS_PER_SECOND("attune.training.items.per.second"),
  /// Seconds until the end; -1 where it is not known.
  SECONDS_LEFT("attune.training.seconds.left"),
  /// Steps made since the process started.
  STEPS("attune.training.steps"),
  /// Value of an evaluated metric, tag `metric`.
  EVALUATION("attune.training.evaluation");

  private final String meter;

  TrainingMetric(String meter) {
    this.meter = meter;
  }

  String meter() {
    return meter;
  }
}
